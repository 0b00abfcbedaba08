/**
 * What a model would read for the next answer of a chat, part by part.
 *
 * Promises: it is put together by what puts the answer's own request together.
 */
import type { ChatContextRequest } from '../../../../contract/chats.ts';
import type { BuiltContext } from '../../../../contract/context.ts';
import type { Thread } from '../../thread.ts';
import { compareContext, tokensWithin } from '../context/compare-context.ts';
import type { TokenCounter } from '../context/count-tokens.ts';
import { coveringParts, type Piece } from '../context/pieced-text.ts';
import type { ReadTexts } from '../context/read-texts.ts';
import type { TextPorts } from '../generate-text.ts';
import { chatPromptOf } from './chat-prompt.ts';
import type { chatsThreadContract } from './chats-thread-contract.ts';
import { layoutChat } from './layout-chat.ts';

const template = { source: 'system', label: 'The model’s template' } as const;
const cue = { source: 'system', label: 'Whose turn it is' } as const;

/** @throws {StudioError} as an answer at that place */
export async function chatContext(
  { client }: Pick<Thread<typeof chatsThreadContract>, 'client'>,
  { textModel, tokenize }: Pick<TextPorts, 'textModel' | 'tokenize'>,
  read: Pick<ReadTexts, 'last'>,
  countTokens: TokenCounter['count'],
  { id, place, said, modelId, maxTokens }: ChatContextRequest,
  signal: AbortSignal,
): Promise<BuiltContext> {
  const { contextLength } = textModel(modelId);
  const { turns, opening, ...source } = await client.planAnswer({ id, place });
  const laid = await layoutChat({
    ...source,
    turns: said.trim() === '' ? turns : [...turns, { role: 'person', text: said }],
    opening,
    contextLength,
    maxTokens,
    count: (text) => countTokens(modelId, text, signal),
  });
  const { request, whole, isTranscript } = await chatPromptOf(
    laid,
    opening,
    modelId,
    tokenize,
    signal,
  );
  const { prompt, messages } = request;
  const { tokens } = await tokenize({ modelId, prompt, messages }, signal);
  const parts = joinedTurns(coveringParts(whole, template, isTranscript ? cue : template));
  return {
    text: whole.text,
    messages,
    parts: parts.map((part) => ({ ...part, tokens: tokensWithin(tokens, part) })),
    cut: [...laid.cut],
    contextLength,
    ...(await compareContext(modelId, whole.text, tokens, read.last(modelId), tokenize, signal)),
  };
}

/** Turns that follow each other are one part: `Turns 3 to 12`. */
function joinedTurns(parts: readonly Piece[]): readonly Piece[] {
  const joined: (Piece & { readonly first?: string })[] = [];
  for (const part of parts) {
    const isTurn = part.source === 'turns' && /^\d+$/.test(part.label);
    const last = joined.at(-1);
    if (!isTurn) joined.push(part);
    else if (last?.first === undefined)
      joined.push({ ...part, first: part.label, label: `Turn ${part.label}` });
    else
      joined[joined.length - 1] = {
        ...last,
        end: part.end,
        label: `Turns ${last.first} to ${part.label}`,
      };
  }
  return joined.map(({ first: _first, ...part }) => part);
}
