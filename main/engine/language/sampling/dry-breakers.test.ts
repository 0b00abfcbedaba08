import { describe, expect, it } from 'vitest';
import { createDryBreakers } from './dry-breakers.ts';

const texts = ['a', 'b', '\n', ' x\ny', '\n\nUs', 'er', ':', 'no:tes', ''];
const bytesOf = (tokenId: number) => new TextEncoder().encode(texts[tokenId] ?? '');
const breakersOf = (...breakers: string[]) => createDryBreakers(breakers, bytesOf);

describe('breakers', () => {
  it('count the tokens after the last one', () => {
    const { tokensSince } = breakersOf('\n', ':');
    expect(tokensSince([0, 2, 0, 1], 100)).toBe(2);
    expect(tokensSince([0, 2, 0, 7], 100)).toBe(0);
    expect(tokensSince([0, 1, 0], 100)).toBe(100);
    expect(tokensSince([2, 0, 0, 0, 0], 3)).toBe(3);
    expect(tokensSince([], 5)).toBe(5);
  });

  it('are found across tokens, which then all belong to them', () => {
    const { tokensSince, isBreaker } = breakersOf('\nUser:');
    expect(tokensSince([0, 4, 5, 6, 0], 100)).toBe(1);
    expect(tokensSince([0, 4, 8, 5, 6], 100)).toBe(0);
    expect(tokensSince([0, 4, 5, 0, 0], 100)).toBe(100);
    expect(isBreaker(6)).toBe(false);
  });

  it('are whole tokens where a token holds one', () => {
    const { isBreaker } = breakersOf('\n', ':');
    expect([0, 2, 3, 7, 8].map(isBreaker)).toEqual([false, true, true, true, false]);
  });
});
