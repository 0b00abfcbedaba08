/** One generation in a scene, as the window sees it: who writes, then token by token. */
import type { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import type { TextModel } from '../../../../contract/models.ts';
import type { Run, RunToken } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type {
  LogitBias,
  SamplingSettings,
  WriteEvent,
  WriteRequest,
} from '../../../../contract/write.ts';
import type { SceneSession } from '../session/scene-session.ts';
import type { Reading } from './task-prompts.ts';

export type EndReason = Extract<WriteEvent, { kind: 'done' }>['reason'];

export interface ModelRequest {
  readonly task: Run['task'];
  readonly instruction: string;
  readonly reading: Reading;
  readonly model: TextModel;
  readonly preset: string | null;
  readonly sampling: SamplingSettings;
  readonly seed: number | null;
  readonly maxTokens: number;
  /** Room in the context that an answer gets, however short this one is: a beginning is cut at the same place then. */
  readonly answerTokens: number;
  readonly alternatives: number;
  readonly stop: readonly string[];
  readonly logitBias: readonly LogitBias[];
}

export type StreamEvent =
  | { readonly kind: 'run'; readonly run: Run }
  | {
      readonly kind: 'start';
      readonly alternative: number;
      readonly seed: number;
      readonly droppedTokens: number;
    }
  /** Tokens of the prompt that were read, of `total`. */
  | { readonly kind: 'prefill'; readonly done: number; readonly total: number }
  | { readonly kind: 'token'; readonly alternative: number; readonly token: RunToken }
  | {
      readonly kind: 'done';
      readonly alternative: number;
      readonly reason: EndReason;
      readonly tokensPerSecond: number;
    };

const alternativesShown = 8;
const mostAttempts = 4;

/**
 * @param position where in the text it writes, asked for when everything before is saved
 * @throws {StudioError} what the studio and the engine throw
 */
export async function* streamModel(
  client: Pick<StudioClient, 'context.build' | 'scenes.generate'>,
  session: SceneSession,
  position: () => number,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const told = await laidOut(client, session, request, signal);
  for (let attempt = 1; ; attempt += 1) {
    await saveFirst(session);
    let hasBegun = false;
    try {
      for await (const event of begin(client, session, position(), told, request, signal)) {
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      // A key was pressed between the saving and the beginning.
      const isOvertaken = StudioError.from(error).code === 'conflict' && !hasBegun;
      if (!isOvertaken || attempt === mostAttempts) throw error;
    }
  }
}

type Told = Pick<z.input<typeof WriteRequest>, 'prompt' | 'messages'>;

/** The whole of what the model reads: memory, lore, note and earlier scenes around the text. */
async function laidOut(
  client: Pick<StudioClient, 'context.build'>,
  { projectId, sceneId }: SceneSession,
  { task, instruction, reading, model, maxTokens, answerTokens }: ModelRequest,
  signal: AbortSignal,
): Promise<Told> {
  const { text, messages } = await client['context.build'](
    {
      projectId,
      sceneId,
      modelId: model.id,
      task,
      instruction,
      ...reading,
      maxTokens: Math.max(maxTokens, answerTokens),
    },
    { signal },
  );
  return messages === null ? { prompt: text } : { prompt: '', messages };
}

async function saveFirst(session: SceneSession): Promise<void> {
  for (let attempt = 1; attempt <= mostAttempts && !session.isSaved(); attempt += 1) {
    if (!(await session.flush())) {
      const state = session.saving.get();
      throw new StudioError(
        'disconnected',
        `The model can only go on from a text that is saved. ${state.kind === 'failed' ? state.reason : ''}`.trim(),
      );
    }
  }
}

async function* begin(
  client: Pick<StudioClient, 'scenes.generate'>,
  session: SceneSession,
  position: number,
  told: Told,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const { task, instruction, preset, alternatives } = request;
  const counts: number[] = [];
  const events = client['scenes.generate'](
    {
      projectId: session.projectId,
      sceneId: session.sceneId,
      revision: session.revision(),
      position,
      task,
      instruction,
      preset,
      alternatives,
      request: {
        modelId: request.model.id,
        ...told,
        maxTokens: request.maxTokens,
        sampling: request.sampling,
        seed: request.seed,
        stop: [...request.stop],
        logitBias: [...request.logitBias],
        topAlternatives: alternativesShown,
      },
    },
    { signal },
  );
  for await (const item of events) {
    if (item.kind === 'run') {
      yield item;
      continue;
    }
    const { alternative, event } = item;
    switch (event.kind) {
      case 'start':
        yield { kind: 'start', alternative, seed: event.seed, droppedTokens: event.droppedTokens };
        break;
      case 'prefill':
        yield event;
        break;
      case 'token': {
        const index = counts[alternative] ?? 0;
        counts[alternative] = index + 1;
        const { tokenId, text, probability, alternatives } = event;
        yield {
          kind: 'token',
          alternative,
          token: { index, tokenId, text, probability, alternatives },
        };
        break;
      }
      case 'done':
        yield {
          kind: 'done',
          alternative,
          reason: event.reason,
          tokensPerSecond: event.tokensPerSecond,
        };
        break;
      default:
        event satisfies never;
    }
  }
}
