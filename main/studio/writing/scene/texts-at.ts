/**
 * The text at any node of a scene's history.
 *
 * Promises: a text is reached from the nearest one that is known, in memory or on disk; on the way some are kept, so
 * that a walk through a long history is made once. Texts share what did not change, so that those kept cost little.
 */
import type { DocumentNode } from '../document-schema.ts';
import { applySteps } from './apply-steps.ts';
import { pathBetween, type TreePath } from './history-tree.ts';
import type { Keyframes } from './keyframes.ts';
import type { NodeSteps } from './node-steps.ts';
import { emptyDocument, type SceneState } from './scene-state.ts';

export interface TextsAt {
  /** @param id of a node that is there */
  at(id: number): DocumentNode;
  /**
   * Walks on from what was asked for towards the beginning, so that what is asked for next is near.
   * Does nothing before anything was asked for.
   * @param budgetMs after which it stops
   */
  prepare(budgetMs: number): void;
  /** The head is another: its text may be one to keep. */
  follow(): void;
  /** The texts of these nodes are others now. */
  forget(ids: Iterable<number>): void;
  /** Writes what is kept and cannot grow any more to disk. @throws the file system's error */
  save(): void;
}

/** Nodes from one text that is kept to the next. */
const nodesBetween = 256;
/** The oldest go first. */
const mostKept = 256;

/** @param stepsOf as they stand in the journal, checked when they were written */
export function createTextsAt(
  state: () => Pick<SceneState, 'doc' | 'head' | 'nodes'>,
  stepsOf: (id: number) => NodeSteps,
  keyframes: Keyframes,
): TextsAt {
  const kept = new Map<number, DocumentNode>();
  /** The node of the text that `follow` kept last. */
  let followed = Math.max(0, ...keyframes.nodes);
  /** How far `prepare` has come; null before anything was asked for. */
  let prepared: { readonly id: number; readonly doc: DocumentNode } | null = null;

  const parentOf = (id: number): number => state().nodes[id]?.info.parent ?? -1;

  function keep(id: number, doc: DocumentNode): void {
    if (kept.has(id)) return;
    kept.set(id, doc);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  }

  function keepSome(id: number, doc: DocumentNode): void {
    if (id % nodesBetween === 0) keep(id, doc);
  }

  /** Texts that are known, and how to read them. */
  function* knownTexts(): Generator<readonly [number, () => DocumentNode | null]> {
    const { head, doc } = state();
    yield [head, () => doc];
    yield [0, () => emptyDocument];
    for (const [id, text] of kept) yield [id, () => text];
    for (const id of keyframes.nodes) yield [id, () => keyframes.read(id)];
  }

  return {
    at(id) {
      const ways = [...knownTexts()]
        .map(([start, read]) => ({ read, path: pathBetween(parentOf, start, id) }))
        .toSorted((a, b) => lengthOf(a.path) - lengthOf(b.path));
      let doc: DocumentNode | null = null;
      let path: TreePath = { undone: [], done: [] };
      for (const way of ways) {
        doc = way.read();
        if (!doc) continue;
        ({ path } = way);
        break;
      }
      doc ??= emptyDocument;
      for (const node of path.undone) {
        ({ doc } = applySteps(doc, stepsOf(node).inverse, true));
        keepSome(parentOf(node), doc);
      }
      for (const node of path.done) {
        ({ doc } = applySteps(doc, stepsOf(node).steps, true));
        keepSome(node, doc);
      }
      prepared ??= { id: state().head, doc: state().doc };
      return doc;
    },
    prepare(budgetMs) {
      const endMs = performance.now() + budgetMs;
      while (prepared && prepared.id > 0 && performance.now() < endMs) {
        const parent = parentOf(prepared.id);
        const { doc } = applySteps(prepared.doc, stepsOf(prepared.id).inverse, true);
        const known = kept.get(parent);
        prepared = { id: parent, doc: known ?? doc };
        keepSome(parent, doc);
      }
    },
    follow() {
      const { head, doc } = state();
      if (Math.abs(head - followed) < nodesBetween) return;
      followed = head;
      keep(head, doc);
    },
    forget(ids) {
      const forgotten = [...ids];
      for (const id of forgotten) {
        kept.delete(id);
        if (prepared?.id === id) prepared = null;
      }
      keyframes.forget(forgotten);
    },
    save() {
      for (const [id, doc] of kept) if (state().nodes[id]?.hasChildren) keyframes.write(id, doc);
    },
  };
}

const lengthOf = ({ undone, done }: TreePath): number => undone.length + done.length;
