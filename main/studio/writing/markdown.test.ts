import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentSchema as schema, type DocumentNode } from './document-schema.ts';
import { fromMarkdown, toMarkdown } from './markdown.ts';

const words = fc
  .array(
    fc.constantFrom(
      'a',
      'The',
      'well-known',
      '1.',
      '*',
      '_',
      '`',
      '[x]',
      '<b>',
      '&amp;',
      '#',
      '>',
      '-',
      '+',
      '=',
      '猫',
      '~~',
      '\\',
      '!',
      '1)',
      'snake_case',
      '"q"',
      '</span>',
      '![',
      '](y)',
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) => list.join(' '));
const hash = 'ab'.repeat(32);
const mark = fc.constantFrom<readonly (readonly [string, Record<string, unknown>?])[]>(
  [],
  [],
  [['strong']],
  [['em']],
  [['strike']],
  [['strong'], ['em']],
  [['link', { href: 'https://example.org/a?b=c', title: null }]],
  [['origin', { run: '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a', edited: false }]],
  [['origin', { run: '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a', edited: true }], ['em']],
);
const run = fc.record({ text: words, mark }).map(({ text, mark: own }) =>
  schema.text(
    text,
    own.map(([name, attrs]) => schema.mark(name as 'em', attrs)),
  ),
);
const spaced = fc
  .array(run, { minLength: 1, maxLength: 4 })
  .map((runs) => runs.flatMap((node, index) => (index === 0 ? [node] : [schema.text(' '), node])));
const paragraph = spaced.map((nodes) => schema.node('paragraph', null, nodes));
const block: fc.Arbitrary<DocumentNode> = fc.oneof(
  { weight: 4, arbitrary: paragraph },
  spaced.chain((nodes) =>
    fc.integer({ min: 1, max: 6 }).map((level) => schema.node('heading', { level }, nodes)),
  ),
  fc
    .array(paragraph, { minLength: 1, maxLength: 3 })
    .map((list) => schema.node('blockquote', null, list)),
  fc.array(paragraph, { minLength: 1, maxLength: 3 }).map((list) =>
    schema.node(
      'ordered_list',
      { order: 3 },
      list.map((item) => schema.node('list_item', null, [item])),
    ),
  ),
  fc.constant(schema.node('divider')),
  fc.constant(schema.node('picture', { contentHash: hash, alt: 'a [cat]', caption: 'say "hi"' })),
  fc.constant(schema.node('code_block', null, [schema.text('if (a < b) {\n  ```\n}')])),
);
const document = fc
  .array(block, { minLength: 1, maxLength: 6 })
  .map((blocks) => schema.node('doc', null, blocks));

describe('Markdown', () => {
  it('keeps lists that follow each other apart', () => {
    const item = (text: string) =>
      schema.node('list_item', null, [schema.node('paragraph', null, [schema.text(text)])]);
    for (const list of ['bullet_list', 'ordered_list'] as const) {
      const doc = schema.node(
        'doc',
        null,
        ['a', 'b', 'c'].map((text) => schema.node(list, null, [item(text)])),
      );
      expect(fromMarkdown(toMarkdown(doc)).eq(doc)).toBe(true);
    }
  });

  it('of a novel takes time in proportion to its length', () => {
    const paragraph = schema.node('paragraph', null, [schema.text('Some words. '.repeat(10))]);
    const secondsFor = (paragraphs: number) => {
      const doc = schema.node('doc', null, Array<DocumentNode>(paragraphs).fill(paragraph));
      const startedAt = performance.now();
      toMarkdown(doc);
      return performance.now() - startedAt;
    };
    secondsFor(500);
    // The square would be 64 times.
    expect(secondsFor(8000)).toBeLessThan(40 * Math.max(1, secondsFor(1000)));
  });

  it('is read back as the text that was written, whatever its words and marks', () => {
    fc.assert(
      fc.property(document, (doc) => {
        doc.check();
        const markdown = toMarkdown(doc);
        expect(
          fromMarkdown(markdown).textBetween(0, fromMarkdown(markdown).content.size, '\n', '\n'),
        ).toBe(doc.textBetween(0, doc.content.size, '\n', '\n'));
      }),
      { numRuns: 300 },
    );
  });

  it('parses any text, and writing what was read changes nothing any more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const doc = fromMarkdown(text);
        doc.check();
        const once = toMarkdown(doc);
        expect(toMarkdown(fromMarkdown(once))).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps marks, lists, breaks, pictures and where words came from', () => {
    const source = [
      '# A *title*',
      '**Bold**, ~~struck~~ and `code`, <span data-run="0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a">by a model</span>.\\\nNext line',
      '1. one\n2. two',
      '***',
      `![a cat](pictures/${hash}.png "Under the tree")`,
    ].join('\n\n');
    expect(toMarkdown(fromMarkdown(source)).trim()).toBe(source);
    const doc = fromMarkdown(source);
    expect(doc.lastChild?.type.name).toBe('picture');
    expect(doc.lastChild?.attrs).toEqual({
      contentHash: hash,
      alt: 'a cat',
      caption: 'Under the tree',
    });
  });
});
