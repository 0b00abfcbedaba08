import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownBlocks, markdownInlines } from './markdown-blocks.ts';

describe('a model card', () => {
  it('is read without its front matter', () => {
    expect(markdownBlocks('---\nlicense: mit\n---\n# Starter\n')).toEqual([
      { kind: 'heading', level: 1, inlines: [{ kind: 'text', text: 'Starter' }] },
    ]);
  });

  it('keeps lists, tables, code and quotes apart', () => {
    const card =
      'Text\ngoes on\n\n- one\n  more\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n# code\n```\n\n> said\n\n1. first\n';
    expect(markdownBlocks(card).map(({ kind }) => kind)).toEqual([
      'paragraph',
      'list',
      'table',
      'code',
      'quote',
      'list',
    ]);
  });

  it('joins a list item that goes on in the next line', () => {
    expect(markdownBlocks('- one\n  more')).toEqual([
      { kind: 'list', ordered: false, items: [[{ kind: 'text', text: 'one more' }]] },
    ]);
  });

  it('reads emphasis, code and links within a line', () => {
    expect(markdownInlines('**bold** and `code` in [a book](https://example.org)')).toEqual([
      { kind: 'strong', text: 'bold' },
      { kind: 'text', text: ' and ' },
      { kind: 'code', text: 'code' },
      { kind: 'text', text: ' in ' },
      { kind: 'link', text: 'a book', address: 'https://example.org' },
    ]);
  });

  it('passes HTML through as the text that it is', () => {
    expect(markdownBlocks('<script>alert(1)</script>')).toEqual([
      { kind: 'paragraph', inlines: [{ kind: 'text', text: '<script>alert(1)</script>' }] },
    ]);
  });

  it('comes to an end on any text', () => {
    const line = fc.constantFrom(
      '# a',
      '- b',
      '1. c',
      '| d |',
      '|---|',
      '```',
      '> e',
      '',
      'f',
      '---',
      '***',
      '|',
      '  - g',
      '#',
      '-',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
        expect(Array.isArray(markdownBlocks(lines.join('\n')))).toBe(true);
      }),
    );
  });
});
