import { describe, expect, it } from 'vitest';
import { ContextRequest } from '../../../../contract/context.ts';
import { LoreEntry } from '../../../../contract/projects.ts';
import {
  edit,
  hold,
  newScene,
  samplingForTests,
  scriptedText,
  temporaryDesk,
} from '../writing.fixture.ts';
import type { TokenSpan } from './count-tokens.ts';
import { createTokenCounter, stretchesOf } from './count-tokens.ts';

const scripted = [' He', ' slept.'];
/** As the scripted model draws them; others by their letters. */
function tokenIdOf(word: string): number {
  const drawn = scripted.indexOf(word);
  if (drawn >= 0) return drawn;
  return Array.from(word).reduce(
    (hash, letter) => (hash * 31 + (letter.codePointAt(0) ?? 0)) | 0,
    7,
  );
}
/** A token a word with the space before it, as tokenizers of GPT-2's kind have them. */
const words = (text: string): TokenSpan[] =>
  [...text.matchAll(/\s*\S+|\s+$/g)].map(({ 0: word, index }) => ({
    tokenId: tokenIdOf(word),
    start: index,
    end: index + word.length,
    isSpecial: false,
  }));
const id = '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a';

async function deskWithText(own: Partial<ReturnType<typeof scriptedText>> = {}) {
  const desk = await temporaryDesk();
  const { client } = await desk.open({ ...scriptedText(scripted), ...own });
  const { project, place } = await newScene(client);
  const request = (more: Partial<ContextRequest>) =>
    ContextRequest.parse({
      ...place,
      modelId: 'scripted',
      task: 'continue',
      before: 'The king was old.',
      maxTokens: 100,
      ...more,
    });
  return { desk, client, project, place, request };
}

describe('A built context', () => {
  it('holds what the project tells and the scenes before this one', async () => {
    const { desk, client, project, place, request } = await deskWithText();
    await using _ = desk;
    const second = { id: crypto.randomUUID(), title: 'Later', synopsis: '', words: 0 };
    await client['projects.update']({
      id: project.id,
      revision: project.revision,
      changes: {
        memory: 'A sad tale.',
        lore: [LoreEntry.parse({ id, title: 'King', keys: ['king'], text: 'He is called Rex.' })],
        chapters: project.chapters.map((chapter) => ({
          ...chapter,
          scenes: [...chapter.scenes, second],
        })),
      },
    });
    const held = hold(await client['scenes.open'](place));
    await edit(client, held, (transform) =>
      transform.insert(1, transform.doc.type.schema.text('It rained.')),
    );
    const built = await client['context.build'](request({ sceneId: second.id }));
    expect(built.parts.map(({ source }) => source)).toEqual(['memory', 'earlier', 'lore', 'text']);
    expect(built.text).toContain('It rained.');
    expect(built.parts.find(({ source }) => source === 'earlier')?.label).toBe(
      'Chapter 1, Scene 1',
    );
    const { ids } = await client['lore.triggered']({ projectId: project.id, text: 'a king' });
    expect(ids).toEqual([id]);
  });

  it('says what the model has to compute anew, and what a change makes void', async () => {
    let start = 1;
    const { desk, client, place, request } = await deskWithText({
      tokenize: async ({ prompt = '' }) => ({ text: prompt, tokens: words(prompt) }),
      engineStart: () => start,
    });
    await using _ = desk;
    const { text } = await client['context.build'](request({}));
    const { revision } = await client['scenes.open'](place);
    for await (const _event of client['scenes.generate']({
      ...place,
      revision,
      position: 1,
      task: 'continue',
      instruction: '',
      preset: null,
      alternatives: 1,
      request: {
        modelId: 'scripted',
        prompt: text,
        sampling: samplingForTests,
      },
    }));
    const after = (before: string) => client['context.build'](request({ before }));
    const goneOn = await after('The king was old. He slept. Then');
    expect(goneOn).toMatchObject({
      tokens: 7,
      // The last word that it drew it has not read.
      recomputedTokens: 2,
      voidTokens: 0,
    });
    expect(goneOn.text.slice(0, goneOn.keptCharacters)).toBe('The king was old. He');
    expect(await after('The queen was old. He slept. Then')).toMatchObject({
      recomputedTokens: 6,
      voidTokens: 4,
      keptCharacters: 3,
    });
    start = 2;
    expect(await after('The king was old.')).toMatchObject({ recomputedTokens: 4, voidTokens: 0 });
  });

  it('asks a model that has a template in a turn, and shows the text that the template makes', async () => {
    const { desk, client, request } = await deskWithText({
      tokenize: async ({ prompt = '', messages }) => {
        const text = messages ? `<user> ${messages[0]?.content ?? ''} <answer>` : prompt;
        return { text, tokens: words(text) };
      },
    });
    await using _ = desk;
    const built = await client['context.build'](
      request({ task: 'shorten', selection: 'He was very, very old.' }),
    );
    expect(built.messages).toEqual([
      { role: 'user', content: expect.stringMatching(/very old\.\n.*changed text alone\.$/s) },
    ]);
    expect(built.parts.map(({ source }) => source)).toEqual([
      'system',
      'text',
      'instruction',
      'system',
    ]);
    expect(built.parts.map(({ start, end }) => built.text.slice(start, end)).join('')).toBe(
      built.text,
    );
    expect((await client['context.build'](request({}))).messages).toBeNull();
  });

  it('keeps half of the room for the text however long the answer may be, and refuses a passage that fills it', async () => {
    const { desk, client, request } = await deskWithText();
    await using _ = desk;
    const { text } = await client['context.build'](request({ maxTokens: 5000 }));
    expect(text).toBe('The king was old.');
    const selection = 'Too long. '.repeat(1000);
    await expect(
      client['context.build'](request({ task: 'shorten', selection })),
    ).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('shorter') });
  });
});

describe('Counting', () => {
  const { signal } = new AbortController();

  it('asks for what is new alone when a long text grows at its end', async () => {
    const asked: number[] = [];
    const counter = createTokenCounter(async ({ prompt = '' }) => {
      asked.push(prompt.length);
      return { text: prompt, tokens: words(prompt) };
    });
    const long = 'Some words in a line.\n'.repeat(4000);
    expect(await counter.count('m', long, signal)).toBe(words(long).length);
    asked.length = 0;
    await counter.count('m', `${long}More.`, signal);
    expect(asked).toHaveLength(1);
    expect(stretchesOf(long).join('')).toBe(long);
    expect(stretchesOf('x'.repeat(100_000)).join('')).toHaveLength(100_000);
  });
});
