/**
 * The chats of the open project and of none, the one that is open, and what is done in it.
 *
 * Promises: what another window does is shown; what was typed and not said survives a restart; nothing that is
 * replaced goes away: it stays as a branch.
 */
import type { QueryClient } from '@tanstack/react-query';
import { leafBelow } from '../../../../contract/chat-tree.ts';
import type {
  AnswerPlace,
  ChatId,
  ChatPersonas,
  ChatSummary,
  ChatTurn,
  OpenChat,
} from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Model } from '../../../../contract/models.ts';
import type { RunToken } from '../../../../contract/scenes.ts';
import { createDraftStore, type DraftStore } from '../../../app/draft-store.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { Connection } from '../../../transport/connection.ts';
import { subscribe } from '../../../transport/subscribe.ts';
import { samplingFor } from '../sampling-settings.ts';
import { chosenTextModel, type WritingDesk } from '../writing-desk.ts';
import { createAnswering, type Answering } from './answering.ts';
import { ChatSettings, initialChatSettings } from './chat-settings.ts';

export interface ChatDesk {
  readonly settings: DraftStore<ChatSettings>;
  /** Of the open project first, then those of none. */
  readonly list: Store<readonly ChatSummary[] | null>;
  readonly chat: Store<OpenChat | null>;
  /** Why no chat can be shown; null while one is, or there is none. */
  readonly problem: Store<StudioError | null>;
  readonly progress: Answering['progress'];
  /** Follows the open project and its chats; once. */
  start(): void;
  open(id: ChatId): Promise<void>;
  /** @param ofProject false for a chat of its own */
  create(ofProject?: boolean): Promise<void>;
  createFromCard(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  rename(id: ChatId, title: string): Promise<void>;
  setPersonas(change: Partial<ChatPersonas>): Promise<void>;
  trash(id: ChatId): Promise<void>;
  /** Out of the trash, and opens it. */
  restore(id: ChatId): Promise<void>;
  /** Says it below the leaf and asks for an answer; makes a chat if there is none. */
  say(text: string): Promise<void>;
  answer(place: AnswerPlace, alternatives?: number): Promise<void>;
  /** A turn of the person's is answered anew. */
  edit(turn: ChatTurn, text: string): Promise<void>;
  /** Shows the branch that a turn is in. */
  select(turn: number): Promise<void>;
  stop(): boolean;
  tokens(run: string, alternative: number): Promise<readonly RunToken[]>;
  exportAs(format: 'markdown' | 'jsonl'): Promise<void>;
}

export function createChatDesk(
  connection: Connection,
  queries: QueryClient,
  modelsKey: readonly string[],
  toasts: Toasts,
  desk: WritingDesk,
): ChatDesk {
  const { client } = connection;
  const settings = createDraftStore(connection, 'write.chat', ChatSettings, initialChatSettings);
  const list = createStore<readonly ChatSummary[] | null>(null);
  const chat = createStore<OpenChat | null>(null);
  const problem = createStore<StudioError | null>(null);
  const answering = createAnswering(client, toasts, chat);
  const drawn = new Map<string, Promise<readonly RunToken[]>>();
  let hasStarted = false;
  /** The project whose chats are shown; undefined before the first. */
  let shownProject: string | null | undefined;

  const projectId = () => desk.projects.project.get()?.id ?? null;

  async function refresh(): Promise<readonly ChatSummary[]> {
    const own = projectId();
    const lists = await Promise.all([
      own === null ? [] : client['chats.list']({ projectId: own }),
      client['chats.list']({ projectId: null }),
    ]);
    // A chat that cannot be read belongs to nobody, and is in both.
    const all = [...new Map(lists.flat().map((each) => [each.id, each])).values()];
    if (own === projectId()) list.set(all);
    return all;
  }

  const refreshQuietly = () => void refresh().catch(() => {});

  function show(opened: OpenChat | null): void {
    answering.stop();
    answering.progress.set(null);
    problem.set(null);
    chat.set(opened);
    if (opened) {
      const key = projectId() ?? '';
      settings.set((now) => ({ ...now, open: { ...now.open, [key]: opened.id } }));
    }
  }

  async function open(id: ChatId): Promise<void> {
    try {
      show(await client['chats.open']({ id }));
    } catch (error) {
      chat.set(null);
      problem.set(StudioError.from(error));
    }
  }

  async function openLast(): Promise<void> {
    await settings.loaded;
    const all = await refresh();
    const key = projectId() ?? '';
    const last = settings.get().open[key];
    const first = all.find(({ id }) => id === last) ?? all.find((each) => each.problem === null);
    if (first) await open(first.id);
    else show(null);
  }

  function followProject(): void {
    const own = projectId();
    if (own === shownProject) return;
    shownProject = own;
    void toasts.watch(openLast());
  }

  async function reread(id: ChatId, revision: number): Promise<void> {
    const shown = chat.get();
    if (shown?.id !== id || revision <= shown.revision) return;
    const fresh = await client['chats.open']({ id }).catch(() => null);
    const now = chat.get();
    if (!fresh || now?.id !== id || fresh.revision < now.revision) return;
    // What is being written here is newer here than there.
    const own = new Set(answering.progress.get()?.state === 'ended' ? [] : now.writing);
    const turns = fresh.turns.map((turn) =>
      own.has(turn.id) ? (now.turns[turn.id] ?? turn) : turn,
    );
    chat.set({ ...fresh, turns });
  }

  /** Puts what the studio answered with into the chat that is shown. */
  function add({ turn, revision }: { readonly turn: ChatTurn; readonly revision: number }): void {
    chat.set((now) => {
      if (!now) return now;
      const turns = [...now.turns];
      turns[turn.id] = turn;
      return { ...now, turns, leaf: turn.id, revision: Math.max(now.revision, revision) };
    });
  }

  function answerSettings() {
    const now = desk.settings.get();
    const models = queries.getQueryData<Model[]>([...modelsKey]) ?? [];
    const model = chosenTextModel(now.modelId, models);
    if (!model) {
      toasts.fail(
        new StudioError('model-missing', 'No text model is installed. Open Models to add one.'),
      );
      return null;
    }
    const { preset, seed, maxTokens } = now;
    return { model, sampling: samplingFor(now, model), preset, seed, maxTokens };
  }

  async function answer(place: AnswerPlace, alternatives = 1): Promise<void> {
    const wanted = answerSettings();
    if (wanted) await answering.answer(place, alternatives, wanted);
  }

  async function restore(id: ChatId): Promise<void> {
    await client['chats.restore']({ id });
    await refresh();
    await open(id);
  }

  async function create(ofProject = true): Promise<void> {
    const before = chat.get();
    const made = await client['chats.create']({
      projectId: ofProject ? projectId() : null,
      personas: {
        person: settings.get().person,
        ...(before ? { character: before.personas.character } : {}),
      },
    });
    show(made);
    refreshQuietly();
  }

  return {
    settings,
    list,
    chat,
    problem,
    progress: answering.progress,
    start() {
      if (hasStarted) return;
      hasStarted = true;
      subscribe(
        connection,
        (client, options) => client['chats.watch']({}, options),
        ({ id, revision, kind }) => {
          refreshQuietly();
          if (kind === 'chat') void reread(id, revision);
          else if (kind === 'trashed' && chat.get()?.id === id) void toasts.watch(openLast());
        },
      );
      desk.projects.project.subscribe(followProject);
      followProject();
    },
    open,
    create,
    restore,
    async createFromCard(bytes) {
      const { person } = settings.get();
      show(await client['chats.createFromCard']({ projectId: projectId(), person, bytes }));
      refreshQuietly();
    },
    async rename(id, title) {
      const { revision } = await client['chats.update']({ id, title });
      chat.set((now) => (now?.id === id ? { ...now, title, revision } : now));
      refreshQuietly();
    },
    async setPersonas(change) {
      const shown = chat.get();
      if (!shown) return;
      const personas = { ...shown.personas, ...change };
      chat.set({ ...shown, personas });
      if (change.person !== undefined) {
        const { person } = change;
        settings.set((now) => ({ ...now, person }));
      }
      try {
        const { revision } = await client['chats.update']({ id: shown.id, personas });
        chat.set((now) => (now?.id === shown.id ? { ...now, revision } : now));
      } catch (error) {
        chat.set((now) => (now?.id === shown.id ? { ...now, personas: shown.personas } : now));
        throw error;
      }
    },
    async trash(id) {
      if (chat.get()?.id === id) answering.stop();
      const title = list.get()?.find((each) => each.id === id)?.title ?? '';
      await client['chats.trash']({ id });
      toasts.say(title === '' ? 'The chat is in the trash.' : `“${title}” is in the trash.`, () =>
        restore(id),
      );
      if (chat.get()?.id === id) await openLast();
      else await refresh();
    },
    async say(text) {
      answering.stop();
      if (!chat.get()) await create();
      const shown = chat.get();
      if (!shown) return;
      const said = await client['chats.say']({ id: shown.id, parent: shown.leaf, text });
      add(said);
      await answer({ kind: 'below', parent: said.turn.id });
    },
    answer,
    async edit(turn, text) {
      const shown = chat.get();
      if (!shown || text === turn.text) return;
      answering.stop();
      const edited = await client['chats.edit']({ id: shown.id, turn: turn.id, text });
      add(edited);
      if (turn.role === 'person') await answer({ kind: 'below', parent: edited.turn.id });
    },
    async select(turn) {
      const shown = chat.get();
      if (!shown) return;
      const leaf = leafBelow(shown.turns, turn);
      chat.set({ ...shown, leaf });
      const { revision } = await client['chats.select']({ id: shown.id, leaf });
      chat.set((now) =>
        now?.id === shown.id ? { ...now, revision: Math.max(now.revision, revision) } : now,
      );
    },
    stop: answering.stop,
    tokens(run, alternative) {
      const shown = chat.get();
      const key = `${run} ${alternative}`;
      const known = drawn.get(key);
      if (known || !shown) return known ?? Promise.resolve([]);
      const fetched = client['chats.tokens']({ id: shown.id, run, alternative });
      // Of a run that still writes there will be more.
      if (shown.writing.length === 0) drawn.set(key, fetched);
      return fetched;
    },
    async exportAs(format) {
      const shown = chat.get();
      if (!shown) return;
      const { path } = await client['chats.export']({ id: shown.id, format });
      toasts.say(`Saved as ${path}`);
    },
  };
}
