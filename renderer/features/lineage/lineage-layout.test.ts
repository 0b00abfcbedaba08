import { describe, expect, it } from 'vitest';
import { lineageLayout, neighbourOf } from './lineage-layout.ts';

const node = (key: string, generation: number) => ({
  key,
  generation,
  image: null,
  inputUrl: null,
});
const edge = (from: string, to: string) => ({ from, to, through: 'variation' as const });
const nodes = [
  node('me', 0),
  node('input', -1),
  node('b', 1),
  node('a', 1),
  node('a1', 2),
  node('b1', 2),
];
const edges = [
  edge('input', 'me'),
  edge('me', 'b'),
  edge('me', 'a'),
  edge('a', 'a1'),
  edge('b', 'b1'),
];

describe('a lineage', () => {
  const layout = lineageLayout({ nodes, edges });

  it('stands in columns of generations, children by their parents', () => {
    const places = layout.placed.map(({ node: { key }, column, row }) => [key, column, row]);
    expect(places).toEqual([
      ['input', 0, 0],
      ['me', 1, 0],
      ['b', 2, 0],
      ['a', 2, 1],
      ['b1', 3, 0],
      ['a1', 3, 1],
    ]);
    expect([layout.columns, layout.rows]).toEqual([4, 2]);
  });

  it('is walked by arrow keys', () => {
    const go = (key: string, arrow: string) => neighbourOf(layout, edges, key, arrow);
    expect(go('me', 'ArrowLeft')).toBe('input');
    expect(go('me', 'ArrowRight')).toBe('b');
    expect(go('b', 'ArrowDown')).toBe('a');
    expect(go('b', 'ArrowUp')).toBeNull();
    expect(go('a', 'Enter')).toBeNull();
  });
});
