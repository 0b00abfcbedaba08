import { describe, expect, it } from 'vitest';
import { LoreEntry } from '../../../../contract/projects.ts';
import type { PiecedText } from '../context/pieced-text.ts';
import { layoutChat, type ChatLayoutOptions, type LaidOutMessage } from './layout-chat.ts';

/** A word is a token. */
const count = async (text: string) => text.split(/\s+/).filter((word) => word !== '').length;

const words = (name: string, length: number) =>
  Array.from({ length }, (_, index) => `${name}${index}`).join(' ');

const lore = (title: string, more: Partial<LoreEntry> = {}) =>
  LoreEntry.parse({
    id: crypto.randomUUID(),
    title,
    keys: [title],
    text: `About ${title}.`,
    ...more,
  });

const personas = {
  person: 'Ann',
  character: 'Keeper',
  description: '',
  memory: '',
  examples: '',
  note: { text: '', depth: 1 },
};
/** As a template takes them. */
const plain = (messages: readonly LaidOutMessage[]) =>
  messages.map(({ role, text }) => ({ role, content: text }));

const layout = (options: Partial<ChatLayoutOptions> = {}) =>
  layoutChat({
    personas,
    projectMemory: '',
    lore: [],
    turns: [{ role: 'person', text: 'Is the lamp lit?' }],
    opening: '',
    contextLength: 1000,
    maxTokens: 100,
    count,
    ...options,
  });

const talk = (turns: number, length = 10) =>
  Array.from({ length: turns }, (_, index) => ({
    role: index % 2 === 0 ? ('person' as const) : ('character' as const),
    text: words(`t${index}w`, length),
  }));

