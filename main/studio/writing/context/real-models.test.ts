/** Contexts through the whole studio: an engine process, tiny models with and without a chat template. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createStudio, type Studio } from '../../create-studio.ts';
import { createNodeHostPorts } from '../../node-host-ports.ts';
import { newScene } from '../writing.fixture.ts';

const fixtures = fileURLToPath(new URL('../../../engine/language/fixtures', import.meta.url));
const template =
  '{% for m in messages %}<|{{ m.role }}|>{{ m.content }}\n{% endfor %}<|assistant|>';
let base: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-contexts-'));
  for (const name of ['answers', 'goes-on']) {
    const folder = path.join(base, 'models', name);
    await cp(path.join(fixtures, 'tiny-qwen3'), folder, { recursive: true });
    await cp(path.join(fixtures, 'tokenizers', 'byte-level'), folder, { recursive: true });
    if (name === 'answers') await writeFile(path.join(folder, 'chat_template.jinja'), template);
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

it('is counted as the engine counts it, and what is said to be known is what the engine finds', async () => {
  const { client } = studio;
  const { place } = await newScene(client);
  const build = (before: string) =>
    client['context.build']({
      ...place,
      modelId: 'goes-on',
      task: 'continue',
      before,
      maxTokens: 8,
    });
  const run = async (prompt: string) => {
    const { revision } = await client['scenes.open'](place);
    const read = { tokens: 0, reused: 0, written: '' };
    for await (const event of client['scenes.generate']({
      ...place,
      revision,
      position: 1,
      task: 'continue',
      request: {
        modelId: 'goes-on',
        prompt,
        maxTokens: 8,
        sampling: { temperature: 0 },
        prefixReuse: 'full',
      },
    })) {
      if (event.kind === 'run') continue;
      if (event.event.kind === 'start') {
        read.tokens = event.event.promptTokens;
        read.reused = event.event.reusedTokens;
      } else if (event.event.kind === 'token') read.written += event.event.text;
    }
    return read;
  };
  const first = await build('It was cold.');
  expect(first).toMatchObject({ recomputedTokens: first.tokens });
  const told = await run(first.text);
  expect(told.tokens).toBe(first.tokens);
  for (const before of [`It was cold.${told.written} And`, 'It was warm.']) {
    const next = await build(before);
    const { tokens, reused } = await run(next.text);
    expect(tokens).toBe(next.tokens);
    expect(tokens - reused).toBe(next.recomputedTokens);
  }
});

it.each(['answers', 'goes-on'])('a passage is changed by a model that %s', async (modelId) => {
  const { client } = studio;
  const { place } = await newScene(client);
  const { text, messages, tokens } = await client['context.build']({
    ...place,
    modelId,
    task: 'shorten',
    before: 'It was cold.',
    selection: 'So cold.',
    maxTokens: 8,
  });
  const passage = '[Text]\nSo cold.\n\n[Task]\nSay the same in fewer words.\n\n';
  expect(text).toBe(
    modelId === 'answers'
      ? `<|user|>It was cold.\n\n${passage}Answer with the changed text alone.\n<|assistant|>`
      : `It was cold.\n\n${passage}[Changed text]\n`,
  );
  const counted = await client['write.tokenize']({ modelId, prompt: text });
  expect(tokens).toBe(messages === null ? counted.tokens.length : tokens);
  expect(tokens).toBeGreaterThan(20);
});
