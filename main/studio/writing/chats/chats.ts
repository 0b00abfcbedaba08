/**
 * The chats of a library, each a journal in `documents/chats/`, or in its `trash/`. Blocking, for the writing
 * thread.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathTo } from '../../../../contract/chat-tree.ts';
import { ChatId, ChatPersonas, type ChatSummary } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { syncFolderSync } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import type { ChatAbout } from './chat-lines.ts';
import { openChat, type Chat } from './chat.ts';

export interface Chats {
  list(projectId: string | null): ChatSummary[];
  trashed(): ChatSummary[];
  create(about: ChatAbout): { readonly id: string; readonly chat: Chat };
  /** @throws {StudioError} `not-found`, `library-newer`, `disk-full` */
  get(id: string): Chat;
  /** @throws {StudioError} `not-found`; `conflict` while the model writes in it */
  trash(id: string): void;
  restore(id: string): void;
  /** Syncs tokens. */
  tidy(): void;
  close(): void;
}

export interface ChatsOptions {
  /** `documents/chats/` of the library; made when it is needed. */
  readonly folder: string;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

const mostOpen = 12;
const previewCharacters = 160;
const unknown: ChatAbout = { projectId: null, title: '', personas: ChatPersonas.parse({}) };

export function createChats({ folder, now, log }: ChatsOptions): Chats {
  const trashFolder = path.join(folder, 'trash');
  /** Least recently used first. */
  const open = new Map<string, Chat>();
  /** Of chats that are not open, as long as their file stays the same. */
  const summaries = new Map<string, { readonly file: string; readonly summary: ChatSummary }>();

  const fileOf = (own: string, id: string) => path.join(own, `${id}.jsonl`);

  function idsIn(own: string): string[] {
    try {
      return readdirSync(own)
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => path.basename(name, '.jsonl'))
        .filter((id) => ChatId.safeParse(id).success);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw storageError(error, own);
    }
  }

  function stampOf(file: string): string | null {
    try {
      const { size, mtimeMs } = statSync(file);
      return `${size} ${mtimeMs}`;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw storageError(error, file);
    }
  }

  function summaryIn(own: string, id: string): ChatSummary {
    const opened = own === folder ? open.get(id) : undefined;
    if (opened) return summaryOf(id, opened);
    const file = `${fileOf(own, id)} ${stampOf(fileOf(own, id))}`;
    const known = summaries.get(id);
    if (known?.file === file) return known.summary;
    let summary: ChatSummary;
    try {
      using chat = openChat({ folder: own, id, about: unknown, now, log });
      summary = summaryOf(id, chat);
    } catch (error) {
      const problem = StudioError.from(error).message;
      summary = { ...emptySummary(id), problem };
    }
    // Opening may have cut a torn line.
    summaries.set(id, { file: `${fileOf(own, id)} ${stampOf(fileOf(own, id))}`, summary });
    return summary;
  }

  function summariesIn(own: string): ChatSummary[] {
    return idsIn(own)
      .map((id) => summaryIn(own, id))
      .sort((a, b) => b.changedAt - a.changedAt);
  }

  function get(id: string): Chat {
    const known = open.get(id);
    if (!known && stampOf(fileOf(folder, id)) === null) {
      throw new StudioError(
        'not-found',
        stampOf(fileOf(trashFolder, id)) === null
          ? 'There is no such chat. It may have been moved outside Atelier.'
          : 'That chat is in the trash. Put it back first.',
        { id },
      );
    }
    const chat = known ?? openChat({ folder, id, about: unknown, now, log });
    keep(id, chat);
    return chat;
  }

  function keep(id: string, chat: Chat): void {
    open.delete(id);
    open.set(id, chat);
    for (const [oldId, old] of open) {
      if (open.size <= mostOpen) break;
      if (old !== chat && !old.isWriting) closeOne(oldId, old);
    }
  }

  function closeOne(id: string, chat: Chat): void {
    open.delete(id);
    chat[Symbol.dispose]();
  }

  function move(id: string, from: string, to: string): void {
    if (stampOf(fileOf(from, id)) === null)
      throw new StudioError('not-found', 'There is no such chat.', { id });
    try {
      mkdirSync(to, { recursive: true });
      renameSync(fileOf(from, id), fileOf(to, id));
      syncFolderSync(from);
      syncFolderSync(to);
    } catch (error) {
      throw storageError(error, fileOf(from, id));
    }
  }

  return {
    list: (projectId) =>
      summariesIn(folder).filter((chat) => chat.projectId === projectId || chat.problem !== null),
    trashed: () => summariesIn(trashFolder),
    create(about) {
      const id = randomUUID();
      try {
        mkdirSync(folder, { recursive: true });
      } catch (error) {
        throw storageError(error, folder);
      }
      const chat = openChat({ folder, id, about, now, log });
      keep(id, chat);
      return { id, chat };
    },
    get,
    trash(id) {
      const chat = open.get(id);
      if (chat?.isWriting) {
        throw new StudioError(
          'conflict',
          'The model is still writing in that chat. Stop it first.',
        );
      }
      if (chat) closeOne(id, chat);
      move(id, folder, trashFolder);
    },
    restore: (id) => move(id, trashFolder, folder),
    tidy() {
      for (const [id, chat] of open) {
        try {
          chat.sync();
        } catch (error) {
          log('warning', `The chat "${id}" could not be synced: ${String(error)}`);
        }
      }
    },
    close() {
      for (const [id, chat] of open) {
        chat.sync();
        closeOne(id, chat);
      }
    },
  };
}

function emptySummary(id: string): ChatSummary {
  return {
    id,
    projectId: null,
    title: '',
    character: '',
    preview: '',
    turns: 0,
    changedAt: 0,
    problem: null,
  };
}

function summaryOf(id: string, { state }: Chat): ChatSummary {
  const shown = pathTo(state.turns, state.leaf);
  const preview = (shown.at(-1)?.text ?? '').replaceAll(/\s+/g, ' ').trim();
  return {
    id,
    projectId: state.projectId,
    // A chat without a title goes by what was said first.
    title: state.title || firstWords(shown.find(({ role }) => role === 'person')?.text ?? ''),
    character: state.personas.character,
    preview: preview.slice(0, previewCharacters),
    turns: shown.length,
    changedAt: state.changedAt,
    problem: null,
  };
}

const titleCharacters = 60;

function firstWords(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= titleCharacters) return line;
  const end = line.lastIndexOf(' ', titleCharacters);
  return `${line.slice(0, end > 0 ? end : titleCharacters)}…`;
}
