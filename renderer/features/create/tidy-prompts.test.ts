import { describe, expect, it } from 'vitest';
import { tidyPrompts } from './tidy-prompts.ts';

describe('Tidying prompts', () => {
  it('writes figures as short as they go and leaves words alone', () => {
    expect(tidyPrompts({ prompt: 'a (red : 1.20) hat', negativePrompt: '' })).toEqual({
      prompt: 'a (red :1.2) hat',
      negativePrompt: '',
    });
  });

  it('says so where nothing would change', () => {
    expect(tidyPrompts({ prompt: 'a (red:1.2) hat', negativePrompt: 'blurry' })).toBeNull();
  });
});
