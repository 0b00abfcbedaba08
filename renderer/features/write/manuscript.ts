/**
 * The plain page: its text, its history, and the generation that may be running in it.
 *
 * Promises: text that streams in goes where Continue was pressed even if the person types
 * elsewhere meanwhile; stopping keeps what was written; the page is saved under a draft key.
 */
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import type { TextDefaults, TextModel } from '../../../contract/models.ts';
import type { TokenAlternative, WriteEvent } from '../../../contract/write.ts';
import { createDraftStore, type DraftStore } from '../../app/draft-store.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';
import type { Connection } from '../../transport/connection.ts';
import {
  emptyHistory,
  makeEdit,
  redo,
  undo,
  type Author,
  type Change,
  type EditHistory,
  type Page,
} from './edit-history.ts';
import { moveMarks, movePlace, type TextEdit } from './text-edit.ts';

const StoredPage: z.ZodType<Page> = z.object({
  text: z.string(),
  modelStretches: z.array(z.object({ start: z.number().int(), end: z.number().int() })),
});

export const WriteSettings = z.object({
  modelId: z.string().nullable(),
  /** What differs from the model's defaults, per model. */
  changes: z.record(
    z.string(),
    z
      .object({
        temperature: z.number(),
        topK: z.number(),
        topP: z.number(),
        minP: z.number(),
        repetitionPenalty: z.number(),
      })
      .partial(),
  ),
  maxTokens: z.number(),
  seed: z.number().nullable(),
  typeface: z.enum(['serif', 'sans']),
  /** Shows what a model wrote in another colour. */
  marksModelText: z.boolean(),
  inspectorOpen: z.boolean(),
});
export type WriteSettings = z.infer<typeof WriteSettings>;

const initialSettings: WriteSettings = {
  modelId: null,
  changes: {},
  maxTokens: 120,
  seed: null,
  typeface: 'serif',
  marksModelText: true,
  inspectorOpen: true,
};

/** A token of a generation, where it stands now. */
export interface TokenMark {
  readonly start: number;
  readonly end: number;
  readonly run: number;
  readonly text: string;
  readonly probability: number;
  readonly alternatives: readonly TokenAlternative[];
}

export interface Run {
  readonly state: 'starting' | 'writing' | 'ended';
  readonly tokens: number;
  readonly maxTokens: number;
  readonly tokensPerSecond: number | null;
  readonly seed: number | null;
  /** Tokens of the page's beginning that the model could not see. */
  readonly droppedTokens: number;
  readonly endReason: Extract<WriteEvent, { kind: 'done' }>['reason'] | 'stopped' | 'failed' | null;
}

export interface Manuscript {
  readonly page: DraftStore<Page>;
  readonly settings: DraftStore<WriteSettings>;
  readonly tokens: Store<readonly TokenMark[]>;
  /** The running generation or the last one. */
  readonly run: Store<Run | null>;
  readonly canUndo: () => boolean;
  type(edit: TextEdit): void;
  /** @returns where the caret belongs, or null when there was nothing to undo */
  undo(): number | null;
  redo(): number | null;
  /** @param onEdit told of every token that was put into the page */
  continueAt(place: number, model: TextModel, onEdit: (edit: TextEdit) => void): void;
  /** Takes an alternative in place of a token and of everything its generation wrote after it. @returns where to go on */
  choose(token: TokenMark, alternative: TokenAlternative): number;
  stop(): void;
}

/** Most of the page that is sent; the engine leaves out what does not fit the model's context. */
const promptCharacters = 60_000;
const alternativesShown = 6;
const mostTokens = 4_000;

export function sampling(settings: WriteSettings, model: TextModel): TextDefaults {
  const changes = Object.entries(settings.changes[model.id] ?? {}).filter(
    ([, value]) => value !== undefined,
  );
  return { ...model.defaults, ...Object.fromEntries(changes) };
}

