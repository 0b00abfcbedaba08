import { describe, expect, it } from 'vitest';
import { completionAt } from './prompt-completion.ts';

const all = {
  wildcards: ['colour', 'places/indoors', 'hair_colour'],
  loras: ['Katzen', 'big/cats', 'ink'],
  embeddings: ['sketchy', 'sketch-book', 'bad-hands'],
};

/** The text once the first name is taken; `|` marks the caret. */
function accepted(marked: string): string | null {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const found = completionAt(text, caret, all);
  if (!found) return null;
  const { start, end, names, before, after } = found;
  return `${text.slice(0, start)}${before}${names[0]}${after}${text.slice(end)}`;
}

describe('completion of wildcards', () => {
  it('begins behind two underscores and puts names that begin so first', () => {
    expect(completionAt('a __col', 7, all)).toMatchObject({
      kind: 'wildcard',
      start: 2,
      end: 7,
      names: ['colour', 'hair_colour'],
    });
    expect(completionAt('a __', 4, all)?.names).toEqual(all.wildcards);
    expect(completionAt('a __hair_', 9, all)?.names).toEqual(['hair_colour']);
    expect(accepted('a __col|, b')).toBe('a __colour__, b');
  });

  it('offers nothing elsewhere', () => {
    expect(completionAt('a col', 5, all)).toBeNull();
    expect(completionAt('a __colour__', 12, all)).toBeNull();
    expect(completionAt('a __zebra', 9, all)).toBeNull();
  });
});

describe('completion of LoRAs', () => {
  it('writes the whole tag at weight 1', () => {
    expect(completionAt('<lora:', 6, all)?.names).toEqual(all.loras);
    expect(accepted('a cat <lora:ka|')).toBe('a cat <lora:Katzen:1>');
    expect(accepted('<lo| a cat')).toBe('<lora:Katzen:1> a cat');
    expect(accepted('<lora:cats|, <lora:ink:0.5>')).toBe('<lora:big/cats:1>, <lora:ink:0.5>');
  });

  it('changes only the name in a tag that is whole', () => {
    expect(accepted('<lora:in|k:0.4:0.2> b')).toBe('<lora:ink:0.4:0.2> b');
    expect(accepted('<lora:|x>')).toBe('<lora:Katzen>');
  });

  it('is over behind the name', () => {
    expect(accepted('<lora:ink:|')).toBeNull();
    expect(accepted('<lora:zebra|')).toBeNull();
    expect(accepted('1 <| 2')).toBeNull();
  });
});

describe('completion of embeddings', () => {
  it('offers names that begin as the word does', () => {
    expect(completionAt('a ske', 5, all)?.names).toEqual(['sketchy', 'sketch-book']);
    expect(accepted('by BAD-h|, x')).toBe('by bad-hands, x');
  });

  it('leaves words alone that are short, whole or begun elsewhere', () => {
    expect(accepted('a s|')).toBeNull();
    expect(accepted('sketchy|')).toBeNull();
    expect(accepted('ske|tch')).toBeNull();
    expect(accepted('the hands|')).toBeNull();
  });
});
