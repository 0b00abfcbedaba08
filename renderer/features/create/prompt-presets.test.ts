import { describe, expect, it } from 'vitest';
import { styleProblem } from './prompt-presets.ts';

const style = (prompt: string, negativePrompt = '') => ({ name: 'Ink', prompt, negativePrompt });

describe('a style', () => {
  it.each(['ink of {prompt}', 'ink', '{prompt}, {red|blue} ink, __colour__', '({prompt}:1.2)'])(
    'is fine as %j',
    (prompt) => expect(styleProblem(style(prompt), 'original')).toBeNull(),
  );

  it.each([
    ['(ink of {prompt}', /never closed.*Write \)/],
    ['ink {of {prompt}', /brace is never closed.*Write }/],
    ['<lora:ink, {prompt}', /needs a “>”/],
  ])('says what is odd in %j', (prompt, message) => {
    expect(styleProblem(style(prompt), 'original')).toMatch(message);
    expect(styleProblem(style('', prompt), 'original')).toMatch(message);
  });
});
