/** The engine as it is shipped, driven directly: nothing but the wire stands between. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DrawEvent, engineContract, type EngineClient } from '../contract/engine.ts';
import { defaultImageOptions } from '../contract/image-options.ts';
import type { ImageSettings } from '../contract/image-request.ts';
import { createClient } from '../contract/wire/client.ts';
import { forkNodeEngine } from '../main/studio/engine-client/node-engine-process.ts';

export const builtEngine = new URL('../dist/main/engine/main.js', import.meta.url);

export const starterModels = fileURLToPath(new URL('../models/starter', import.meta.url));

/** 256 × 256, 20 steps: the picture that the limits are stated for. */
export const starterPicture: ImageSettings = {
  modelId: 'starter',
  prompt: 'a red apple, 3d',
  negativePrompt: '',
  width: 256,
  height: 256,
  steps: 20,
  guidanceScale: 5,
  scheduler: 'dpmpp-2m',
  sigmaSchedule: 'karras',
  seed: 7,
  ...defaultImageOptions,
};

export interface TimedPicture {
  readonly picture: Extract<DrawEvent, { kind: 'image' }>;
  /** From the request to the pixels in this process, ms. */
  readonly wholeMs: number;
}

export interface BuiltEngine extends AsyncDisposable {
  readonly client: EngineClient;
  draw(changes?: Partial<ImageSettings>): Promise<TimedPicture>;
}

/** @param cacheFolder where optimised graphs are kept between engines; a fresh one without it */
export async function startBuiltEngine(cacheFolder?: string): Promise<BuiltEngine> {
  const ownFolder =
    cacheFolder === undefined ? mkdtempSync(path.join(tmpdir(), 'atelier-bench-')) : null;
  const engine = forkNodeEngine(builtEngine);
  const client = createClient(engineContract, engine.transport);
  await client['engine.configure']({
    provider: 'auto',
    threads: 0,
    memoryBudgetBytes: 4 * 2 ** 30,
    cacheFolder: cacheFolder ?? ownFolder ?? '',
  });
  return {
    client,
    async draw(changes = {}) {
      const startedAt = performance.now();
      const events = client['engine.draw']({
        model: { id: 'starter', folder: path.join(starterModels, 'image') },
        settings: { ...starterPicture, ...changes },
        previews: true,
      });
      for await (const event of events) {
        if (event.kind === 'image')
          return { picture: event, wholeMs: performance.now() - startedAt };
      }
      throw new Error('The engine ended the stream without a picture.');
    },
    async [Symbol.asyncDispose]() {
      engine.kill();
      await engine.exited;
      if (ownFolder !== null) rmSync(ownFolder, { recursive: true, force: true });
    },
  };
}
