import { describe, expect, it } from 'vitest';
import { piecesOf } from './put-into-text.ts';

const run = 'a2b3c4d5-0000-4000-8000-000000000001';

describe('the pieces of a turn', () => {
  it('are the model’s where it wrote them, and the person’s between', () => {
    const parts = [
      { run, alternative: 0, start: 0, end: 4 },
      { run, alternative: 0, start: 8, end: 12 },
    ];
    expect(piecesOf({ text: 'The old sea.\n\n', parts })).toEqual([
      { text: 'The ', run },
      { text: 'old ', run: null },
      { text: 'sea.', run },
    ]);
  });

  it('of a person’s turn are the person’s', () => {
    expect(piecesOf({ text: 'Hello there ', parts: [] })).toEqual([
      { text: 'Hello there', run: null },
    ]);
  });
});
