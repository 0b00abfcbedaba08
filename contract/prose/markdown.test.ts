import fc from 'fast-check';
import { Mark, Schema, type Node } from 'prosemirror-model';
import { describe, expect, it } from 'vitest';
import { documentMarks, documentNodes } from '../document-text.ts';
import { createMarkdownReader } from './read-markdown.ts';
import { writeMarkdown } from './write-markdown.ts';

const schema = new Schema<keyof typeof documentNodes, keyof typeof documentMarks>({
  nodes: documentNodes,
  marks: documentMarks,
});
const readMarkdown = createMarkdownReader(schema);

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
const block: fc.Arbitrary<Node> = fc.oneof(
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

const plainWords = fc
  .array(
    fc.constantFrom('one', 'naïve', 'snake_case', '2024.', '*', 'a<b', '猫', '"q"', '&amp;', '#'),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((list) => list.join(' '));
const marked = fc
  .record({
    text: plainWords,
    marks: fc.uniqueArray(
      fc.constantFrom(
        schema.mark('origin', { run: '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a' }),
        schema.mark('link', { href: 'https://example.org/a?b=(c)', title: 'A "title"' }),
        schema.mark('strong'),
        schema.mark('em'),
        schema.mark('strike'),
      ),
      { maxLength: 3 },
    ),
  })
  .map(({ text, marks }) => schema.text(text, Mark.setFrom(marks)));
const line = fc
  .array(fc.oneof(marked, fc.constant(schema.text('x = 1', [schema.mark('code')]))), {
    minLength: 1,
    maxLength: 4,
  })
  .map((runs) => runs.flatMap((node, index) => (index === 0 ? [node] : [schema.text(' '), node])));
const lines = fc
  .array(line, { minLength: 1, maxLength: 3 })
  .map((all) =>
    all.flatMap((nodes, index) => (index === 0 ? nodes : [schema.node('hard_break'), ...nodes])),
  );
const { block: anyBlock } = fc.letrec<{ block: Node; list: Node }>((tie) => ({
  block: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    lines.map((nodes) => schema.node('paragraph', null, nodes)),
    fc
      .tuple(line, fc.integer({ min: 1, max: 6 }))
      .map(([nodes, level]) => schema.node('heading', { level }, nodes)),
    fc
      .stringMatching(/^[a-z`~ ]{1,8}(?:\n {0,4}[a-z`#>]{1,8}){0,2}$/)
      .map((text) => schema.node('code_block', null, [schema.text(text)])),
    fc.constant(schema.node('divider')),
    fc.constant(schema.node('picture', { contentHash: hash, alt: 'a [cat]', caption: 'say "hi"' })),
    tie('list'),
    fc
      .array(tie('block'), { minLength: 1, maxLength: 2 })
      .map((blocks) => schema.node('blockquote', null, blocks)),
  ),
  list: fc
    .tuple(
      fc.constantFrom({ type: 'bullet_list' }, { type: 'ordered_list', attrs: { order: 9 } }),
      fc.array(fc.tuple(lines, fc.array(tie('block'), { maxLength: 1 })), {
        minLength: 1,
        maxLength: 3,
      }),
    )
    .map(([{ type, attrs }, items]) =>
      schema.node(
        type,
        attrs ?? null,
        items.map(([nodes, blocks]) =>
          schema.node('list_item', null, [schema.node('paragraph', null, nodes), ...blocks]),
        ),
      ),
    ),
}));

describe('Markdown', () => {
  it('is read back as the same document, with its blocks, marks and attributes', () => {
    fc.assert(
      fc.property(fc.array(anyBlock, { minLength: 1, maxLength: 4 }), (blocks) => {
        const doc = schema.node('doc', null, blocks);
        doc.check();
        const again = readMarkdown(writeMarkdown(doc));
        expect(again.toJSON()).toEqual(doc.toJSON());
      }),
      { numRuns: 300 },
    );
  });

  it('keeps lists that follow each other apart', () => {
    const item = (text: string) =>
      schema.node('list_item', null, [schema.node('paragraph', null, [schema.text(text)])]);
    for (const list of ['bullet_list', 'ordered_list'] as const) {
      const doc = schema.node(
        'doc',
        null,
        ['a', 'b', 'c'].map((text) => schema.node(list, null, [item(text)])),
      );
      expect(readMarkdown(writeMarkdown(doc)).eq(doc)).toBe(true);
    }
  });

  it('of a novel takes time in proportion to its length', () => {
    const paragraph = schema.node('paragraph', null, [schema.text('Some words. '.repeat(10))]);
    const secondsFor = (paragraphs: number) => {
      const doc = schema.node('doc', null, Array<Node>(paragraphs).fill(paragraph));
      const startedAt = performance.now();
      writeMarkdown(doc);
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
        const markdown = writeMarkdown(doc);
        expect(
          readMarkdown(markdown).textBetween(0, readMarkdown(markdown).content.size, '\n', '\n'),
        ).toBe(doc.textBetween(0, doc.content.size, '\n', '\n'));
      }),
      { numRuns: 300 },
    );
  });

  it('parses any text, and writing what was read changes nothing any more', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        const doc = readMarkdown(text);
        doc.check();
        const once = writeMarkdown(doc);
        expect(writeMarkdown(readMarkdown(once))).toBe(once);
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
    expect(writeMarkdown(readMarkdown(source)).trim()).toBe(source);
    const doc = readMarkdown(source);
    expect(doc.lastChild?.type.name).toBe('picture');
    expect(doc.lastChild?.attrs).toEqual({
      contentHash: hash,
      alt: 'a cat',
      caption: 'Under the tree',
    });
  });
});
