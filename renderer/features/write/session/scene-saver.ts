/**
 * Keeps a scene saved while it is written.
 *
 * Promises: a change is on its way within 800 ms; one batch travels at a time, in order; what could
 * not be saved stays, is tried again, and the reason is shown; a batch whose answer was lost is not
 * written twice.
 */
import type { Node } from 'prosemirror-model';
import type { Step } from 'prosemirror-transform';
import { StudioError } from '../../../../contract/errors.ts';
import { pack } from '../../../../contract/packed.ts';
import type { OpenScene, SceneChange } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import { createStore, type Store } from '../../../app/store.ts';
import { wordsOf } from '../document/count-words.ts';
import { parseDocument } from '../document/schema.ts';
import { compactChanges } from '../history/compact-changes.ts';

export const saveDelayMs = 400;
const longestRetryMs = 10_000;

export type SaveState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'failed'; readonly reason: string };

/** One edit, as the history took it in. */
export interface Unsaved {
  readonly changes: readonly SceneChange[];
  /** What it did to the text, in order. */
  readonly steps: readonly Step[];
  /** The text afterwards. */
  readonly doc: Node;
}

/** Someone else has changed the scene. */
export interface Overtaken {
  readonly scene: OpenScene;
  readonly theirs: Node;
  /** The text as it was last known to be saved. */
  readonly base: Node;
  readonly unsaved: readonly Step[];
  /** What the history had taken in besides. */
  readonly changes: readonly SceneChange[];
}

export interface SceneSaver {
  readonly state: Store<SaveState>;
  add(edit: Unsaved): void;
  /** Saves what is unsaved, now. @returns whether everything is saved */
  flush(): Promise<boolean>;
  /** A revision was made, perhaps by another window. */
  noticeRevision(revision: number): void;
  readonly isSaved: () => boolean;
  readonly revision: () => number;
  close(): Promise<void>;
}

export interface SaverPorts {
  readonly client: Pick<StudioClient, 'scenes.open' | 'scenes.append'>;
  /** The last moment to `add` what the other's text is to meet. */
  readonly beforeOvertaken: () => void;
  /** Takes over the other's text. @returns what is unsaved then, on top of it */
  readonly onOvertaken: (other: Overtaken) => readonly Unsaved[];
}

export function createSceneSaver(opened: OpenScene, doc: Node, ports: SaverPorts): SceneSaver {
  const { client } = ports;
  const place = { projectId: opened.projectId, sceneId: opened.sceneId };
  const state = createStore<SaveState>({ kind: 'saved' });
  let revision = opened.revision;
  let saved = doc;
  let waiting: readonly Unsaved[] = [];
  /** Sent, and not answered yet; or its answer was lost. */
  let sent: readonly Unsaved[] = [];
  let saving: Promise<boolean> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let failures = 0;
  let isClosed = false;

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => {
      timer = null;
      void flush();
    }, delayMs);
  }

  function flush(): Promise<boolean> {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    saving ??= saveAll().finally(() => (saving = null));
    return saving;
  }

  async function saveAll(): Promise<boolean> {
    try {
      while (sent.length > 0 || waiting.length > 0) {
        if (state.get().kind !== 'failed') state.set({ kind: 'saving' });
        if (sent.length === 0) {
          sent = waiting;
          waiting = [];
        }
        await send();
      }
      failures = 0;
      state.set({ kind: 'saved' });
      return true;
    } catch (error) {
      failures += 1;
      state.set({ kind: 'failed', reason: StudioError.from(error).message });
      if (!isClosed) schedule(Math.min(longestRetryMs, 500 * 2 ** failures));
      return false;
    }
  }

  async function send(): Promise<void> {
    const last = sent.at(-1);
    if (!last) return;
    try {
      const answer = await client['scenes.append']({
        ...place,
        revision,
        changes: pack(compactChanges(sent.flatMap(({ changes }) => changes))),
        words: wordsOf(last.doc),
      });
      revision = answer.revision;
      saved = last.doc;
      sent = [];
    } catch (error) {
      if (StudioError.from(error).code !== 'conflict') throw error;
      await takeOver();
    }
  }

  async function takeOver(): Promise<void> {
    const scene = await client['scenes.open'](place);
    const theirs = parseDocument(scene.doc);
    ports.beforeOvertaken();
    const landed = sent.at(-1)?.doc;
    revision = scene.revision;
    if (landed && theirs.eq(landed)) {
      saved = landed;
      sent = [];
      return;
    }
    const edits = [...sent, ...waiting];
    const base = saved;
    saved = theirs;
    sent = [];
    const changes = edits.flatMap((edit) => edit.changes);
    waiting = ports.onOvertaken({
      scene,
      theirs,
      base,
      unsaved: edits.flatMap(({ steps }) => steps),
      changes,
    });
    // What is known of runs, and what they have put into the text, stays true whatever the text is based on.
    const runs = changes.filter(({ kind }) => kind === 'run');
    const settled = changes.filter(({ kind }) => kind === 'settled');
    const doc = waiting.at(-1)?.doc ?? theirs;
    waiting = [
      ...(runs.length > 0 ? [{ changes: runs, steps: [], doc: theirs }] : []),
      ...waiting,
      ...(settled.length > 0 ? [{ changes: settled, steps: [], doc }] : []),
    ];
  }

  return {
    state,
    add(edit) {
      if (edit.changes.length === 0) return;
      waiting = [...waiting, edit];
      if (state.get().kind === 'saved') state.set({ kind: 'saving' });
      schedule(saveDelayMs);
    },
    flush,
    noticeRevision(seen) {
      if (seen <= revision || saving !== null || isClosed) return;
      // Unsaved work meets the other's at its next save.
      if (sent.length > 0 || waiting.length > 0) void flush();
      else {
        saving = takeOver()
          .then(() => true)
          .catch(() => false)
          .finally(() => (saving = null));
      }
    },
    revision: () => revision,
    isSaved: () => sent.length === 0 && waiting.length === 0,
    async close() {
      isClosed = true;
      await flush();
    },
  };
}
