/** Chats through the whole studio: an engine process, tiny models with and without a chat template. */
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnswerPlace } from '../../../../contract/chats.ts';
import { createStudio, type Studio } from '../../create-studio.ts';
import { createNodeHostPorts } from '../../node-host-ports.ts';

const fixtures = fileURLToPath(new URL('../../../engine/language/fixtures', import.meta.url));
const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 };
const turn = '<|{{ m.role }}|>{{ m.content }}\n';
/** In the manner of ChatML, and in that of Gemma, which knows no system turn and wants roles to alternate. */
const templates = {
  'takes-all': `{% for m in messages %}${turn}{% endfor %}<|assistant|>`,
  'takes-no-system': `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system turn.') }}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate.') }}{% endif %}${turn}{% endfor %}<|assistant|>`,
  'has-none': null,
} as const;
let base: string;
let studio: Studio;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'atelier-chats-'));
  for (const [name, template] of Object.entries(templates)) {
    const folder = path.join(base, 'models', name);
    await cp(path.join(fixtures, 'tiny-qwen3'), folder, { recursive: true });
    await cp(path.join(fixtures, 'tokenizers', 'byte-level'), folder, { recursive: true });
    if (template !== null) await writeFile(path.join(folder, 'chat_template.jinja'), template);
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

async function answer(modelId: string, id: string, place: AnswerPlace) {
  let contextHash: string | null = null;
  let text = '';
  let droppedTurns = 0;
  for await (const event of studio.client['chats.answer']({
    id,
    place,
    request: { modelId, sampling, maxTokens: 8 },
  })) {
    if (event.kind === 'run') {
      ({ contextHash } = event.run);
      ({ droppedTurns } = event);
    } else if (event.event.kind === 'token') text += event.event.text;
  }
  return { contextHash, text, droppedTurns };
}

async function newChat() {
  const { id } = await studio.client['chats.create']({
    projectId: null,
    personas: { person: 'Ann', character: 'Keeper', memory: 'A tale.' },
  });
  await studio.client['chats.say']({ id, parent: null, text: 'The sea?' });
  return id;
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

it.each([
  ['takes-all', '<|system|>A tale.\n<|user|>The sea?\n<|assistant|>'],
  ['takes-no-system', '<|user|>A tale.\n\nThe sea?\n<|assistant|>'],
  ['has-none', 'A tale.\n\n***\n\nAnn: The sea?\n\nKeeper:'],
])('a model that %s reads the turns its own way, and goes on in the same', async (model, read) => {
  const id = await newChat();
  const first = await answer(model, id, { kind: 'below', parent: 0 });
  expect(first.contextHash).toBe(hash(read));
  const { turns } = await studio.client['chats.open']({ id });
  const written = turns[1]?.text ?? '';
  expect(written.length).toBeGreaterThan(0);
  expect(written.trim()).toBe(first.text.trim());
  const more = await answer(model, id, { kind: 'continue', turn: 1 });
  const space = model === 'has-none' ? ' ' : '';
  expect(more.contextHash).toBe(hash(`${read}${space}${written}`));
});

it('a conversation that is longer than the model’s context loses its first turns, and goes on', async () => {
  const id = await newChat();
  let parent = 0;
  for (let index = 0; index < 30; index += 1) {
    const text = `Turn ${index} of a conversation that goes on and on.`;
    ({
      turn: { id: parent },
    } = await studio.client['chats.say']({ id, parent, text }));
  }
  for (const model of ['takes-all', 'has-none']) {
    const { text, droppedTurns } = await answer(model, id, { kind: 'below', parent });
    expect(droppedTurns).toBeGreaterThan(0);
    expect(text.length).toBeGreaterThan(0);
  }
});

it.each([
  ['takes-all', ['system', 'memory', 'turns', 'system']],
  ['takes-no-system', ['system', 'memory', 'turns', 'system']],
  ['has-none', ['memory', 'turns', 'system']],
])('what is shown for a model that %s is what its answer reads', async (modelId, sources) => {
  const id = await newChat();
  const context = (place: AnswerPlace, said = '') =>
    studio.client['chats.context']({ id, place, said, modelId, maxTokens: 8 });
  const shown = await context({ kind: 'below', parent: 0 });
  expect(shown.parts.map(({ source }) => source)).toEqual(sources);
  expect(shown.parts.map(({ start, end }) => shown.text.slice(start, end)).join('')).toBe(
    shown.text,
  );
  expect(shown.parts.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(shown.tokens);
  const { contextHash } = await answer(modelId, id, { kind: 'below', parent: 0 });
  expect(hash(shown.text)).toBe(contextHash);

  const next = await context({ kind: 'below', parent: 1 }, 'And the wind?');
  expect(next.parts.map(({ label }) => label)).toContain('Turns 1 to 3');
  expect(next.text).toContain('And the wind?');
  // What was read for the first answer is known, up to where a token reaches over its end.
  expect(next.keptCharacters).toBeGreaterThan(shown.text.length - 8);
  expect(next.recomputedTokens).toBeLessThan(next.tokens);

  const other = { person: 'Ann', character: 'Keeper', memory: 'Another tale.' };
  await studio.client['chats.update']({ id, personas: other });
  const changed = await context({ kind: 'below', parent: 0 });
  expect(changed.voidTokens).toBeGreaterThan(shown.tokens / 2);
});
