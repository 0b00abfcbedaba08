import { describe, expect, it } from 'vitest';
import { promptDiff, recipeDiff } from './recipe-diff.ts';

describe('a comparison of recipes', () => {
  it('tells what differs from what does not', () => {
    const rows = recipeDiff([
      [
        ['Model', 'starter'],
        ['Seed', '1'],
      ],
      [
        ['Model', 'starter'],
        ['Seed', '2'],
        ['LoRA', 'detail × 1'],
        ['LoRA', 'ink × 0.5'],
      ],
    ]);
    expect(rows).toEqual([
      { name: 'Model', values: ['starter', 'starter'], differs: false },
      { name: 'Seed', values: ['1', '2'], differs: true },
      { name: 'LoRA', values: [null, 'detail × 1, ink × 0.5'], differs: true },
    ]);
  });

  it('marks the words that a prompt has beyond the first, and those that it lacks', () => {
    expect(promptDiff('a red apple', 'a green apple')).toEqual([
      { text: 'a ', kind: 'same' },
      { text: 'red', kind: 'removed' },
      { text: 'green', kind: 'added' },
      { text: ' apple', kind: 'same' },
    ]);
    expect(promptDiff('same', 'same')).toEqual([{ text: 'same', kind: 'same' }]);
  });
});
