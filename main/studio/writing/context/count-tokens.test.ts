import { expect, it } from 'vitest';
import { createTokenCounter } from './count-tokens.ts';

const { signal } = new AbortController();

it('tokens of a text are counted once for each model', async () => {
  let calls = 0;
  const { count } = createTokenCounter(async ({ prompt = '' }) => {
    calls += 1;
    const tokens = Array.from(prompt, (_character, start) => ({
      tokenId: 0,
      start,
      end: start + 1,
      isSpecial: false,
    }));
    return { text: prompt, tokens };
  });
  expect(await count('m', 'abc', signal)).toBe(3);
  expect(await count('m', 'abc', signal)).toBe(3);
  expect(await count('n', 'abc', signal)).toBe(3);
  expect(await count('m', '', signal)).toBe(0);
  expect(calls).toBe(2);
});
