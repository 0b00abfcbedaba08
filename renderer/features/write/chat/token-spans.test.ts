import { describe, expect, it } from 'vitest';
import { tokenSpans } from './token-spans.ts';

const run = 'a2b3c4d5-0000-4000-8000-000000000001';
const drawn = (...texts: string[]) =>
  texts.map((text, index) => ({
    index,
    tokenId: index,
    text,
    probability: 0.5,
    alternatives: [],
  }));
const part = (start: number, end: number) => ({ run, alternative: 0, start, end });
const words = (text: string, spans: readonly { start: number; end: number }[]) =>
  spans.map(({ start, end }) => text.slice(start, end));

describe('tokens in a turn', () => {
  it('stand where they were drawn, without the space that a turn does not begin with', () => {
    const text = 'The sea was grey.';
    const spans = tokenSpans(text, part(0, 17), drawn(' The', ' sea', ' was', ' grey', '.'));
    expect(words(text, spans)).toEqual(['The', ' sea', ' was', ' grey', '.']);
  });

  it('stand behind what a part follows', () => {
    const text = 'One two. Three four.';
    const spans = tokenSpans(text, part(8, 20), drawn(' Three', ' four', '.'));
    expect(words(text, spans)).toEqual([' Three', ' four', '.']);
  });

  it('are found in the midst of what was drawn', () => {
    const text = 'Yes, the sea was grey.';
    const spans = tokenSpans(text, part(8, 22), drawn(' The', ' sea', ' was', ' grey', '.'));
    expect(words(text, spans)).toEqual([' sea', ' was', ' grey', '.']);
  });

  it('end where another word was taken', () => {
    const text = 'The wind';
    const spans = tokenSpans(text, part(0, 8), drawn(' The', ' sea', ' was'));
    expect(words(text, spans)).toEqual(['The']);
  });

  it('are none where nothing was drawn', () => {
    expect(tokenSpans('Hello', part(0, 5), [])).toEqual([]);
  });
});
