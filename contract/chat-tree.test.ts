import { describe, expect, it } from 'vitest';
import { grownText, leafBelow, pathTo } from './chat-tree.ts';
import { ChatTurn } from './chats.ts';

/** Turn i below parents[i]. */
const tree = (...parents: readonly (number | null)[]) =>
  parents.map((parent, id) =>
    ChatTurn.parse({ id, parent, at: 1, role: 'person', text: `turn ${id}` }),
  );

describe('the turns of a chat', () => {
  const turns = tree(null, 0, 1, 0, 3, null, 1);

  it('lead from a first turn to a leaf', () => {
    expect(pathTo(turns, 4).map(({ id }) => id)).toEqual([0, 3, 4]);
    expect(pathTo(turns, null)).toEqual([]);
  });

  it('end, below a turn, in what was made last at each fork', () => {
    expect(leafBelow(turns, 0)).toBe(4);
    expect(leafBelow(turns, 1)).toBe(6);
    expect(leafBelow(turns, 5)).toBe(5);
  });

  it('do not begin with the space that parts words', () => {
    expect(grownText('', '  The')).toBe('The');
    expect(grownText('The', ' sea')).toBe('The sea');
  });
});