export function createManuscript(connection: Connection, toasts: Toasts): Manuscript {
  const page = createDraftStore(connection, 'write.page', StoredPage, {
    text: '',
    modelStretches: [],
  });
  const settings = createDraftStore(connection, 'write.settings', WriteSettings, initialSettings);
  const tokens = createStore<readonly TokenMark[]>([]);
  const run = createStore<Run | null>(null);
  let history: EditHistory = emptyHistory;
  let running: { controller: AbortController; place: number } | null = null;
  let runs = 0;

  function take(change: Change): number {
    history = change.history;
    page.set(change.page);
    tokens.set((marks) => moveMarks(marks, change.edit));
    if (running) running.place = movePlace(running.place, change.edit);
    return change.caret;
  }

  const edit = (textEdit: TextEdit, author: Author) =>
    take(makeEdit(page.get(), history, textEdit, author));

  function stop(): void {
    if (!running) return;
    running.controller.abort();
    running = null;
    run.set((current) => current && { ...current, state: 'ended', endReason: 'stopped' });
  }

  async function generate(
    place: number,
    model: TextModel,
    onEdit: (edit: TextEdit) => void,
  ): Promise<void> {
    stop();
    const controller = new AbortController();
    const own = { controller, place };
    running = own;
    const number = ++runs;
    const { maxTokens, seed } = settings.get();
    const startedAtMs = performance.now();
    run.set({
      state: 'starting',
      tokens: 0,
      maxTokens,
      tokensPerSecond: null,
      seed: null,
      droppedTokens: 0,
      endReason: null,
    });
    try {
      const events = connection.client['write.generate'](
        {
          modelId: model.id,
          prompt: page.get().text.slice(Math.max(0, place - promptCharacters), place),
          maxTokens,
          sampling: sampling(settings.get(), model),
          seed,
          topAlternatives: alternativesShown,
        },
        { signal: controller.signal },
      );
      for await (const event of events) {
        if (running !== own) return;
        switch (event.kind) {
          case 'start':
            run.set(
              (current) =>
                current && {
                  ...current,
                  state: 'writing',
                  seed: event.seed,
                  droppedTokens: event.droppedTokens,
                },
            );
            break;
          case 'prefill':
            break;
          case 'token': {
            const start = own.place;
            const tokenEdit: TextEdit = { at: start, removed: '', inserted: event.text };
            edit(tokenEdit, { kind: 'model', run: number });
            const mark: TokenMark = {
              start,
              end: start + event.text.length,
              run: number,
              text: event.text,
              probability: event.probability,
              alternatives: event.alternatives,
            };
            if (event.text !== '') {
              tokens.set((marks) =>
                [...marks, mark].toSorted((a, b) => a.start - b.start).slice(-mostTokens),
              );
            }
            const seconds = (performance.now() - startedAtMs) / 1000;
            run.set(
              (current) =>
                current && {
                  ...current,
                  tokens: current.tokens + 1,
                  tokensPerSecond: (current.tokens + 1) / seconds,
                },
            );
            onEdit(tokenEdit);
            break;
          }
          case 'done':
            run.set(
              (current) =>
                current && {
                  ...current,
                  state: 'ended',
                  tokensPerSecond: event.tokensPerSecond,
                  endReason: event.reason,
                },
            );
            break;
          default:
            event satisfies never;
        }
      }
    } catch (error) {
      if (running !== own) return;
      run.set((current) => current && { ...current, state: 'ended', endReason: 'failed' });
      if (StudioError.from(error).code !== 'cancelled') toasts.fail(error);
    } finally {
      if (running === own) running = null;
    }
  }

  return {
    page,
    settings,
    tokens,
    run,
    canUndo: () => history.done.length > 0,
    type: (textEdit) => void edit(textEdit, { kind: 'person', atMs: performance.now() }),
    undo() {
      stop();
      const change = undo(page.get(), history);
      return change && take(change);
    },
    redo() {
      const change = redo(page.get(), history);
      return change && take(change);
    },
    continueAt: (place, model, onEdit) => void generate(place, model, onEdit),
    choose(token, alternative) {
      stop();
      const end = tokens
        .get()
        .reduce(
          (latest, mark) => (mark.run === token.run ? Math.max(latest, mark.end) : latest),
          token.end,
        );
      const removed = page.get().text.slice(token.start, end);
      return edit(
        { at: token.start, removed, inserted: alternative.text },
        { kind: 'model', run: ++runs },
      );
    },
    stop,
  };
}
