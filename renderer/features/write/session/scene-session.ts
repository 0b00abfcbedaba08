/**
 * One open scene: its text, its history and its saving, over a ProseMirror view.
 *
 * Promises: every change of the text is in the history and on its way to the studio; places that are
 * tracked move with the text; the view outlives the React tree around it.
 */
import {
  EditorState,
  Selection,
  TextSelection,
  type Plugin,
  type Transaction,
} from 'prosemirror-state';
import type { Step, Transform } from 'prosemirror-transform';
import type { EditorView } from 'prosemirror-view';
import type { NodeId, OpenScene, Run, RunId } from '../../../../contract/scenes.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { Connection } from '../../../transport/connection.ts';
import { subscribe } from '../../../transport/subscribe.ts';
import { parseDocument } from '../document/schema.ts';
import {
  openTree,
  record,
  recordBranch,
  seal,
  setLabel,
  type Caret,
  type ChangeKind,
  type HistoryTree,
} from '../history/history-tree.ts';
import { rebaseUnsaved } from '../history/rebase.ts';
import { differenceStep } from '../history/text-difference.ts';
import { weave } from '../history/weave.ts';
import { inverseSteps, summaryOf } from './change-summary.ts';
import { createHistoryWalk, type HistoryWalk } from './history-walk.ts';
import { keepBranches } from './keep-branches.ts';
import { createSceneSaver, type Overtaken, type SaveState, type Unsaved } from './scene-saver.ts';
import { createWordCounter } from './word-counter.ts';

/** Put on a transaction that is not a person's typing. */
export const changeMeta = 'atelier-change';
export interface ChangeMeta {
  readonly kind: ChangeKind;
  readonly run?: RunId;
  /** It is in the history already, or not of this window. */
  readonly isKnown?: boolean;
}

/** A place in the text that moves with it. */
export interface TrackedPlace {
  readonly position: () => number;
  release(): void;
}

export interface SceneSession extends HistoryWalk {
  readonly projectId: string;
  readonly sceneId: string;
  readonly state: () => EditorState;
  readonly tree: Store<HistoryTree>;
  readonly runs: Store<ReadonlyMap<RunId, Run>>;
  readonly words: Store<number>;
  readonly saving: Store<SaveState>;
  /** Counts up with every transaction; for what follows the caret. */
  readonly version: Store<number>;
  /** When the person last changed the text, by `performance.now()`. */
  readonly typedAtMs: () => number;
  /**
   * Takes in where the caret is now, for a change that does not come from the person: the browser tells of a key that
   * moved it a little later, and would be made to put it back.
   */
  readCaret(): void;
  readonly view: () => EditorView | null;
  attach(view: EditorView | null): void;
  dispatch(transaction: Transaction): void;
  /** @param assoc −1 keeps it before text that is put in at the place, 1 behind */
  track(position: number, assoc: -1 | 1): TrackedPlace;
  /** Keeps a text that was not taken as a branch of the history. */
  keepBranch(transform: Transform, kind: ChangeKind, run: RunId | null): NodeId;
  label(node: NodeId, label: string | null): void;
  /** What follows is a change of its own. */
  seal(): void;
  addRun(run: Run): void;
  /** Of a run that wrote elsewhere and whose words come here. */
  bringRun(run: Run): void;
  /**
   * Tells the studio how many tokens of a run are part of the text now.
   * @param final none of the others will be
   */
  settle(run: RunId, tokens: number, final: boolean): void;
  readonly isSaved: () => boolean;
  /** Of the text that is saved. */
  readonly revision: () => number;
  flush(): Promise<boolean>;
  close(): Promise<void>;
}

