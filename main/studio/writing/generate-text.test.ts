/** Runs of the real engine and the starter model, through the whole studio. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunEvent } from '../../../contract/scenes.ts';
import { createStudio, type Studio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';
import { hold, samplingForTests, textOf } from './writing.fixture.ts';

let base: string;
let studio: Studio;
let modelId: string;
let place: { projectId: string; sceneId: string };

function openStudio(): Promise<Studio> {
  const folders = {
    data: path.join(base, 'data'),
    library: path.join(base, 'library'),
    cache: path.join(base, 'cache'),
  };
  return createStudio(createNodeHostPorts('server', folders));
}

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-generate-'));
  studio = await openStudio();
  const model = (await studio.client['models.list']({})).find(({ kind }) => kind === 'text');
  modelId = model?.id ?? '';
  const project = await studio.client['projects.create']({ title: 'Runs' });
  place = { projectId: project.id, sceneId: project.chapters[0]?.scenes[0]?.id ?? '' };
}, 120_000);
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

async function generate(changes: { seed: number; alternatives?: number; tokens?: number }) {
  const { revision } = await studio.client['scenes.open'](place);
  const events: RunEvent[] = [];
  for await (const event of studio.client['scenes.generate']({
    ...place,
    revision,
    position: 1,
    task: 'continue',
    alternatives: changes.alternatives ?? 1,
    request: {
      modelId,
      prompt: 'The old house stood',
      sampling: samplingForTests,
      seed: changes.seed,
      maxTokens: changes.tokens ?? 12,
      topAlternatives: 3,
    },
  }))
    events.push(event);
  const [first] = events;
  if (first?.kind !== 'run') throw new Error('The run was not told first.');
  const texts: string[] = [];
  for (const event of events) {
    if (event.kind === 'write' && event.event.kind === 'token')
      texts[event.alternative] = (texts[event.alternative] ?? '') + event.event.text;
  }
  return { run: first.run, texts };
}

describe('a run of the engine', () => {
  it('is recorded with its model, its seed and every token with what else might have been drawn', async () => {
    const { run, texts } = await generate({ seed: 5 });
    expect(run).toMatchObject({ modelId, seed: 5, task: 'continue', alternatives: 1 });
    const tokens = await studio.client['scenes.tokens']({ ...place, run: run.id });
    expect(tokens.map(({ text }) => text).join('')).toBe(texts[0]);
    expect(tokens.map(({ index }) => index)).toEqual(tokens.map((_, index) => index));
    expect(tokens.every(({ alternatives }) => alternatives.length === 3)).toBe(true);
    const opened = await studio.client['scenes.open'](place);
    expect(opened).toMatchObject({ recoveredTokens: tokens.length });
    expect(textOf(hold(opened).doc).replaceAll('\n', '')).toBe(texts[0]?.replaceAll('\n', ''));
    expect(opened.runs.at(-1)).toMatchObject({ id: run.id, provider: 'cpu' });
    // A model's hash may take longer than its first words.
    await vi.waitFor(async () => {
      const { runs } = await studio.client['scenes.open'](place);
      expect(runs.at(-1)?.modelHash).toMatch(/^[0-9a-f]{64}$/);
    }, 10_000);
  }, 120_000);

  it('draws alternative i as a run with the seed + i would have', async () => {
    const { texts } = await generate({ seed: 40, alternatives: 2 });
    const { texts: alone } = await generate({ seed: 41 });
    expect(texts).toHaveLength(2);
    expect(texts[1]).toBe(alone[0]);
  }, 120_000);

  it('of a model that is not installed is refused before anything is written', async () => {
    const before = await studio.client['scenes.open'](place);
    const refused = studio.client['scenes.generate']({
      ...place,
      revision: before.revision,
      position: 1,
      task: 'continue',
      request: { modelId: 'no-such-model', prompt: 'x', sampling: samplingForTests },
    });
    await expect(refused[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'model-missing',
    });
    expect((await studio.client['scenes.open'](place)).runs).toHaveLength(before.runs.length);
  });

  it('whose engine dies keeps what it told', async () => {
    const { revision } = await studio.client['scenes.open'](place);
    let told = 0;
    let restarted: Promise<object> = Promise.resolve({});
    const dying = (async () => {
      for await (const event of studio.client['scenes.generate']({
        ...place,
        revision,
        position: 1,
        task: 'continue',
        request: { modelId, prompt: 'The', sampling: samplingForTests, seed: 1, maxTokens: 400 },
      })) {
        if (event.kind !== 'write' || event.event.kind !== 'token') continue;
        told += 1;
        if (told === 5) restarted = studio.client['system.restartEngine']({});
      }
    })();
    await expect(dying).rejects.toMatchObject({ code: 'engine-stopped' });
    const opened = await studio.client['scenes.open'](place);
    expect(opened.recoveredTokens).toBeGreaterThanOrEqual(told);
    await restarted;
  }, 120_000);
});
