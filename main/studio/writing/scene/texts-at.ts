/**
 * The text at any node of a scene's history.
 *
 * Promises: a text is reached from the nearest one that is known; on the way some are kept, so that a walk
 * through a long history is made once. Texts share what did not change, so that those kept cost little.
 */
import type { DocumentNode } from '../document-schema.ts';
import { applySteps } from './apply-steps.ts';
import { pathBetween } from './history-tree.ts';
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
  /** The texts of these nodes are others now. */
  forget(ids: Iterable<number>): void;
}

/** Nodes from one text that is kept to the next. */
const nodesBetween = 256;
/** The oldest go first. */
const mostKept = 256;

/** @param stepsOf as they stand in the journal, checked when they were written */
export function createTextsAt(
  state: () => Pick<SceneState, 'doc' | 'head' | 'nodes'>,
  stepsOf: (id: number) => NodeSteps,
): TextsAt {
  const kept = new Map<number, DocumentNode>();
  /** How far `prepare` has come; null before anything was asked for. */
  let prepared: { readonly id: number; readonly doc: DocumentNode } | null = null;

  const parentOf = (id: number): number => state().nodes[id]?.info.parent ?? -1;

  function keep(id: number, doc: DocumentNode): void {
    if (id % nodesBetween !== 0 || kept.has(id)) return;
    kept.set(id, doc);
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  }

  return {
    at(id) {
      const { head, doc: present } = state();
      let from = present;
      let path = pathBetween(parentOf, head, id);
      const length = () => path.undone.length + path.done.length;
      for (const [start, doc] of [[0, emptyDocument] as const, ...kept]) {
        const other = pathBetween(parentOf, start, id);
        if (other.undone.length + other.done.length >= length()) continue;
        path = other;
        from = doc;
      }
      let doc = from;
      for (const node of path.undone) {
        ({ doc } = applySteps(doc, stepsOf(node).inverse, true));
        keep(parentOf(node), doc);
      }
      for (const node of path.done) {
        ({ doc } = applySteps(doc, stepsOf(node).steps, true));
        keep(node, doc);
      }
      prepared ??= { id: head, doc: present };
      return doc;
    },
    prepare(budgetMs) {
      const endMs = performance.now() + budgetMs;
      while (prepared && prepared.id > 0 && performance.now() < endMs) {
        const parent = parentOf(prepared.id);
        const { doc } = applySteps(prepared.doc, stepsOf(prepared.id).inverse, true);
        const known = kept.get(parent);
        prepared = { id: parent, doc: known ?? doc };
        keep(parent, doc);
      }
    },
    forget(ids) {
      for (const id of ids) {
        kept.delete(id);
        if (prepared?.id === id) prepared = null;
      }
    },
  };
}
