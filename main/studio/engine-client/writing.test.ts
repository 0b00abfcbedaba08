/** Text procedures through the whole studio: folders as they are imported, an engine process, tiny models. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStudio, type Studio } from '../create-studio.ts';
import { createNodeHostPorts } from '../node-host-ports.ts';

const fixtures = fileURLToPath(new URL('../../engine/language/fixtures', import.meta.url));
const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const prompt = 'The old man opened the door and looked at the sea.';
let base: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-writing-'));
  for (const [family, tokenizer] of [
    ['qwen3', 'byte-level'],
    ['smollm', 'byte-level'],
    ['gpt2', 'byte-level'],
    ['gemma2', 'sentencepiece'],
  ] as const) {
    const folder = path.join(base, 'models', family);
    await cp(path.join(fixtures, `tiny-${family}`), folder, { recursive: true });
    await cp(path.join(fixtures, 'tokenizers', tokenizer), folder, { recursive: true });
  }
  const folders = {
    data: path.join(base, 'data'),
    library: path.join(base, 'library'),
    cache: path.join(base, 'cache'),
  };
  studio = await createStudio(createNodeHostPorts('server', folders, path.join(base, 'models')));
}, 60_000);
afterAll(async () => {
  await studio.close();
  await rm(base, { recursive: true, force: true, maxRetries: 5 });
});

async function write(
  request: Omit<Parameters<Studio['client']['write.generate']>[0], 'sampling'>,
): Promise<{ readonly text: string; readonly drafted: number }> {
  let text = '';
  let drafted = 0;
  for await (const event of studio.client['write.generate']({ sampling, prompt, ...request })) {
    if (event.kind === 'token') text += event.text;
    if (event.kind === 'done') drafted = event.draftedTokens;
  }
  return { text, drafted };
}

it('models in every arrangement of files write', async () => {
  for (const modelId of ['qwen3', 'gpt2', 'gemma2'])
    expect((await write({ modelId, maxTokens: 12 })).text.length).toBeGreaterThan(0);
});

it('another model drafts, and the text stays the same', async () => {
  const plain = await write({ modelId: 'qwen3', maxTokens: 12 });
  const draft = { kind: 'model', modelId: 'smollm', tokens: 3 } as const;
  const drafted = await write({ modelId: 'qwen3', maxTokens: 12, draft });
  expect(drafted.text).toBe(plain.text);
  expect(drafted.drafted).toBeGreaterThan(0);
  await expect(
    write({ modelId: 'qwen3', draft: { ...draft, modelId: 'nobody' } }),
  ).rejects.toMatchObject({ code: 'model-missing' });
});

it('alternatives carry their numbers and the seeds that make them alone', async () => {
  const seeds = new Map<number | null, number>();
  const ended = new Set<number | null>();
  const request = { modelId: 'qwen3', prompt, maxTokens: 6, sampling, seed: 90 };
  for await (const { alternative, event } of studio.client['write.alternatives']({
    request,
    count: 3,
  })) {
    if (event.kind === 'start') seeds.set(alternative, event.seed);
    if (event.kind === 'done') ended.add(alternative);
  }
  expect([...seeds]).toEqual([
    [0, 90],
    [1, 91],
    [2, 92],
  ]);
  expect(ended).toEqual(new Set([0, 1, 2]));
});

it('a text is scored and shown token by token', async () => {
  const scored = [];
  for await (const event of studio.client['write.score']({ modelId: 'gemma2', text: prompt }))
    if (event.kind === 'tokens') scored.push(...event.tokens);
  const { tokens, text, contextLength } = await studio.client['write.tokenize']({
    modelId: 'gemma2',
    prompt,
  });
  expect(text).toBe(prompt);
  expect(contextLength).toBe(256);
  expect(scored.map(({ tokenId }) => tokenId)).toEqual(tokens.map(({ tokenId }) => tokenId));
});
