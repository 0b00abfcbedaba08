/**
 * The one answer that may be written in this window, and how far it is.
 *
 * Promises: a new one stops the one before; stopping is shown at once; text is shown once a frame, however fast
 * it comes.
 */
import { grownText } from '../../../../contract/chat-tree.ts';
import type { AnswerEvent, AnswerPlace, ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import type { ContextCut } from '../../../../contract/context.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { TextModel } from '../../../../contract/models.ts';
import type { RunId } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { SamplingSettings } from '../../../../contract/write.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import { progressEveryMs, type WritingProgress } from '../writing-progress.ts';

export interface AnswerProgress extends WritingProgress {
  readonly turns: readonly number[];
  readonly droppedTurns: number;
  readonly cut: readonly ContextCut[];
  /** Tokens that the engine cut besides. */
  readonly droppedTokens: number;
  readonly end: ChatTurn['end'];
}

export interface AnswerSettings {
  readonly model: TextModel;
  readonly sampling: SamplingSettings;
  readonly preset: string | null;
  readonly seed: number | null;
  readonly maxTokens: number;
}

export interface Answering {
  readonly progress: Store<AnswerProgress | null>;
  answer(place: AnswerPlace, alternatives: number, settings: AnswerSettings): Promise<void>;
  /** @returns whether there was anything to stop */
  stop(): boolean;
}

const alternativesShown = 8;
/** The studio may not have ended yet what was stopped here a moment ago. */
const attempts = 5;
const attemptDelayMs = 150;

export function createAnswering(
  client: Pick<StudioClient, 'chats.answer'>,
  toasts: Pick<Toasts, 'fail'>,
  chat: Store<OpenChat | null>,
): Answering {
  const progress = createStore<AnswerProgress | null>(null);
  let running: AbortController | null = null;

  function stop(): boolean {
    if (!running) return false;
    running.abort();
    running = null;
    return true;
  }

  async function answer(
    place: AnswerPlace,
    alternatives: number,
    { model, sampling, preset, seed, maxTokens }: AnswerSettings,
  ): Promise<void> {
    stop();
    const opened = chat.get();
    if (!opened) return;
    const controller = new AbortController();
    running = controller;
    const startedAtMs = performance.now();
    let run: RunId | null = null;
    let turns: readonly number[] = [];
    let waiting: string[] = [];
    let frame: number | null = null;
    let hasEnded = false;
    const update = (change: Partial<AnswerProgress>) =>
      progress.set((now) => now && { ...now, ...change });
    progress.set({
      state: 'starting',
      turns: [],
      tokens: 0,
      maxTokens: maxTokens * alternatives,
      tokensPerSecond: null,
      read: null,
      startedAtMs,
      endedAtMs: null,
      droppedTurns: 0,
      cut: [],
      droppedTokens: 0,
      end: null,
    });

    const edit = (change: (turn: ChatTurn, alternative: number) => ChatTurn) =>
      chat.set((now) =>
        now?.id === opened.id
          ? {
              ...now,
              turns: now.turns.map((turn) => {
                const alternative = turns.indexOf(turn.id);
                return alternative < 0 ? turn : change(turn, alternative);
              }),
            }
          : now,
      );
    const show = () => {
      if (frame !== null) cancelAnimationFrame(frame);
      frame = null;
      const pieces = waiting;
      waiting = [];
      if (pieces.length > 0)
        edit((turn, alternative) => grown(turn, run, pieces[alternative] ?? ''));
    };
    let tokens = 0;
    let countedAtMs = -Infinity;
    const showCount = () => {
      const nowMs = performance.now();
      if (nowMs - countedAtMs < progressEveryMs) return;
      countedAtMs = nowMs;
      const seconds = (nowMs - startedAtMs) / 1000;
      update({ state: 'writing', tokens, tokensPerSecond: tokens / seconds });
    };
    const end = (reason: ChatTurn['end']) => {
      if (hasEnded) return;
      hasEnded = true;
      show();
      edit((turn) => (turn.end === null ? { ...turn, end: reason } : turn));
      update({ state: 'ended', tokens, endedAtMs: performance.now(), end: reason });
      chat.set((now) =>
        now?.id === opened.id
          ? { ...now, writing: now.writing.filter((turn) => !turns.includes(turn)) }
          : now,
      );
      if (running === controller) running = null;
    };
    controller.signal.addEventListener('abort', () => end('stopped'));

    try {
      let last: ChatTurn['end'] = null;
      const wanted = {
        id: opened.id,
        place,
        preset,
        alternatives,
        request: {
          modelId: model.id,
          maxTokens,
          sampling,
          seed,
          topAlternatives: alternativesShown,
        },
      };
      for await (const item of begin(client, wanted, controller.signal)) {
        if (hasEnded) return;
        if (item.kind === 'run') {
          run = item.run.id;
          turns = item.turns.map(({ id }) => id);
          chat.set((now) => (now?.id === opened.id ? withAnswer(now, item) : now));
          const { droppedTurns, cut } = item;
          update({ turns, droppedTurns, cut });
          continue;
        }
        const { alternative, event } = item;
        if (event.kind === 'start') update({ droppedTokens: event.droppedTokens });
        else if (event.kind === 'prefill') update({ read: event.done / event.total });
        else if (event.kind === 'token') {
          waiting[alternative] = (waiting[alternative] ?? '') + event.text;
          frame ??= requestAnimationFrame(show);
          tokens += 1;
          showCount();
        } else if (event.kind === 'done') {
          show();
          last = event.reason;
          edit((turn, index) => (index === alternative ? { ...turn, end: event.reason } : turn));
          update({ tokensPerSecond: event.tokensPerSecond });
        }
      }
      end(last);
    } catch (error) {
      if (hasEnded) return;
      end(StudioError.from(error).code === 'cancelled' ? 'stopped' : 'failed');
      toasts.fail(error);
    }
  }

  return { progress, answer, stop };
}

async function* begin(
  client: Pick<StudioClient, 'chats.answer'>,
  wanted: Parameters<StudioClient['chats.answer']>[0],
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  for (let attempt = 1; ; attempt += 1) {
    let hasBegun = false;
    try {
      for await (const event of client['chats.answer'](wanted, { signal })) {
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      const isEarly = StudioError.from(error).code === 'conflict' && !hasBegun;
      if (!isEarly || attempt === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, attemptDelayMs));
    }
  }
}

function grown(turn: ChatTurn, run: RunId | null, piece: string): ChatTurn {
  const text = grownText(turn.text, piece);
  const parts = turn.parts.map((part, index) =>
    index === turn.parts.length - 1 && part.run === run ? { ...part, end: text.length } : part,
  );
  return { ...turn, text, parts };
}

function withAnswer(
  chat: OpenChat,
  {
    turns,
    run,
    revision,
  }: {
    readonly turns: readonly ChatTurn[];
    readonly run: OpenChat['runs'][number];
    readonly revision: number;
  },
): OpenChat {
  const all = [...chat.turns];
  for (const turn of turns) all[turn.id] = turn;
  return {
    ...chat,
    turns: all,
    runs: [...chat.runs, run],
    leaf: turns[0]?.id ?? chat.leaf,
    writing: [...chat.writing, ...turns.map(({ id }) => id)],
    revision,
  };
}
