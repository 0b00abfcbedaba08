/**
 * The one generation that may run at the desk, and how far it is.
 *
 * Promises: a new one stops the one before; stopping is told to its listener at once.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { TextModel } from '../../../../contract/models.ts';
import type { Run } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { SamplingSettings } from '../../../../contract/write.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { progressEveryMs, type WritingProgress } from '../writing-progress.ts';
import { streamModel, type EndReason, type ModelRequest } from './model-stream.ts';
import type { RunTokens } from './run-tokens.ts';
import type { Reading } from './task-prompts.ts';

export interface RunProgress extends WritingProgress {
  readonly seed: number | null;
  /** Tokens at the beginning of what the model should read that it could not. */
  readonly droppedTokens: number;
  readonly endReason: EndReason | 'stopped' | 'failed' | null;
}

export interface RunnerPorts {
  readonly client: Pick<StudioClient, 'context.build' | 'scenes.generate'>;
  readonly toasts: Toasts;
  readonly tokens: RunTokens;
  readonly model: () => TextModel | null;
  readonly settings: () => {
    readonly sampling: SamplingSettings;
    readonly preset: string | null;
    readonly seed: number | null;
    readonly maxTokens: number;
  };
}

export interface RunListener {
  readonly onText: (text: string, run: Run, alternative: number) => void;
  /** Of one alternative. */
  readonly onDone?: (alternative: number) => void;
  /** At the end, however it came; at once when it is stopped. Null where nothing had begun. */
  readonly onEnd: (run: Run | null) => void;
}

export interface Runner {
  readonly progress: Store<RunProgress | null>;
  /** What is asked for with the present settings; null where there is no model, which is told. */
  request(
    task: ModelRequest['task'],
    reading: Reading,
    more?: Partial<ModelRequest>,
  ): ModelRequest | null;
  /** @param position asked for when the text before is saved */
  run(
    session: SceneSession,
    wanted: ModelRequest,
    position: () => number,
    listener: RunListener,
  ): Promise<void>;
  /** @returns whether there was anything to stop */
  stop(): boolean;
}

export function createRunner({
  client,
  toasts,
  tokens,
  model: chosenModel,
  settings,
}: RunnerPorts): Runner {
  const progress = createStore<RunProgress | null>(null);
  let running: AbortController | null = null;

  function request(
    task: ModelRequest['task'],
    reading: Reading,
    more: Partial<ModelRequest> = {},
  ): ModelRequest | null {
    const model = chosenModel();
    if (!model) {
      toasts.fail(
        new StudioError('model-missing', 'No text model is installed. Open Models to add one.'),
      );
      return null;
    }
    const { sampling, preset, seed, maxTokens } = settings();
    return {
      task,
      instruction: '',
      reading,
      model,
      preset,
      sampling,
      seed,
      maxTokens,
      answerTokens: maxTokens,
      alternatives: 1,
      stop: [],
      logitBias: [],
      ...more,
    };
  }

  function stop(): boolean {
    if (!running) return false;
    running.abort();
    running = null;
    progress.set((now) => now && { ...ended(now), endReason: 'stopped' });
    return true;
  }

  /**
   * Runs a request to its end or until it is stopped.
   * @param position asked for when the text before is saved
   */
  async function run(
    session: SceneSession,
    wanted: ModelRequest,
    position: () => number,
    listener: RunListener,
  ): Promise<void> {
    stop();
    const controller = new AbortController();
    running = controller;
    const startedAtMs = performance.now();
    progress.set({
      state: 'starting',
      tokens: 0,
      maxTokens: wanted.maxTokens * wanted.alternatives,
      tokensPerSecond: null,
      seed: null,
      droppedTokens: 0,
      read: null,
      startedAtMs,
      endedAtMs: null,
      endReason: null,
    });
    let own: Run | null = null;
    let hasEnded = false;
    const end = () => {
      if (hasEnded) return;
      hasEnded = true;
      showCount(true);
      listener.onEnd(own);
    };
    controller.signal.addEventListener('abort', end);
    const update = (change: (now: RunProgress) => Partial<RunProgress>) =>
      progress.set((now) => now && { ...now, ...change(now) });
    let count = 0;
    let shownAtMs = -Infinity;
    const showCount = (isLast = false) => {
      const nowMs = performance.now();
      if (!isLast && nowMs - shownAtMs < progressEveryMs) return;
      shownAtMs = nowMs;
      const seconds = (nowMs - startedAtMs) / 1000;
      update(() => ({ tokens: count, ...(isLast ? {} : { tokensPerSecond: count / seconds }) }));
    };
    try {
      for await (const event of streamModel(client, session, position, wanted, controller.signal)) {
        if (hasEnded) return;
        switch (event.kind) {
          case 'run':
            own = event.run;
            session.addRun(own);
            update(() => ({ state: 'writing', seed: event.run.seed }));
            break;
          case 'start':
            update(() => ({ droppedTokens: event.droppedTokens }));
            break;
          case 'prefill':
            update(() => ({ read: event.done / event.total }));
            break;
          case 'token': {
            if (!own) break;
            tokens.add(own.id, event.alternative, event.token);
            listener.onText(event.token.text, own, event.alternative);
            count += 1;
            showCount();
            break;
          }
          case 'done':
            showCount(true);
            listener.onDone?.(event.alternative);
            update(() => ({ tokensPerSecond: event.tokensPerSecond, endReason: event.reason }));
            break;
          default:
            event satisfies never;
        }
      }
      if (!hasEnded) update(ended);
    } catch (error) {
      if (hasEnded) return;
      update((now) => ({ ...ended(now), endReason: 'failed' }));
      toasts.fail(error);
    } finally {
      end();
      if (running === controller) running = null;
    }
  }

  return { progress, request, run, stop };
}

const ended = (now: RunProgress): RunProgress => ({
  ...now,
  state: 'ended',
  endedAtMs: performance.now(),
});
