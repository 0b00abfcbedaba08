import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoreEntry } from '../../../../contract/projects.ts';
import { layoutContext, type LayoutOptions } from './layout-context.ts';
import { triggeredLore } from './triggered-lore.ts';

const id = '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a';
const lore = (entry: Partial<LoreEntry>): LoreEntry =>
  LoreEntry.parse({ id, title: '', keys: ['x'], text: 'text', ...entry });
/** A token a word and a token a mark: enough to reason about room. */
const count = (text: string) => Promise.resolve(text.match(/\w+|[^\s\w]/g)?.length ?? 0);
const project = { memory: '', authorsNote: { text: '', depth: 1 }, lore: [] };
const layout = (
  own: Partial<LayoutOptions['request']>,
  more: Partial<Omit<LayoutOptions, 'request'>> = {},
) =>
  layoutContext({
    request: {
      task: 'continue',
      instruction: '',
      before: '',
      selection: '',
      after: '',
      maxTokens: 100,
      ...own,
    },
    project,
    earlier: [],
    contextLength: 1000,
    count,
    ...more,
  });
const paragraphs = (first: number, last: number) =>
  Array.from(
    { length: last - first + 1 },
    (_, i) => `Paragraph ${first + i} has some words in it.`,
  ).join('\n\n');

describe('Lore', () => {
  it('is brought up by whole words in any case, or as its entry says', () => {
    const entries = [
      lore({ title: 'king', keys: ['king'] }),
      lore({ title: 'case', keys: ['Rex'], caseSensitive: true }),
      lore({ title: 'part', keys: ['kin'], wholeWords: false }),
      lore({ title: 'pattern', keys: ['/drag(on|ons)/i'] }),
      lore({ title: 'both', keys: ['king'], secondaryKeys: ['queen'] }),
      lore({ title: 'broken', keys: ['/(/'] }),
      lore({ title: 'off', keys: ['king'], enabled: false }),
    ];
    const titles = (text: string) => triggeredLore(entries, text).map(({ title }) => title);
    expect(titles('The KING slept.')).toEqual(['king', 'part']);
    expect(titles('kingdoms')).toEqual(['part']);
    expect(titles('rex')).toEqual([]);
    expect(titles('Rex and DRAGONS')).toEqual(['pattern', 'case']);
    const endless = lore({ title: 'endless', keys: ['/(a+)+$/', 'king'] });
    expect(triggeredLore([endless], `king ${'a'.repeat(60)}!`)).toEqual([endless]);
    expect(titles('a queen, a king')).toEqual(['king', 'part', 'both']);
  });

  it('is looked for near the cursor alone', () => {
    const entries = [lore({ keys: ['king'], scanCharacters: 10 })];
    expect(triggeredLore(entries, `king ${'.'.repeat(50)}`)).toEqual([]);
    expect(triggeredLore(entries, `${'.'.repeat(50)} king`)).toHaveLength(1);
  });
});

