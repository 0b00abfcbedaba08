/**
 * An answer of a model in a chat.
 *
 * Promises: a token is in the chat's journal, and part of its turn, before anybody sees it; whatever ends the
 * answer (its end, the person, the engine's death), what was told before stays.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { AnswerEvent, AnswerRequest, ChatTurn } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Run } from '../../../../contract/scenes.ts';
import type { Thread } from '../../thread.ts';
import type { TokenCounter } from '../context/count-tokens.ts';
import type { ReadTexts } from '../context/read-texts.ts';
import { readAfter, type TextPorts } from '../generate-text.ts';
import type { chatsThreadContract } from './chats-thread-contract.ts';
import { chatPromptOf } from './chat-prompt.ts';
import { layoutChat } from './layout-chat.ts';

type TurnEnd = NonNullable<ChatTurn['end']>;

/** An answer has words: a base model may else end the line at once and leave it empty. */
const someWords = { kind: 'regex', pattern: String.raw` ?\S[\s\S]*` } as const;

export async function* answerInChat(
  { client }: Pick<Thread<typeof chatsThreadContract>, 'client'>,
  ports: TextPorts,
  read: Pick<ReadTexts, 'note'>,
  countTokens: TokenCounter['count'],
  now: () => number,
  { id, place, preset, request, alternatives }: AnswerRequest,
  signal: AbortSignal,
): AsyncGenerator<AnswerEvent> {
  if (place.kind !== 'below' && alternatives !== 1)
    throw new StudioError('bad-request', 'An answer goes on in one way. Ask for one alternative.');
  const model = ports.textModel(request.modelId);
  const source = await client.planAnswer({ id, place });
  const laid = await layoutChat({
    ...source,
    contextLength: model.contextLength,
    maxTokens: request.maxTokens,
    count: (text) => countTokens(model.id, text, signal),
  });
  const { cut, droppedTurns } = laid;
  const prompt = await chatPromptOf(laid, source.opening, model.id, ports.tokenize, signal);
  const needsWords =
    prompt.isTranscript && source.opening === '' && request.bannedPhrases.length === 0;
  const seed = request.seed ?? ports.drawSeed();
  const run: Run = {
    id: randomUUID(),
    at: now(),
    task: 'chat',
    instruction: '',
    modelId: model.id,
    modelName: model.name,
    modelHash: model.hash ?? '',
    provider: ports.provider(),
    preset,
    sampling: request.sampling,
    seed,
    contextHash: createHash('sha256').update(prompt.whole.text).digest('hex'),
    alternatives,
  };
  const begun = await client.beginAnswer({ id, place, opening: source.opening, run });
  // What stands when nothing else was said: the person went away.
  const ends = Array.from({ length: alternatives }, (): TurnEnd => 'stopped');
  const drawn: number[] = [];
  try {
    if (model.hash === null) void addHash();
    yield { kind: 'run', run, ...begun, cut: [...cut], droppedTurns };
    const told: number[] = [];
    for await (const { alternative, event } of ports.writeAlternatives(
      {
        ...request,
        ...prompt.request,
        seed,
        stop: prompt.isTranscript
          ? [...new Set([...request.stop, ...laid.stops])].slice(0, 32)
          : request.stop,
        constraint: request.constraint ?? (needsWords ? someWords : null),
      },
      alternatives,
      signal,
    )) {
      if (event.kind === 'start' && run.provider === null) await addProvider();
      if (event.kind === 'token') {
        const index = told[alternative] ?? 0;
        told[alternative] = index + 1;
        const { tokenId, text, probability, alternatives: others } = event;
        const token = { index, tokenId, text, probability, alternatives: others };
        await client.addAnswerToken({ id, run: run.id, alternative, token });
        drawn.push(tokenId);
      }
      if (event.kind === 'done') ends[alternative] = event.reason;
      yield { kind: 'write', alternative, event };
    }
  } catch (error) {
    if (StudioError.from(error).code !== 'cancelled') ends.fill('failed');
    throw error;
  } finally {
    if (drawn.length > 0) read.note(model.id, readAfter(prompt.request, drawn, alternatives));
    await client.endAnswer({ id, run: run.id, ends });
  }

  async function addProvider(): Promise<void> {
    const provider = ports.provider();
    if (provider !== null) await client.addAnswerFacts({ id, run: run.id, facts: { provider } });
  }

  /** A large model is not hashed before its first token, but beside it. */
  async function addHash(): Promise<void> {
    try {
      const modelHash = await ports.modelHash(model.id, new AbortController().signal);
      await client.addAnswerFacts({ id, run: run.id, facts: { modelHash } });
    } catch {
      // The model was removed, or the studio is closing: the hash stays unknown.
    }
  }
}
