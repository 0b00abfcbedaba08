import type { Node } from 'prosemirror-model';
import { Transform } from 'prosemirror-transform';
import { expect, test } from 'vitest';
import type { NodeInfo, SceneChange } from '../../../../contract/scenes.ts';
import { parseDocument, schema } from '../document/schema.ts';
import {
  openTree,
  record,
  recordBranch,
  setLabel,
  walk,
  type HistoryTree,
} from '../history/history-tree.ts';
import { inverseSteps } from './change-summary.ts';
import { keepBranches } from './keep-branches.ts';

const info = (id: number, parent: number | null): NodeInfo => ({
  id,
  parent,
  at: 1,
  kind: 'typing',
  label: null,
  run: null,
  summary: '',
});
const paragraph = (text: string): Node =>
  parseDocument({
    type: 'doc',
    content: [{ type: 'paragraph', content: [{ type: 'text', text }] }],
  });

function typed(doc: Node, text: string) {
  const transform = new Transform(doc).insert(doc.content.size - 1, schema.text(text));
  const change = {
    kind: 'typing',
    steps: transform.steps,
    inverse: inverseSteps(transform),
    at: 2,
    selection: null,
    summary: text,
  } as const;
  return { change, doc: transform.doc };
}

const textAt = (tree: HistoryTree, doc: Node, id: number): string => {
  const transform = new Transform(doc);
  walk(tree, id, transform);
  return transform.doc.textContent;
};

test('Unsaved branches and names are in the history that another window made meanwhile', () => {
  // Both windows knew nodes 0 and 1; this one typed, kept a branch and named three places.
  const base = paragraph('One.');
  const changes: SceneChange[] = [];
  let mine = openTree([info(0, null), info(1, 0)], 1);
  const take = (recorded: { tree: HistoryTree; changes: readonly SceneChange[] }) => {
    mine = recorded.tree;
    changes.push(...recorded.changes);
  };
  const own = typed(base, ' Mine.');
  take(record(mine, own.change));
  take(recordBranch(mine, typed(own.doc, ' Another way.').change));
  take(setLabel(mine, 1, 'Saved'));
  take(setLabel(mine, 2, 'Typed'));
  take(setLabel(mine, 3, 'Offered'));

  // The other one took the next number for a change of its own; the merged text is node 3.
  const merged = paragraph('One. Theirs. Mine.');
  const theirs = openTree([info(0, null), info(1, 0), info(2, 1), info(3, 2)], 3);
  const kept = keepBranches(mine, own.doc, changes, theirs, merged);

  expect(kept.tree.head).toBe(3);
  expect(kept.tree.nodes.get(4)).toMatchObject({ parent: 3, label: 'Offered' });
  expect(textAt(kept.tree, merged, 4)).toBe('One. Mine. Another way.');
  expect(kept.tree.nodes.get(1)?.label).toBe('Saved');
  expect(kept.tree.nodes.get(3)?.label).toBe('Typed');
  expect(kept.changes.map(({ kind }) => kind)).toEqual(['node', 'move', 'label', 'label', 'label']);
});

test('Nothing is added where nothing but the text was unsaved', () => {
  const base = paragraph('One.');
  const own = typed(base, ' Mine.');
  const mine = record(openTree([info(0, null), info(1, 0)], 1), own.change);
  const theirs = openTree([info(0, null), info(1, 0), info(2, 1)], 2);
  const kept = keepBranches(mine.tree, own.doc, mine.changes, theirs, own.doc);
  expect(kept).toEqual({ tree: theirs, changes: [] });
});
