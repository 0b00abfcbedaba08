import { Transform, type Step } from 'prosemirror-transform';
import type { Node } from 'prosemirror-model';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { parseDocument, schema } from '../document/schema.ts';
import { compactChanges } from './compact-changes.ts';
import {
  missingSteps,
  openTree,
  pathTo,
  record,
  recordBranch,
  redoTarget,
  seal,
  setLabel,
  undoTarget,
  walk,
  withSteps,
  type ChangeKind,
  type HistoryTree,
  type Recorded,
} from './history-tree.ts';
import { emptyRoot, follow } from './store.fixture.ts';

const emptyScene = parseDocument({ type: 'doc', content: [{ type: 'paragraph' }] });

/** A scene with its history, as an editor holds it. */
class Desk {
  doc: Node = emptyScene;
  tree: HistoryTree = openTree([emptyRoot], 0);
  sent: Recorded['changes'] = [];
  now = 10_000;

  type(text: string, kind: ChangeKind = 'typing', at = this.doc.content.size - 1): void {
    const transform = new Transform(this.doc).insert(at, schema.text(text));
    this.take(transform, kind, text);
  }

  take(transform: Transform, kind: ChangeKind, summary: string): void {
    const recorded = record(this.tree, {
      kind,
      steps: transform.steps,
      inverse: inverseOf(transform),
      at: this.now,
      selection: null,
      summary,
    });
    this.doc = transform.doc;
    this.tree = recorded.tree;
    this.sent = [...this.sent, ...recorded.changes];
  }

  go(target: number | null): void {
    if (target === null) return;
    const transform = new Transform(this.doc);
    const walked = walk(this.tree, target, transform);
    this.doc = transform.doc;
    this.tree = walked.tree;
    this.sent = [...this.sent, ...walked.changes];
  }

  get text(): string {
    return this.doc.textContent;
  }
}

function inverseOf(transform: Transform): Step[] {
  return transform.steps
    .map((step, index) => step.invert(transform.docs[index] ?? transform.doc))
    .toReversed();
}

describe('the history of a scene', () => {
  it('takes typing without a pause as one change, and a pause starts another', () => {
    const desk = new Desk();
    for (const letter of 'Once') {
      desk.type(letter);
      desk.now += 200;
    }
    desk.now += 1_500;
    desk.type(' more');
    expect(desk.text).toBe('Once more');
    desk.go(undoTarget(desk.tree));
    expect(desk.text).toBe('Once');
    desk.go(undoTarget(desk.tree));
    expect(desk.text).toBe('');
    expect(undoTarget(desk.tree)).toBe(null);
  });

  it('starts another change where the kind is another', () => {
    const desk = new Desk();
    desk.type('a');
    desk.type('b', 'paste');
    desk.type('c', 'paste');
    expect(desk.tree.nodes.size).toBe(4);
  });

  it('redoes the future that was visited last, and keeps the other', () => {
    const desk = new Desk();
    desk.type('one');
    desk.tree = seal(desk.tree);
    desk.type(' two');
    const two = desk.tree.head;
    desk.go(undoTarget(desk.tree));
    desk.type(' three');
    desk.go(undoTarget(desk.tree));
    desk.go(redoTarget(desk.tree));
    expect(desk.text).toBe('one three');
    desk.go(two);
    expect(desk.text).toBe('one two');
    desk.go(undoTarget(desk.tree));
    desk.go(redoTarget(desk.tree));
    expect(desk.text).toBe('one two');
  });

  it('keeps a text that was not taken beside the one that was', () => {
    const desk = new Desk();
    desk.type('one');
    const transform = new Transform(desk.doc).insert(4, schema.text(' other'));
    const recorded = recordBranch(desk.tree, {
      kind: 'choice',
      steps: transform.steps,
      inverse: inverseOf(transform),
      at: 1,
      selection: null,
      summary: ' other',
    });
    desk.tree = recorded.tree;
    desk.type(' taken');
    expect(desk.text).toBe('one taken');
    desk.go(2);
    expect(desk.text).toBe('one other');
  });

  it('starts another change below a snapshot', () => {
    const desk = new Desk();
    desk.type('a');
    desk.tree = setLabel(desk.tree, desk.tree.head, 'First draft').tree;
    desk.type('b');
    expect(desk.tree.nodes.get(1)?.label).toBe('First draft');
    expect(desk.tree.head).toBe(2);
  });

  it('sends what goes on in a change as one, with the same meaning', () => {
    const desk = new Desk();
    for (const letter of 'Once upon a time') desk.type(letter);
    const compact = compactChanges(desk.sent);
    expect(compact).toHaveLength(1);
    const [change] = compact;
    expect(change?.kind === 'node' && change.node.steps).toHaveLength(1);
    expect(change?.kind === 'node' && change.node.inverse).toHaveLength(1);
  });

  it('fetches what it was opened without before it walks', () => {
    const desk = new Desk();
    desk.type('one');
    desk.tree = seal(desk.tree);
    desk.type(' two');
    const kept = compactChanges(desk.sent).flatMap((change) =>
      change.kind === 'node' ? [change.node] : [],
    );
    desk.tree = openTree(
      [
        emptyRoot,
        ...kept.map(({ steps: _steps, inverse: _inverse, selection: _selection, ...info }) => info),
      ],
      desk.tree.head,
    );
    expect(missingSteps(desk.tree, pathTo(desk.tree, 0))).toEqual([2, 1]);
    desk.tree = withSteps(desk.tree, kept);
    desk.go(0);
    expect(desk.text).toBe('');
    desk.go(2);
    expect(desk.text).toBe('one two');
  });

  it('comes back to every text it ever had, whatever was done, and a store that follows it too', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({
              kind: fc.constant('type' as const),
              text: fc.stringMatching(/^[a-z ]{1,6}$/),
              place: fc.nat(),
              pause: fc.nat(2_000),
            }),
            fc.record({
              kind: fc.constant('delete' as const),
              place: fc.nat(),
              pause: fc.nat(2_000),
            }),
            fc.record({ kind: fc.constant('go' as const), place: fc.nat() }),
          ),
          { maxLength: 40 },
        ),
        (actions) => {
          const desk = new Desk();
          const texts = new Map([[0, '']]);
          for (const action of actions) {
            if (action.kind === 'go') desk.go(action.place % desk.tree.nodes.size);
            else {
              desk.now += action.pause;
              const size = desk.doc.content.size;
              if (action.kind === 'type')
                desk.type(action.text, 'typing', 1 + (action.place % (size - 1)));
              else if (size > 2) {
                const at = 1 + (action.place % (size - 2));
                desk.take(new Transform(desk.doc).delete(at, at + 1), 'typing', '');
              }
            }
            texts.set(desk.tree.head, desk.text);
          }
          for (const [id, text] of texts) {
            desk.go(id);
            if (desk.text !== text) throw new Error(`Node ${id}: "${desk.text}" is not "${text}".`);
          }
          const follower = follow(emptyScene, compactChanges(desk.sent));
          if (follower.doc.textContent !== desk.text) throw new Error('The store lost its way.');
        },
      ),
      { numRuns: 200 },
    );
  });
});
