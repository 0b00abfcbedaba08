/** The same library computes, however it is reached: the same picture and the same text, to the last bit. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { noDrawFiles } from '../../contract/engine.ts';
import { WriteRequest } from '../../contract/write.ts';
import { collect, neverAborted, openTestPool, settingsWith } from './diffusion/drawing.fixture.ts';
import { createPainter } from './diffusion/painter.ts';
import { generateText } from './language/generate.ts';
import { loadTextModel } from './language/text-model.ts';
import { runtimeNames, type RuntimeName } from './runtime/runtimes.fixture.ts';

const starter = (kind: string) =>
  fileURLToPath(new URL(`../../models/starter/${kind}`, import.meta.url));

async function draw(runtime: RuntimeName): Promise<Uint8Array> {
  await using test = await openTestPool(2 ** 30, runtime);
  const location = { id: 'starter', folder: starter('image') };
  const settings = settingsWith({ width: 64, height: 64, steps: 3, seed: 3 });
  const drawing = createPainter().draw(test.pool, location, settings, {
    previews: false,
    files: noDrawFiles,
    signal: neverAborted,
  });
  return (await collect(drawing)).image.rgb;
}

async function write(runtime: RuntimeName): Promise<string> {
  await using test = await openTestPool(2 ** 30, runtime);
  const model = await loadTextModel({ id: 'starter', folder: starter('text') });
  const request = WriteRequest.parse({
    modelId: 'starter',
    prompt: 'Once upon a time',
    maxTokens: 40,
    sampling: { temperature: 0.9, topP: 0.95 },
    seed: 5,
    topAlternatives: 3,
  });
  const events: unknown[] = [];
  for await (const event of generateText(test.pool, model, request, {
    signal: neverAborted,
    drawSeed: () => 0,
  })) {
    if (event.kind === 'token') events.push(event);
  }
  return JSON.stringify(events);
}

describe('on either runtime', () => {
  it('the starter model draws the same bytes', async () => {
    const [native, portable] = await Promise.all(runtimeNames.map(draw));
    expect(native?.length).toBe(64 * 64 * 3);
    expect(portable).toEqual(native);
  });

  it('the starter model writes the same tokens with the same probabilities', async () => {
    const [native, portable] = await Promise.all(runtimeNames.map(write));
    expect(native?.length).toBeGreaterThan(100);
    expect(portable).toBe(native);
  });
});
