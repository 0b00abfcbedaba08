/**
 * Projects of prose: what the window asks for, answered by the writing thread.
 *
 * Promises: what `scenes.append` answered for survives a power cut, and a token that was told survives the death
 * of any process; every change is told to every window after it was answered.
 */
import type { chatsContract } from '../../../contract/chats.ts';
import type { contextContract } from '../../../contract/context.ts';
import type { projectsContract } from '../../../contract/projects.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { scenesContract } from '../../../contract/scenes.ts';
import { createEveryBroadcast } from '../broadcast.ts';
import { startThread } from '../thread.ts';
import { chatsHandlers } from './chats/chats-handlers.ts';
import { isTooLarge, tooLarge } from './change-size.ts';
import { buildContext, type ContextPorts } from './context/build-context.ts';
import { createTokenCounter } from './context/count-tokens.ts';
import { loreOf } from './context/layout-context.ts';
import { createReadTexts } from './context/read-texts.ts';
import { generateText, type TextPorts } from './generate-text.ts';
import { writingThreadContract, type WritingEvent } from './writing-thread-contract.ts';

export type WritingHandlers = Handlers<
  typeof projectsContract & typeof scenesContract & typeof chatsContract & typeof contextContract
>;

export interface Writing {
  readonly handlers: WritingHandlers;
  /** Makes checkpoints; what was answered for is on disk anyway. May be called again. */
  close(): Promise<void>;
}

export interface WritingOptions {
  readonly libraryFolder: string;
  readonly text: TextPorts;
  /** The page of the plain desk as it kept it; null if there is none. */
  readonly oldPage: () => Promise<string | null>;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/** @throws {StudioError} `library-read-only`, `disk-full` */
export async function openWriting({
  libraryFolder,
  text,
  oldPage,
  now,
  log,
}: WritingOptions): Promise<Writing> {
  const entry = new URL(
    import.meta.url.endsWith('.ts') ? './writing-worker.ts' : './writing-worker.js',
    import.meta.url,
  );
  const thread = startThread(writingThreadContract, entry, 'The writing desk');
  const { client } = thread;
  const events = createEveryBroadcast<WritingEvent>();
  const read = createReadTexts(text.engineStart);
  const contextPorts: ContextPorts = {
    project: (id) => client['projects.get']({ id }),
    sceneText: async (projectId, sceneId) => (await client.sceneText({ projectId, sceneId })).text,
    textModel: text.textModel,
    counter: createTokenCounter(text.tokenize),
    tokenize: text.tokenize,
    read,
  };
  /** How many windows hold a scene. */
  const watchers = new Map<string, number>();
  const closing = new AbortController();
  void relayEvents();
  try {
    await client.open({ folder: libraryFolder });
    const draft = await oldPage();
    if (draft !== null && (await client.takeOverPage({ draft })).taken)
      log('info', 'The page you had is now the project "My page".');
  } catch (error) {
    await end();
    throw error;
  }
  let closed: Promise<void> | null = null;

  async function relayEvents(): Promise<void> {
    try {
      for await (const event of client.events({}, { signal: closing.signal })) {
        if (event.kind === 'log') log(event.level, event.text);
        else events.publish(event);
      }
    } catch {
      // The thread ended: calls say so.
    }
  }

  async function end(): Promise<void> {
    closing.abort();
    await thread.end();
  }

  async function close(): Promise<void> {
    try {
      await client.close({});
    } finally {
      await end();
    }
  }

  return {
    handlers: {
      ...chatsHandlers(thread, text, read, events, now, libraryFolder),
      'projects.list': client['projects.list'],
      'projects.create': client['projects.create'],
      'projects.get': client['projects.get'],
      'projects.update': client['projects.update'],
      'projects.trashedScenes': client['projects.trashedScenes'],
      'projects.restoreScene': client['projects.restoreScene'],
      'projects.trash': client['projects.trash'],
      'projects.restore': client['projects.restore'],
      'projects.trashed': client['projects.trashed'],
      'projects.search': client['projects.search'],
      'projects.replace': client['projects.replace'],
      'projects.check': client['projects.check'],
      'projects.session': client['projects.session'],
      'projects.watch': async function* (_input, { signal }) {
        for await (const event of events.subscribe(signal))
          if (event.kind === 'project') yield { id: event.id, kind: event.change };
      },
      'scenes.open': (place, context) =>
        client['scenes.open']({ ...place, recovers: !watchers.has(place.sceneId) }, context),
      'scenes.append': async (input, context) => {
        if (isTooLarge(input.changes)) throw tooLarge();
        return client['scenes.append'](input, context);
      },
      'scenes.nodes': client['scenes.nodes'],
      'scenes.diff': client['scenes.diff'],
      'scenes.at': client['scenes.at'],
      'scenes.tokens': client['scenes.tokens'],
      'scenes.generate': ({ projectId, sceneId, ...request }, { signal }) =>
        generateText(thread, text, read, now, { projectId, sceneId }, request, signal),
      'context.build': (input, { signal }) => buildContext(contextPorts, input, signal),
      'lore.triggered': async ({ projectId, text: told }) => {
        const { lore } = await client['projects.get']({ id: projectId });
        return { ids: loreOf(lore, told).map(({ id }) => id) };
      },
      'scenes.watch': async function* ({ projectId, sceneId }, { signal }) {
        watchers.set(sceneId, (watchers.get(sceneId) ?? 0) + 1);
        try {
          for await (const event of events.subscribe(signal)) {
            if (event.kind !== 'revision') continue;
            if (event.projectId === projectId && event.sceneId === sceneId)
              yield { revision: event.revision };
          }
        } finally {
          const left = (watchers.get(sceneId) ?? 1) - 1;
          if (left === 0) watchers.delete(sceneId);
          else watchers.set(sceneId, left);
        }
      },
    },
    close: () => (closed ??= close()),
  };
}
