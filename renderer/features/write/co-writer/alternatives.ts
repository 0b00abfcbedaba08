/** Several ways to go on, side by side: one is taken, the others stay in the history as branches. */
import type { RunId } from '../../../../contract/scenes.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { SceneSession, TrackedPlace } from '../session/scene-session.ts';
import { insertText } from './insert-text.ts';
import { keepText, takeText, type KeptText } from './kept-text.ts';
import type { Runner } from './runner.ts';
import { readingAt } from './task-prompts.ts';
import { textPlace } from './text-place.ts';

export interface Alternative {
  readonly text: string;
  readonly state: 'waiting' | 'writing' | 'done';
}

export interface Offer {
  readonly items: readonly Alternative[];
  readonly active: number;
}

export interface Alternatives {
  readonly shown: Store<Offer | null>;
  /** @param count of texts */
  offer(session: SceneSession, count: number): void;
  /**
   * Offers what was drawn before the studio ended, and of which nothing was chosen.
   * @param texts of a run that the scene knows
   */
  offerAgain(session: SceneSession, run: RunId, position: number, texts: readonly string[]): void;
  activate(index: number): void;
  take(index: number): void;
  close(): void;
}

interface OpenOffer {
  readonly session: SceneSession;
  readonly place: TrackedPlace;
  readonly kept: (KeptText | null)[];
  run: RunId | null;
}

export function createAlternatives(runner: Runner): Alternatives {
  const shown = createStore<Offer | null>(null);
  let open: OpenOffer | null = null;

  const change = (index: number, edit: (item: Alternative) => Alternative) =>
    shown.set(
      (now) =>
        now && {
          ...now,
          items: now.items.map((item, other) => (other === index ? edit(item) : item)),
        },
    );

  /** Puts what an alternative has come to into the history. */
  function keep(own: OpenOffer, index: number): void {
    const item = shown.get()?.items[index];
    const { run, session, place } = own;
    if (!item || run === null || own.kept[index] || item.text.trim() === '') return;
    const text = item.text.trimEnd();
    own.kept[index] = keepText(
      session,
      run,
      (transform) =>
        insertText(
          transform,
          { position: textPlace(session, place.position()), breaks: '' },
          text,
          run,
        ).position,
    );
  }

  function finish(own: OpenOffer): void {
    if (open !== own) return;
    for (const index of own.kept.keys()) {
      change(index, (item) => ({ ...item, state: 'done' }));
      keep(own, index);
    }
  }

  function drop(): void {
    open?.place.release();
    open = null;
    shown.set(null);
  }

  function stopWriting(): void {
    if (shown.get()?.items.some(({ state }) => state !== 'done')) runner.stop();
  }

  return {
    shown,
    offer(session, count) {
      const at = textPlace(session, session.state().selection.to);
      const wanted = runner.request('continue', readingAt(session.state().doc, at), {
        alternatives: count,
      });
      if (!wanted) return;
      stopWriting();
      drop();
      const own: OpenOffer = {
        session,
        place: session.track(at, 1),
        kept: Array.from({ length: count }, () => null),
        run: null,
      };
      open = own;
      shown.set({
        items: Array.from({ length: count }, () => ({ text: '', state: 'waiting' })),
        active: 0,
      });
      void runner.run(session, wanted, own.place.position, {
        onText(text, run, alternative) {
          if (open !== own) return;
          own.run = run.id;
          change(alternative, (item) => ({ text: item.text + text, state: 'writing' }));
        },
        onDone(alternative) {
          if (open !== own) return;
          change(alternative, (item) => ({ ...item, state: 'done' }));
          keep(own, alternative);
        },
        onEnd(run) {
          finish(own);
          if (run) session.settle(run.id, 0, true);
        },
      });
    },
    offerAgain(session, run, position, texts) {
      stopWriting();
      drop();
      const own: OpenOffer = {
        session,
        place: session.track(textPlace(session, position), 1),
        kept: texts.map(() => null),
        run,
      };
      open = own;
      shown.set({ items: texts.map((text) => ({ text, state: 'done' })), active: 0 });
      finish(own);
      session.settle(run, 0, true);
    },
    activate: (active) => shown.set((now) => now && { ...now, active }),
    take(index) {
      stopWriting();
      const kept = open?.kept[index];
      if (open && kept) takeText(open.session, kept);
      drop();
    },
    close() {
      stopWriting();
      drop();
    },
  };
}
