/** The chats' part of the contract, answered by the writing thread. */
import path from 'node:path';
import type { chatsContract } from '../../../../contract/chats.ts';
import type { Handlers } from '../../../../contract/rpc.ts';
import type { Broadcast } from '../../broadcast.ts';
import type { Thread } from '../../thread.ts';
import { underFreeName } from '../files/free-name.ts';
import { writeWhole } from '../../whole-file.ts';
import type { WritingEvent } from '../writing-thread-contract.ts';
import { createTokenCounter } from '../context/count-tokens.ts';
import type { TextPorts } from '../generate-text.ts';
import type { ReadTexts } from '../context/read-texts.ts';
import { answerInChat } from './answer.ts';
import { chatContext } from './chat-context.ts';
import type { chatsThreadContract } from './chats-thread-contract.ts';

export function chatsHandlers(
  thread: Pick<Thread<typeof chatsThreadContract>, 'client'>,
  text: TextPorts,
  read: ReadTexts,
  events: Pick<Broadcast<WritingEvent>, 'subscribe'>,
  now: () => number,
  libraryFolder: string,
): Handlers<typeof chatsContract> {
  const { client } = thread;
  const { count: countTokens } = createTokenCounter(text.tokenize);
  return {
    'chats.list': client['chats.list'],
    'chats.create': client['chats.create'],
    'chats.createFromCard': client['chats.createFromCard'],
    'chats.open': client['chats.open'],
    'chats.update': client['chats.update'],
    'chats.trash': client['chats.trash'],
    'chats.restore': client['chats.restore'],
    'chats.trashed': client['chats.trashed'],
    'chats.say': client['chats.say'],
    'chats.edit': client['chats.edit'],
    'chats.select': client['chats.select'],
    'chats.triggeredLore': client['chats.triggeredLore'],
    'chats.tokens': client['chats.tokens'],
    'chats.export': async (input) => {
      const { fileName, text } = await client.exportChat(input);
      const { written: _, ...place } = await underFreeName(
        path.join(libraryFolder, 'exports'),
        fileName,
        (file) => writeWhole(file, text, false),
      );
      return place;
    },
    'chats.answer': (request, { signal }) =>
      answerInChat(thread, text, read, countTokens, now, request, signal),
    'chats.context': (request, { signal }) =>
      chatContext(thread, text, read, countTokens, request, signal),
    'chats.watch': async function* (_input, { signal }) {
      for await (const event of events.subscribe(signal)) {
        if (event.kind !== 'chat') continue;
        yield { id: event.id, revision: event.revision, kind: event.change };
      }
    },
  };
}
