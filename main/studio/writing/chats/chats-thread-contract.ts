/** Chats: the writing's main-thread face ⇄ its thread. Texts pass as they are. */
import { z } from 'zod';
import {
  ChatId,
  chatsContract,
  type AnswerPlace,
  type ChatPersonas,
  type ChatTurn,
  type OpenChat,
  type turnEnds,
} from '../../../../contract/chats.ts';
import type { LoreEntry } from '../../../../contract/projects.ts';
import { call } from '../../../../contract/rpc.ts';
import type { Run, RunToken } from '../../../../contract/scenes.ts';

/** What an answer is put together from. */
export interface AnswerSource {
  readonly personas: ChatPersonas;
  /** The project's, if the model is told of it. */
  readonly projectMemory: string;
  /** The project's, if the model is told of it, then the chat's own. */
  readonly lore: readonly LoreEntry[];
  readonly turns: readonly ChatTurn[];
  /** What the answer begins with. */
  readonly opening: string;
}

const Changed = z.object({ revision: z.number() });
const Added = Changed.extend({ turn: z.custom<ChatTurn>() });
const Own = z.object({ id: ChatId });
const OwnRun = Own.extend({ run: z.string() });

export const chatsThreadContract = {
  'chats.list': chatsContract['chats.list'],
  'chats.trashed': chatsContract['chats.trashed'],
  'chats.create': call(chatsContract['chats.create'].input, z.custom<OpenChat>()),
  'chats.createFromCard': call(chatsContract['chats.createFromCard'].input, z.custom<OpenChat>()),
  'chats.open': call(Own, z.custom<OpenChat>()),
  'chats.update': chatsContract['chats.update'],
  'chats.trash': chatsContract['chats.trash'],
  'chats.restore': chatsContract['chats.restore'],
  'chats.say': call(chatsContract['chats.say'].input, Added),
  'chats.edit': call(chatsContract['chats.edit'].input, Added),
  'chats.select': chatsContract['chats.select'],
  'chats.triggeredLore': chatsContract['chats.triggeredLore'],
  'chats.tokens': call(chatsContract['chats.tokens'].input, z.custom<RunToken[]>()),
  exportChat: call(
    chatsContract['chats.export'].input,
    z.object({ fileName: z.string(), text: z.string() }),
  ),
  planAnswer: call(Own.extend({ place: z.custom<AnswerPlace>() }), z.custom<AnswerSource>()),
  beginAnswer: call(
    Own.extend({ place: z.custom<AnswerPlace>(), opening: z.string(), run: z.custom<Run>() }),
    Changed.extend({ turns: z.custom<ChatTurn[]>() }),
  ),
  addAnswerToken: call(
    OwnRun.extend({ alternative: z.number(), token: z.custom<RunToken>() }),
    z.object({}),
  ),
  addAnswerFacts: call(
    OwnRun.extend({ facts: z.custom<{ modelHash?: string; provider?: Run['provider'] }>() }),
    z.object({}),
  ),
  endAnswer: call(OwnRun.extend({ ends: z.custom<(typeof turnEnds)[number][]>() }), z.object({})),
} as const;
