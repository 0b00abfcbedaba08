import { describe, expect, it } from 'vitest';
import { LoreEntry } from '../../../../contract/projects.ts';
import { layoutChat, type ChatLayoutOptions } from './layout-chat.ts';

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

const layout = (options: Partial<ChatLayoutOptions> = {}) =>
  layoutChat({
    personas: { person: 'Ann', character: 'Keeper', note: { text: '', depth: 1 } },
    memory: '',
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
      memory: 'A tale of the sea.',
      lore: [lore('lamp'), lore('storm'), lore('coast', { constant: true })],
      personas: { person: 'Ann', character: 'Keeper', note: { text: 'Be brief.', depth: 1 } },
      turns: [
        { role: 'character', text: 'Good evening.' },
        { role: 'person', text: 'Is the lamp lit?' },
      ],
    });
    expect(laid.transcript).toBe(
      'A tale of the sea.\n\nAbout coast.\n\n***\n\nKeeper: Good evening.\n\n[About lamp.]\n\n[Be brief.]\n\nAnn: Is the lamp lit?\n\nKeeper:',
    );
    expect(laid.messages).toEqual([
      { role: 'system', content: 'A tale of the sea.\n\nAbout coast.' },
      { role: 'user', content: 'Begin.' },
      { role: 'assistant', content: 'Good evening.' },
      { role: 'user', content: '[About lamp.\n\nBe brief.]\n\nIs the lamp lit?' },
    ]);
    expect(laid.stops).toEqual(['\nAnn:', '\nKeeper:']);
  });

  it('goes on with what an answer begins with', async () => {
    const laid = await layout({ opening: 'It is' });
    expect(laid.transcript.endsWith('\n\nKeeper: It is')).toBe(true);
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
    expect(laid.transcript).toContain('t29w9');
    expect(laid.transcript).not.toContain('t0w0');
    expect(await count(laid.transcript)).toBeLessThanOrEqual(200);
    expect(laid.cut).toMatchObject([{ source: 'text', label: 'The first turns' }]);
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
    expect(laid.transcript).toContain('w1999');
    expect(await count(laid.transcript)).toBeLessThanOrEqual(200);
  });

  it('gives what is told besides no more than half of the room', async () => {
    const laid = await layout({
      memory: words('m', 600),
      lore: [lore('lamp', { text: words('l', 50) })],
      contextLength: 600,
      maxTokens: 100,
    });
    expect(laid.cut).toEqual([
      { source: 'memory', label: 'Memory', tokens: 606, reason: 'beside' },
    ]);
    expect(laid.transcript).toContain('[l0');
  });

  it('does not let a long answer take all of the context', async () => {
    const laid = await layout({ turns: talk(10), contextLength: 300, maxTokens: 5000 });
    expect(laid.transcript).toContain('t9w0');
  });
});
