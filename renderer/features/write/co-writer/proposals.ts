/** Changes of a selected passage: proposed beside the page, and in the text only when they are accepted. */
import type { RunId } from '../../../../contract/scenes.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { SceneSession, TrackedPlace } from '../session/scene-session.ts';
import { insertText } from './insert-text.ts';
import { keepText, takeText, type KeptText } from './kept-text.ts';
import type { Runner } from './runner.ts';
import { changeStops, readingOf, type ChangeTask } from './task-prompts.ts';

/** A change that the person has not decided on yet. */
export interface Proposal {
  readonly task: ChangeTask;
  readonly instruction: string;
  readonly original: string;
  readonly text: string;
  readonly state: 'writing' | 'done';
}

export interface Proposals {
  readonly shown: Store<Proposal | null>;
  /** For the selected passage. */
  propose(session: SceneSession, task: ChangeTask, instruction: string): void;
  retry(): void;
  accept(): void;
  reject(): void;
  /** The passage in question, in the present text. */
  readonly range: () => { readonly from: number; readonly to: number } | null;
}

interface Passage {
  readonly session: SceneSession;
  readonly from: TrackedPlace;
  readonly to: TrackedPlace;
  kept: KeptText | null;
}

export function createProposals(runner: Runner): Proposals {
  const shown = createStore<Proposal | null>(null);
  let passage: Passage | null = null;

  function start(own: Passage, task: ChangeTask, instruction: string): void {
    const { session } = own;
    const from = own.from.position();
    const to = own.to.position();
    const { doc } = session.state();
    const wanted = runner.request(task, readingOf(doc, from, to), {
      instruction,
      stop: changeStops,
    });
    if (!wanted) return drop();
    const original = doc.textBetween(from, to, '\n\n', '\n');
    shown.set({ task, instruction, original, text: '', state: 'writing' });
    own.kept = null;
    void runner.run(session, wanted, own.to.position, {
      onText(text) {
        if (passage === own) shown.set((now) => now && { ...now, text: now.text + text });
      },
      onEnd(run) {
        if (passage === own) finish(own, run?.id ?? null);
        if (run) session.settle(run.id, 0, true);
      },
    });
  }

  function finish(own: Passage, run: RunId | null): void {
    const offered = shown.get();
    if (!offered) return;
    const text = offered.text.trim();
    shown.set({ ...offered, text, state: 'done' });
    if (run === null || text === '') return;
    // In the history from now on: neither turning it down nor a fault loses it.
    own.kept = keepText(own.session, run, (transform) => {
      const from = own.from.position();
      transform.delete(from, Math.max(from, own.to.position()));
      return insertText(transform, { position: from, breaks: '' }, text, run).position;
    });
  }

  function stopWriting(): void {
    if (shown.get()?.state === 'writing') runner.stop();
  }

  function drop(): void {
    passage?.from.release();
    passage?.to.release();
    passage = null;
    shown.set(null);
  }

  return {
    shown,
    propose(session, task, instruction) {
      const { from, to, empty } = session.state().selection;
      if (empty) return;
      stopWriting();
      drop();
      passage = { session, from: session.track(from, 1), to: session.track(to, -1), kept: null };
      start(passage, task, instruction);
    },
    retry() {
      stopWriting();
      const offered = shown.get();
      if (passage && offered) start(passage, offered.task, offered.instruction);
    },
    accept() {
      stopWriting();
      if (passage?.kept) takeText(passage.session, passage.kept);
      drop();
    },
    reject() {
      stopWriting();
      drop();
    },
    range: () => passage && { from: passage.from.position(), to: passage.to.position() },
  };
}
