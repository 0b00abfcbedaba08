/** What a model reads of a laid-out chat: turns by its own template where it has one, else a transcript. */
import type { ChatMessage } from '../../../../contract/decoding.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { WriteRequest } from '../../../../contract/write.ts';
import type { Tokenize } from '../context/count-tokens.ts';
import { bare, joinPieced, locatePieced, type PiecedText } from '../context/pieced-text.ts';
import { openingText, type LaidOutChat, type LaidOutMessage } from './layout-chat.ts';

export interface ChatPrompt {
  readonly request: Pick<WriteRequest, 'prompt' | 'messages' | 'pinnedCharacters'>;
  /** The same as one text. */
  readonly whole: PiecedText;
  readonly isTranscript: boolean;
}

/** @param opening what the answer begins with */
export async function chatPromptOf(
  { messages, transcript, pinnedCharacters }: LaidOutChat,
  opening: string,
  modelId: string,
  tokenize: Tokenize,
  signal: AbortSignal,
): Promise<ChatPrompt> {
  for (const turns of [messages, withoutSystem(messages)]) {
    const told = turns.map(({ role, text }): ChatMessage => ({ role, content: text }));
    try {
      const { text } = await tokenize({ modelId, messages: told, maxTokens: 1 }, signal);
      const whole = joinPieced([locatePieced(text, turns), openingText(opening)]);
      // A template always begins an answer anew: one that goes on is put behind its text.
      const request =
        opening === ''
          ? { prompt: '', messages: told, pinnedCharacters: 0 }
          : { prompt: whole.text, messages: null, pinnedCharacters: 0 };
      return { request, whole, isTranscript: false };
    } catch (error) {
      const { code } = StudioError.from(error);
      if (code === 'unsupported') break;
      if (code !== 'bad-request') throw error;
    }
  }
  return {
    request: { prompt: transcript.text, messages: null, pinnedCharacters },
    whole: transcript,
    isTranscript: true,
  };
}

/** For templates that know no system turn: the first turn begins with it. */
function withoutSystem(messages: readonly LaidOutMessage[]): readonly LaidOutMessage[] {
  const [system, first, ...rest] = messages;
  return system?.role === 'system' && first
    ? [{ role: first.role, ...joinPieced([system, bare('\n\n'), first]) }, ...rest]
    : messages;
}
