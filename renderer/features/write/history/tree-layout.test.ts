import { describe, expect, it } from 'vitest';
import { layOutTree } from './tree-layout.ts';
import { openTree } from './history-tree.ts';

const map = (parents: readonly (number | null)[]) =>
  layOutTree(
    openTree(
      parents.map((parent, id) => ({
        id,
        parent,
        at: id,
        kind: 'typing' as const,
        label: null,
        run: null,
        summary: '',
      })),
      parents.length - 1,
    ).nodes.values(),
  );

describe('the map of a history', () => {
  it('keeps a text without branches in one lane, newest first', () => {
    const { rows, lanes } = map([null, 0, 1, 2]);
    expect(lanes).toBe(1);
    expect(rows.map(({ id, lane }) => [id, lane])).toEqual([
      [3, 0],
      [2, 0],
      [1, 0],
      [0, 0],
    ]);
    expect(rows[0]?.hasNewer).toBe(false);
    expect(rows[3]?.hasOlder).toBe(false);
  });

  it('gives a branch a lane of its own until the node it began at', () => {
    const { rows, lanes } = map([null, 0, 1, 1, 3]);
    expect(lanes).toBe(2);
    expect(rows.map(({ id, lane, joining }) => [id, lane, joining])).toEqual([
      [4, 0, []],
      [3, 0, []],
      [2, 1, []],
      [1, 0, [1]],
      [0, 0, []],
    ]);
  });

  it('uses a lane again that has become free', () => {
    expect(map([null, 0, 0, 0, 3, 3]).lanes).toBe(3);
    expect(map([null, 0, 0, 2, 3, 3]).lanes).toBe(2);
  });
});