export function createSceneSession(
  connection: Connection,
  toasts: Toasts,
  scene: OpenScene,
  plugins: readonly Plugin[],
): SceneSession {
  const { client } = connection;
  const place = { projectId: scene.projectId, sceneId: scene.sceneId };
  const firstDoc = parseDocument(scene.doc);
  let state = EditorState.create({ doc: firstDoc, plugins: [...plugins] });
  let view: EditorView | null = null;
  const tree = createStore(openTree(scene.nodes, scene.head));
  const runs = createStore<ReadonlyMap<RunId, Run>>(
    new Map(scene.runs.map((run) => [run.id, run])),
  );
  const words = createStore(0);
  const version = createStore(0);
  const places = new Set<{ position: number; readonly assoc: -1 | 1 }>();
  let typedAtMs = -Infinity;
  const counter = createWordCounter(() => state.doc, words);

  const saver = createSceneSaver(scene, firstDoc, {
    client,
    beforeOvertaken: readCaret,
    onOvertaken: takeOver,
  });
  const stopWatching = subscribe(
    connection,
    (client, options) => client['scenes.watch'](place, options),
    ({ revision }) => saver.noticeRevision(revision),
  );
  const stopRetrying = connection.state.subscribe(() => {
    if (connection.state.get().phase === 'connected' && !saver.isSaved()) void saver.flush();
  });
  const walk = createHistoryWalk({
    place,
    client,
    toasts,
    tree,
    doc: () => state.doc,
    show(transform, changes, caret) {
      saver.add({ changes, steps: transform.steps, doc: transform.doc });
      showKnown(transform, caret);
    },
  });
  const flush = () => saver.flush();
  const flushQuietly = () => void flush();
  globalThis.addEventListener?.('blur', flushQuietly);
  globalThis.addEventListener?.('pagehide', flushQuietly);
  counter.countSoon();

  function dispatch(transaction: Transaction): void {
    const before = state;
    const applied = state.applyTransaction(transaction);
    state = applied.state;
    const changed = applied.transactions.filter(({ docChanged }) => docChanged);
    for (const { mapping } of changed)
      for (const tracked of places) tracked.position = mapping.map(tracked.position, tracked.assoc);
    const meta = transaction.getMeta(changeMeta) as ChangeMeta | undefined;
    if (changed.length > 0 && !meta?.isKnown) {
      const kind = meta?.kind ?? kindOf(transaction);
      if (!meta) typedAtMs = performance.now();
      const steps = changed.flatMap((each) => each.steps);
      const change = {
        kind,
        run: meta?.run ?? null,
        steps,
        inverse: changed.toReversed().flatMap(inverseSteps),
        at: Date.now(),
        selection: caretOf(state),
        summary: summaryOf(changed),
      };
      const recorded =
        weave(tree.get(), before.doc, state.doc, change) ?? record(tree.get(), change);
      tree.set(recorded.tree);
      saver.add({ changes: recorded.changes, steps, doc: state.doc });
    } else if (
      changed.length === 0 &&
      transaction.selectionSet &&
      !state.selection.eq(before.selection)
    ) {
      // Typing at another place is another change.
      const { head, nodes, sealed } = tree.get();
      if (!sealed && nodes.get(head)?.kind === 'typing') tree.set(seal);
    }
    view?.updateState(state);
    if (changed.length > 0) counter.countSoon();
    version.set((count) => count + 1);
  }

  /** Puts a text in that the history knows already. */
  function showKnown(transform: Transform, caret: Caret): void {
    const transaction = state.tr;
    for (const step of transform.steps) transaction.step(step);
    if (caret) {
      const end = transaction.doc.content.size;
      const at = (position: number) => transaction.doc.resolve(Math.min(position, end));
      transaction.setSelection(TextSelection.between(at(caret.anchor), at(caret.head)));
    } else if (transform.steps.length > 0) {
      const last = transform.steps.at(-1);
      let end = 0;
      last?.getMap().forEach((_, __, ___, newEnd) => (end = newEnd));
      if (end > 0)
        transaction.setSelection(
          Selection.near(transaction.doc.resolve(Math.min(end, transaction.doc.content.size)), -1),
        );
    }
    transaction.setMeta(changeMeta, { kind: 'typing', isKnown: true } satisfies ChangeMeta);
    dispatch(transaction.scrollIntoView());
  }

  function readCaret(): void {
    // What the view listens to.
    view?.dom.ownerDocument.dispatchEvent(new Event('selectionchange'));
  }

  function takeOver({ scene, theirs, base, unsaved, changes }: Overtaken): readonly Unsaved[] {
    const mine = { tree: tree.get(), doc: state.doc };
    const { transform, isMerged } = rebaseUnsaved(base, theirs, unsaved, state.doc);
    const opened = openTree(scene.nodes, scene.head);
    runs.set((known) => new Map([...known, ...scene.runs.map((run) => [run.id, run] as const)]));
    const shown = differenceStep(state.doc, transform.doc);
    let edits: readonly Unsaved[] = [];
    if (transform.steps.length > 0) {
      const recorded = record(opened, {
        kind: 'recovery',
        steps: transform.steps,
        inverse: inverseSteps(transform),
        at: Date.now(),
        selection: null,
        summary: summaryOf([transform]),
      });
      tree.set({ ...recorded.tree, sealed: true });
      edits = [{ changes: recorded.changes, steps: transform.steps, doc: transform.doc }];
      toasts.say(
        isMerged
          ? 'Another window changed this scene. Its changes and yours are both in the text.'
          : 'Another window changed the same place. Your text stands here; theirs is one undo away.',
      );
    } else tree.set(opened);
    const kept = keepBranches(mine.tree, mine.doc, changes, tree.get(), transform.doc);
    if (kept.changes.length > 0) {
      tree.set(kept.tree);
      edits = [...edits, { changes: kept.changes, steps: [], doc: transform.doc }];
    }
    if (shown) {
      dispatch(
        state.tr
          .step(shown)
          .setMeta(changeMeta, { kind: 'recovery', isKnown: true } satisfies ChangeMeta),
      );
    }
    return edits;
  }

  return {
    ...place,
    state: () => state,
    tree,
    runs,
    words,
    saving: saver.state,
    version,
    typedAtMs: () => typedAtMs,
    readCaret,
    view: () => view,
    attach(next) {
      view = next;
    },
    dispatch,
    track(position, assoc) {
      const tracked = { position, assoc };
      places.add(tracked);
      return { position: () => tracked.position, release: () => places.delete(tracked) };
    },
    ...walk,
    keepBranch(transform, kind, run) {
      const recorded = recordBranch(tree.get(), {
        kind,
        run,
        steps: transform.steps,
        inverse: inverseSteps(transform),
        at: Date.now(),
        selection: null,
        summary: summaryOf([transform]),
      });
      const id = tree.get().nextId;
      tree.set(recorded.tree);
      saver.add({ changes: recorded.changes, steps: [], doc: state.doc });
      return id;
    },
    label(node, label) {
      const recorded = setLabel(tree.get(), node, label);
      tree.set(recorded.tree);
      saver.add({ changes: recorded.changes, steps: [], doc: state.doc });
    },
    seal: () => tree.set(seal),
    addRun: (run) => runs.set((known) => new Map([...known, [run.id, run]])),
    bringRun(run) {
      if (runs.get().has(run.id)) return;
      runs.set((known) => new Map([...known, [run.id, run]]));
      saver.add({ changes: [{ kind: 'run', run }], steps: [], doc: state.doc });
    },
    settle: (run, tokens, final) =>
      saver.add({ changes: [{ kind: 'settled', run, tokens, final }], steps: [], doc: state.doc }),
    isSaved: saver.isSaved,
    revision: saver.revision,
    flush,
    async close() {
      stopWatching();
      stopRetrying();
      globalThis.removeEventListener?.('blur', flushQuietly);
      globalThis.removeEventListener?.('pagehide', flushQuietly);
      counter.close();
      await saver.close();
      view?.destroy();
      view = null;
    },
  };
}

function kindOf(transaction: Transaction): ChangeKind {
  const event: unknown = transaction.getMeta('uiEvent');
  if (event === 'paste' || event === 'drop') return 'paste';
  return transaction.steps.every(isFormatting) ? 'format' : 'typing';
}

function isFormatting(step: Step): boolean {
  const { stepType } = step.toJSON() as { stepType: string };
  return stepType === 'addMark' || stepType === 'removeMark' || stepType === 'attr';
}

function caretOf(state: EditorState): { anchor: number; head: number } {
  const { anchor, head } = state.selection;
  return { anchor, head };
}