describe('A context', () => {
  it('is the text alone where there is nothing to add, and ends where the cursor is', async () => {
    const { text, parts } = await layout({ before: 'Once upon a time' });
    expect(text).toBe('Once upon a time');
    expect(parts).toHaveLength(1);
  });

  it('has what seldom changes first, and what comes up a few paragraphs before the cursor', async () => {
    const { text, parts } = await layout(
      { before: `${paragraphs(1, 3)}\n\nThe king` },
      {
        project: {
          memory: 'A sad tale.',
          authorsNote: { text: 'Slow.', depth: 1 },
          lore: [
            lore({ title: 'King', keys: ['king'], text: 'He is old.' }),
            lore({ text: 'It rains.', constant: true }),
          ],
        },
      },
    );
    expect(parts.map(({ source }) => source)).toEqual([
      'memory',
      'lore',
      'text',
      'lore',
      'note',
      'text',
    ]);
    expect(text.startsWith('A sad tale.\n\nIt rains.\n\n***\n\nParagraph 1')).toBe(true);
    expect(text.endsWith('[He is old.]\n\n[Slow.]\n\nThe king')).toBe(true);
  });

  it('tells earlier scenes while there is room, the nearest first', async () => {
    const earlier = [
      { title: 'One', text: paragraphs(1, 200) },
      { title: 'Two', text: 'A short scene.' },
    ];
    const { text, cut } = await layout({ before: 'Now' }, { earlier });
    expect(text).toBe('A short scene.\n\n***\n\nNow');
    expect(cut).toMatchObject([{ source: 'earlier', label: 'One', reason: 'story' }]);
  });

  it('cuts a long story in strides, so that its beginning stays the same for a while', async () => {
    const starts = new Set<string>();
    for (let last = 200; last < 212; last += 1) {
      const { text, tokens, cut } = await layout({ before: paragraphs(1, last) });
      expect(tokens).toBeLessThanOrEqual(900);
      expect(tokens).toBeGreaterThan(500);
      expect(cut).toHaveLength(1);
      starts.add(text.slice(0, 14));
    }
    expect(starts.size).toBeLessThanOrEqual(2);
  });

  it('begins a very long story at the same place from word to word', async () => {
    const story = paragraphs(1, 4000);
    const starts = new Set<string>();
    for (let words = 0; words < 60; words += 1) {
      const { text } = await layout({ before: `${story}\n\n${'And then '.repeat(words)}` });
      starts.add(text.slice(0, 14));
    }
    expect(starts.size).toBeLessThanOrEqual(2);
  });

  it('names what found no room, and keeps the more important', async () => {
    const entries = [
      lore({ title: 'Minor', keys: ['king'], text: paragraphs(1, 40) }),
      lore({ title: 'Major', keys: ['king'], text: paragraphs(1, 40), priority: 5 }),
    ];
    const { parts, cut } = await layout(
      { before: 'The king' },
      { project: { ...project, lore: entries } },
    );
    expect(parts.filter(({ source }) => source === 'lore').map(({ label }) => label)).toEqual([
      'Major',
    ]);
    expect(cut.map(({ label }) => label)).toEqual(['Minor']);
  });

  it('shows what comes later to a model that fills a gap', async () => {
    const { text, parts } = await layout({
      task: 'fill',
      before: 'He left.',
      after: 'He came home.',
    });
    expect(parts.map(({ source }) => source)).toEqual(['after', 'text']);
    expect(text).toBe('What comes later:\n\nHe came home.\n\n***\n\nHe left.');
  });

  it('ends with the passage and the wish where it is to be rewritten', async () => {
    const { text } = await layout({
      task: 'shorten',
      before: 'Before.',
      selection: 'A long passage.',
    });
    expect(text.startsWith('Before.\n\n')).toBe(true);
    expect(text).toContain('[Text]\nA long passage.\n\n[Task]\nSay the same in fewer words.');
    expect(text.endsWith('[Changed text]\n')).toBe(true);
    await expect(
      layout({ task: 'shorten', before: 'Before.', selection: paragraphs(1, 200) }),
    ).rejects.toThrow('Choose a shorter one');
  });

  it('never grows beyond its room, and its parts are the whole, whatever it is made from', async () => {
    const words = fc.lorem({ maxCount: 400 });
    await fc.assert(
      fc.asyncProperty(
        words,
        words,
        words,
        words,
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 150, max: 600 }),
        async (before, memory, note, entry, depth, contextLength) => {
          const { text, parts, tokens } = await layout(
            { before: before.replaceAll('. ', '.\n\n') },
            {
              contextLength,
              project: {
                memory,
                authorsNote: { text: note, depth },
                lore: [lore({ keys: ['a', 'e', 'in'], wholeWords: false, text: entry })],
              },
            },
          );
          expect(tokens).toBeLessThanOrEqual(contextLength - 100);
          let at = 0;
          for (const part of parts) {
            expect(part.start).toBe(at);
            at = part.end;
          }
          expect(at).toBe(text.length);
        },
      ),
      { numRuns: 150 },
    );
  });
});
