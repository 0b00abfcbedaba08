/**
 * Goes along the history of a scene: undo, redo, and any node of its map.
 *
 * Promises: at once where nothing must be fetched, so that keys that follow each other meet the new text; a run
 * whose words the way would leave is ended first, with all that it told in its node, so that it is undone as a whole.
 */
import type { Node } from 'prosemirror-model';
import { Transform } from 'prosemirror-transform';
import type { NodeId, RunId, SceneChange } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import {
  missingSteps,
  nodeAt,
  pathTo,
  redoTarget,
  undoTarget,
  walk,
  withSteps,
  type Caret,
  type HistoryTree,
} from '../history/history-tree.ts';

/** A run that puts its words into the text as they come. */
export interface OpenRun {
  /** Null until it has begun. */
  readonly run: () => RunId | null;
  /** Ends it; what it told is in the text then. */
  readonly stop: () => void;
}

export interface HistoryWalk {
  undo(): void;
  redo(): void;
  goTo(node: NodeId): Promise<void>;
  /** @returns says that it has ended */
  openRun(run: OpenRun): () => void;
  readonly hasOpenRun: () => boolean;
}

export interface WalkPorts {
  readonly place: { readonly projectId: string; readonly sceneId: string };
  readonly client: Pick<StudioClient, 'scenes.nodes'>;
  readonly toasts: Pick<Toasts, 'fail'>;
  readonly tree: Store<HistoryTree>;
  /** At the head. */
  readonly doc: () => Node;
  /**
   * Shows the text that the history has come to.
   * @param caret where it belongs; null for where the text has changed
   */
  readonly show: (transform: Transform, changes: readonly SceneChange[], caret: Caret) => void;
}

export function createHistoryWalk(ports: WalkPorts): HistoryWalk {
  const { place, client, toasts, tree } = ports;
  let walking: Promise<void> = Promise.resolve();
  let open: OpenRun | null = null;
  /** The head when the open run was asked for. */
  let openedAt: NodeId = 0;

  function move(target: NodeId): void {
    const { up, down } = pathTo(tree.get(), target);
    if (open && (up.includes(openedAt) || up.some(isOfOpenRun))) open.stop();
    const transform = new Transform(ports.doc());
    const walked = walk(tree.get(), target, transform);
    tree.set(walked.tree);
    // Undo shows what it took back, wherever the person had been before that.
    ports.show(transform, walked.changes, down.length === 0 ? null : walked.selection);
  }

  function isOfOpenRun(id: NodeId): boolean {
    const { kind, run } = nodeAt(tree.get(), id);
    return kind === 'generation' && run !== null && run === open?.run();
  }

  function goTo(target: NodeId): Promise<void> {
    const go = async () => {
      const missing = missingSteps(tree.get(), pathTo(tree.get(), target));
      if (missing.length > 0) {
        const fetched = await client['scenes.nodes']({ ...place, ids: missing });
        tree.set((known) => withSteps(known, fetched));
        // Nodes of one's own that are not saved yet keep their steps here, so that nothing is missing now.
        if (missingSteps(tree.get(), pathTo(tree.get(), target)).length > 0) return;
      }
      move(target);
    };
    walking = walking.then(go).catch((error: unknown) => toasts.fail(error));
    return walking;
  }

  function step(target: NodeId | null): void {
    if (target === null) return;
    if (missingSteps(tree.get(), pathTo(tree.get(), target)).length === 0) move(target);
    else void goTo(target);
  }

  return {
    undo() {
      const { head } = tree.get();
      if (open && head === openedAt) {
        // Nothing was done since it was asked for: the run is what is taken back, words or none.
        open.stop();
        if (tree.get().head === head) return;
      }
      step(undoTarget(tree.get()));
    },
    redo: () => step(redoTarget(tree.get())),
    goTo,
    openRun(run) {
      open = run;
      openedAt = tree.get().head;
      return () => {
        if (open === run) open = null;
      };
    },
    hasOpenRun: () => open !== null,
  };
}
