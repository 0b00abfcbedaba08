/**
 * A run of a model at a place of a scene.
 *
 * Promises: a token is in the scene's journal before anybody sees it; whatever ends the run (its end, the
 * person, the engine's death), what was told before stays told.
 */
import { createHash, randomUUID } from 'node:crypto';
import { StudioError } from '../../../contract/errors.ts';
import type { Model } from '../../../contract/models.ts';
import type { GenerateRequest, Run, RunEvent } from '../../../contract/scenes.ts';
import type { ProviderName } from '../../../contract/system.ts';
import type { AlternativeEvent, WriteEvent, WriteRequest } from '../../../contract/write.ts';
import type { Thread } from '../thread.ts';
import type { Tokenize } from './context/count-tokens.ts';
import type { ReadText, ReadTexts } from './context/read-texts.ts';
import type { writingThreadContract } from './writing-thread-contract.ts';

/** What runs need of models and the engine. */
export interface TextPorts {
  /** @throws {StudioError} `model-missing`, `model-invalid`, `bad-request` for a model of another kind */
  readonly textModel: (id: string) => Extract<Model, { kind: 'text' }>;
  /** Reads the whole model if it must. */
  readonly modelHash: (id: string, signal: AbortSignal) => Promise<string>;
  /** What the engine runs on; null while that is not known. */
  readonly provider: () => ProviderName | null;
  /** `request.seed` is set; alternative i is to be drawn with the seed + i, in any order. */
  readonly writeAlternatives: (
    request: WriteRequest,
    alternatives: number,
    signal: AbortSignal,
  ) => AsyncIterable<AlternativeEvent & { readonly alternative: number }>;
  readonly drawSeed: () => number;
  readonly tokenize: Tokenize;
  /** Differs after every start of the engine; null while it does not run. */
  readonly engineStart: () => number | null;
}

export async function* generateText(
  { client }: Pick<Thread<typeof writingThreadContract>, 'client'>,
  ports: Omit<TextPorts, 'engineStart'>,
  read: Pick<ReadTexts, 'note'>,
  now: () => number,
  place: { readonly projectId: string; readonly sceneId: string },
  { revision, position, task, instruction, preset, request, alternatives }: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<RunEvent> {
  const model = ports.textModel(request.modelId);
  const told = await textOf(request, ports.tokenize, signal);
  const seed = request.seed ?? ports.drawSeed();
  const run: Run = {
    id: randomUUID(),
    at: now(),
    task,
    instruction,
    modelId: model.id,
    modelName: model.name,
    modelHash: model.hash ?? '',
    provider: ports.provider(),
    preset,
    sampling: request.sampling,
    seed,
    contextHash: createHash('sha256').update(told).digest('hex'),
    alternatives,
  };
  await client.beginRun({ ...place, revision, position, run });
  const counts: number[] = [];
  const writtenTokens: number[] = [];
  try {
    if (model.hash === null) void addHash();
    yield { kind: 'run', run };
    for await (const { alternative, event } of ports.writeAlternatives(
      { ...request, seed },
      alternatives,
      signal,
    )) {
      if (event.kind === 'start' && run.provider === null) await addProvider();
      if (event.kind === 'token') {
        const index = counts[alternative] ?? 0;
        counts[alternative] = index + 1;
        const { tokenId, text, probability, alternatives: others } = event;
        const token = { index, tokenId, text, probability, alternatives: others };
        await client.addToken({ ...place, run: run.id, alternative, token });
        writtenTokens.push(tokenId);
      }
      yield { kind: 'write', alternative, event };
    }
  } finally {
    if (counts.length > 0) read.note(model.id, readAfter(request, writtenTokens, alternatives));
    await client.endRun({ ...place, run: run.id });
  }

  async function addProvider(): Promise<void> {
    const provider = ports.provider();
    if (provider !== null) await client.addRunFacts({ ...place, run: run.id, facts: { provider } });
  }

  /** A large model is not hashed before its first token, but beside it. */
  async function addHash(): Promise<void> {
    try {
      const modelHash = await ports.modelHash(model.id, new AbortController().signal);
      await client.addRunFacts({ ...place, run: run.id, facts: { modelHash } });
    } catch {
      // The model was removed, or the studio is closing: the hash stays unknown.
    }
  }
}

/** What the model reads: the prompt, or what its template makes of turns. */
async function textOf(
  { modelId, prompt, messages }: WriteRequest,
  tokenize: Tokenize,
  signal: AbortSignal,
): Promise<string> {
  if (messages === null) return prompt;
  return (await tokenize({ modelId, messages }, signal)).text;
}

/**
 * What the model has read once it has written.
 * @param drawn in order
 */
export function readAfter(
  { prompt, messages }: Pick<WriteRequest, 'prompt' | 'messages'>,
  drawn: readonly number[],
  alternatives: number,
): ReadText {
  return {
    told: { prompt, messages },
    // Of several texts it keeps what they have in common. What it drew last it has not read.
    writtenTokens: alternatives === 1 ? drawn.slice(0, -1) : [],
  };
}

/** One text by itself, several in one batch. */
export function inBatches(
  write: (request: WriteRequest, signal: AbortSignal) => AsyncIterable<WriteEvent>,
  writeSeveral: (
    request: WriteRequest,
    count: number,
    signal: AbortSignal,
  ) => AsyncIterable<AlternativeEvent>,
): TextPorts['writeAlternatives'] {
  const alone = inSequence(write);
  return async function* write(request, alternatives, signal) {
    if (alternatives === 1 || request.draft !== null || request.beams !== null) {
      yield* alone(request, alternatives, signal);
      return;
    }
    // What concerns all is told of the first.
    for await (const { alternative, event } of writeSeveral(request, alternatives, signal))
      yield { alternative: alternative ?? 0, event };
  };
}

/** One after another. */
export function inSequence(
  write: (request: WriteRequest, signal: AbortSignal) => AsyncIterable<WriteEvent>,
): TextPorts['writeAlternatives'] {
  return async function* writeInSequence(request, alternatives, signal) {
    for (let alternative = 0; alternative < alternatives; alternative += 1) {
      const seed = ((request.seed ?? 0) + alternative) % (Number.MAX_SAFE_INTEGER + 1);
      for await (const event of write({ ...request, seed }, signal)) yield { alternative, event };
      if (signal.aborted) throw new StudioError('cancelled', 'Cancelled.');
    }
  };
}