describe('a chat as a model reads it', () => {
  it('has the memory first, the lore of the last turns and the note before the last of them', async () => {
    const laid = await layout({
      projectMemory: 'A tale of the sea.',
      lore: [lore('lamp'), lore('storm'), lore('coast', { constant: true })],
      personas: { ...personas, note: { text: 'Be brief.', depth: 1 } },
      turns: [
        { role: 'character', text: 'Good evening.' },
        { role: 'person', text: 'Is the lamp lit?' },
      ],
    });
    expect(laid.transcript.text).toBe(
      'A tale of the sea.\n\nAbout coast.\n\n***\n\nKeeper: Good evening.\n\n[About lamp.]\n\n[Be brief.]\n\nAnn: Is the lamp lit?\n\nKeeper:',
    );
    expect(plain(laid.messages)).toEqual([
      { role: 'system', content: 'A tale of the sea.\n\nAbout coast.' },
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: 'Good evening.' },
      { role: 'user', content: '[About lamp.]\n\n[Be brief.]\n\nIs the lamp lit?' },
    ]);
    expect(laid.stops).toEqual(['\nAnn:', '\nKeeper:']);
  });

  it('tells who the character is before the memory, and examples behind it, if they have room', async () => {
    const told = {
      ...personas,
      description: 'An old man.',
      memory: 'It is winter.',
      examples: '<START>\nKeeper: Aye.',
    };
    const laid = await layout({ projectMemory: 'A tale.', personas: told });
    expect(laid.transcript.text).toBe(
      'A tale.\n\nAn old man.\n\nIt is winter.\n\nExamples of how Keeper talks:\n***\nKeeper: Aye.\n\n***\n\nAnn: Is the lamp lit?\n\nKeeper:',
    );
    const crowded = await layout({
      personas: { ...told, examples: words('e', 300) },
      lore: [lore('lamp')],
      contextLength: 400,
    });
    expect(crowded.cut).toMatchObject([{ source: 'examples', reason: 'beside' }]);
    expect(crowded.transcript.text).toContain('About lamp.');
  });

  it('knows where each piece of it comes from', async () => {
    const laid = await layout({
      projectMemory: 'A tale.',
      personas: { ...personas, note: { text: 'Be brief.', depth: 1 } },
      lore: [lore('lamp')],
      turns: [...talk(3, 1), { role: 'person', text: 'The lamp?' }],
      opening: 'It is',
    });
    const stretches = ({ text, pieces }: PiecedText) =>
      pieces.map(({ source, label, start, end }) => [source, label, text.slice(start, end)]);
    const near = [
      ['lore', 'lamp', '[About lamp.]'],
      ['note', 'Author’s note', '[Be brief.]'],
    ];
    expect(stretches(laid.transcript)).toEqual([
      ['memory', 'Memory of the project', 'A tale.'],
      ['turns', '1', 'Ann: t0w0'],
      ['turns', '2', 'Keeper: t1w0'],
      ['turns', '3', 'Ann: t2w0'],
      ...near,
      ['turns', '4', 'Ann: The lamp?'],
      ['turns', 'The answer that goes on', 'It is'],
    ]);
    expect(laid.messages.map(stretches)).toEqual([
      [['memory', 'Memory of the project', 'A tale.']],
      [['turns', '1', 't0w0']],
      [['turns', '2', 't1w0']],
      [['turns', '3', 't2w0'], ...near, ['turns', '4', 'The lamp?']],
    ]);
  });

  it('goes on with what an answer begins with', async () => {
    const laid = await layout({ opening: 'It is' });
    expect(laid.transcript.text.endsWith('\n\nKeeper: It is')).toBe(true);
  });

  it('alternates the roles of its messages and ends with the person, whatever the turns are', async () => {
    for (const turns of [
      [],
      talk(3),
      talk(4),
      [...talk(1), ...talk(1), ...talk(2).reverse()],
      [...talk(2), ...talk(2).reverse()],
    ]) {
      const { messages } = await layout({ turns });
      expect(messages.map(({ role }) => role)).toEqual(
        messages.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
      );
      expect(messages.at(-1)?.role).toBe('user');
    }
  });

  it('leaves out the oldest turns where there is no room, and says so', async () => {
    const laid = await layout({ turns: talk(30), contextLength: 300, maxTokens: 100 });
    expect(laid.droppedTurns).toBeGreaterThan(10);
    expect(laid.transcript.text).toContain('t29w9');
    expect(laid.transcript.text).not.toContain('t0w0');
    expect(await count(laid.transcript.text)).toBeLessThanOrEqual(200);
    expect(laid.cut).toMatchObject([
      { source: 'turns', label: `The first ${laid.droppedTurns} turns` },
    ]);
  });

  it('begins at the same turn while less than a stride was said', async () => {
    const beginnings = [];
    for (let turns = 30; turns < 40; turns += 1) {
      const laid = await layout({ turns: talk(turns), contextLength: 400, maxTokens: 100 });
      beginnings.push(laid.droppedTurns);
    }
    expect(new Set(beginnings).size).toBeLessThanOrEqual(4);
  });

  it('keeps the end of a last turn that is too long', async () => {
    const laid = await layout({
      turns: [{ role: 'person', text: words('w', 2000) }],
      contextLength: 300,
      maxTokens: 100,
    });
    expect(laid.transcript.text).toContain('w1999');
    expect(await count(laid.transcript.text)).toBeLessThanOrEqual(200);
  });

  it('gives what is told besides no more than half of the room', async () => {
    const laid = await layout({
      personas: { ...personas, memory: words('m', 600) },
      lore: [lore('lamp', { text: words('l', 50) })],
      contextLength: 600,
      maxTokens: 100,
    });
    expect(laid.cut).toEqual([
      { source: 'memory', label: 'Memory', tokens: 606, reason: 'beside' },
    ]);
    expect(laid.transcript.text).toContain('[l0');
  });

  it('does not let a long answer take all of the context', async () => {
    const laid = await layout({ turns: talk(10), contextLength: 300, maxTokens: 5000 });
    expect(laid.transcript.text).toContain('t9w0');
  });
});
