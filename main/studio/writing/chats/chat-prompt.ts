/** What a model reads of a laid-out chat: turns by its own template where it has one, else a transcript. */
import { StudioError } from '../../../../contract/errors.ts';
import type { WriteRequest } from '../../../../contract/write.ts';
import type { Tokenize } from '../context/count-tokens.ts';
import type { LaidOutChat, Message } from './layout-chat.ts';

export interface ChatPrompt {
  readonly request: Pick<WriteRequest, 'prompt' | 'messages' | 'pinnedCharacters'>;
  /** The same as one text. */
  readonly text: string;
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
    try {
      const { text } = await tokenize({ modelId, messages: [...turns], maxTokens: 1 }, signal);
      // A template always begins an answer anew: one that goes on is put behind its text.
      return opening === ''
        ? {
            request: { prompt: '', messages: [...turns], pinnedCharacters: 0 },
            text,
            isTranscript: false,
          }
        : {
            request: { prompt: `${text}${opening}`, messages: null, pinnedCharacters: 0 },
            text: `${text}${opening}`,
            isTranscript: false,
          };
    } catch (error) {
      const { code } = StudioError.from(error);
      if (code === 'unsupported') break;
      if (code !== 'bad-request') throw error;
    }
  }
  return {
    request: { prompt: transcript, messages: null, pinnedCharacters },
    text: transcript,
    isTranscript: true,
  };
}

/** For templates that know no system turn: the first turn begins with it. */
function withoutSystem(messages: readonly Message[]): readonly Message[] {
  const [system, first, ...rest] = messages;
  return system?.role === 'system' && first
    ? [{ role: first.role, content: `${system.content}\n\n${first.content}` }, ...rest]
    : messages;
}
