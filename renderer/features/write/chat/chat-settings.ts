/** How the chat is set up; kept over restarts. */
import { z } from 'zod';
import { ChatId } from '../../../../contract/chats.ts';

export const ChatSettings = z.object({
  view: z.enum(['page', 'chat']),
  /** The chat that was open last, per project; under `''` those of no project. */
  open: z.record(z.string(), ChatId),
  /** What was typed and not said, per chat. */
  drafts: z.record(z.string(), z.string()),
  /** What the person is called in a new chat. */
  person: z.string(),
});
export type ChatSettings = z.infer<typeof ChatSettings>;

export const initialChatSettings: ChatSettings = {
  view: 'page',
  open: {},
  drafts: {},
  person: 'You',
};
