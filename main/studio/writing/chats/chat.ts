/**
 * One chat that is open: its journal, and what it amounts to. Blocking, for the writing thread.
 *
 * Promises: what a call returned for survives a power cut; a token that `addToken` returned for survives the death
 * of any process, and a power cut a second later; no turn is ever changed but by what its own run adds to its
 * end; nothing is ever removed from the journal but a line that was cut off, which is kept beside it.
 */
import path from 'node:path';
import { pathTo } from '../../../../contract/chat-tree.ts';
import type { AnswerPlace, ChatTurn, OpenChat } from '../../../../contract/chats.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Run, RunToken } from '../../../../contract/scenes.ts';
import { keepAside } from '../scene/aside.ts';
import { openJournalFile } from '../scene/journal-file.ts';
import {
  chatVersion,
  readChatLine,
  tokenLine,
  tokenOwner,
  type ChatAbout,
  type ChatLine,
} from './chat-lines.ts';
import { applyLine, growTurn, type ChatState } from './chat-state.ts';
import { partsAfterEdit, partsAtBranch } from './turn-parts.ts';

type TurnEnd = NonNullable<ChatTurn['end']>;

/** What an answer follows, and what it begins with. */
export interface AnswerPlan {
  readonly turns: readonly ChatTurn[];
  readonly opening: string;
}

export interface Chat extends Disposable {
  readonly state: Readonly<ChatState>;
  open(): OpenChat;
  update(about: ChatAbout): void;
  /** @throws {StudioError} `not-found` */
  say(parent: number | null, text: string, role?: ChatTurn['role']): ChatTurn;
  edit(turn: number, text: string): ChatTurn;
  select(leaf: number): void;
  /** @throws {StudioError} `not-found`, `bad-request`, `conflict` while it is being written */
  plan(place: AnswerPlace): AnswerPlan;
  /** @param opening as planned: `conflict` if it is another by now @returns the turns that it writes */
  begin(place: AnswerPlace, opening: string, run: Run): ChatTurn[];
  /** Written before it returns. */
  addToken(run: string, alternative: number, token: RunToken): void;
  addFacts(run: string, facts: { modelHash?: string; provider?: Run['provider'] }): void;
  /** How each alternative ended. */
  end(run: string, ends: readonly TurnEnd[]): void;
  tokens(run: string, alternative: number): RunToken[];
  readonly isWriting: boolean;
  sync(): void;
}

export interface ChatOptions {
  readonly folder: string;
  readonly id: string;
  /** For a chat that is made by opening it. */
  readonly about: ChatAbout;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/** @throws {StudioError} `library-newer`, `disk-full`, `library-read-only` */
export function openChat({ folder, id, about, now, log }: ChatOptions): Chat {
  const asidePath = path.join(folder, `${id}.damaged.txt`);
  const state: ChatState = {
    ...about,
    turns: [],
    leaf: null,
    runs: new Map(),
    revision: 0,
    changedAt: now(),
  };
  const writing = new Set<string>();
  const journal = openJournalFile(
    path.join(folder, `${id}.jsonl`),
    () =>
      JSON.stringify({
        kind: 'chat',
        version: chatVersion,
        id,
        at: now(),
        ...about,
      } satisfies ChatLine),
    (bytes, offset) => keepAside(asidePath, 'cut off', offset, bytes),
  );
  try {
    load();
  } catch (error) {
    journal[Symbol.dispose]();
    throw error;
  }

  function load(): void {
    let damaged = 0;
    const putAside = (why: string, offset: number, bytes: Buffer) => {
      keepAside(asidePath, why, offset, bytes);
      damaged += 1;
    };
    /** Tokens of runs whose end was not met yet. */
    const open = new Map<string, { offset: number; bytes: Buffer }[]>();
    const readOpen = (run: string) => {
      for (const { offset, bytes } of open.get(run) ?? []) {
        const line = readChatLine(bytes);
        if (line?.kind === 'token') growTurn(state, run, line.alternative, line.text);
        else putAside('unreadable', offset, bytes);
      }
      open.delete(run);
    };
    for (const { bytes, ...place } of journal.lines(0)) {
      const owner = tokenOwner(bytes);
      if (owner) {
        const known = state.runs.get(owner.run);
        if (!known) {
          putAside('of an unknown run', place.offset, bytes);
          continue;
        }
        known.to = place.offset + place.length + 1;
        const lines = open.get(owner.run);
        const line = { offset: place.offset, bytes };
        if (lines) lines.push(line);
        else open.set(owner.run, [line]);
        continue;
      }
      const line = readChatLine(bytes);
      // A run goes on at the end of another's text only when that is all there.
      if (line?.kind === 'answer') for (const run of open.keys()) readOpen(run);
      if (line?.kind === 'end') {
        const rest = (open.get(line.run) ?? []).filter(
          (token) => tokenOwner(token.bytes)?.alternative !== line.alternative,
        );
        open.set(line.run, rest);
      }
      if (line === null || line.kind === 'token') putAside('unreadable', place.offset, bytes);
      else if (!applyLine(state, line, place)) putAside('does not fit', place.offset, bytes);
    }
    for (const run of open.keys()) readOpen(run);
    if (damaged > 0) {
      log(
        'warning',
        `${damaged === 1 ? 'A line' : `${damaged} lines`} of the chat "${state.title || id}" could not be read as written. What could be read is shown; the lines are kept in "${path.basename(asidePath)}".`,
      );
    }
  }

  function write(line: Exclude<ChatLine, { kind: 'token' }>): void {
    const place = journal.append(JSON.stringify(line));
    journal.sync();
    applyLine(state, line, place);
  }

  function turnAt(turn: number): ChatTurn {
    const found = state.turns[turn];
    if (found) return found;
    throw new StudioError('not-found', `The chat has no turn ${turn}. Open it anew.`, { turn });
  }

  function runAt(run: string) {
    const found = state.runs.get(run);
    if (found) return found;
    throw new StudioError('not-found', 'Nothing is known of that generation.', { run });
  }

  const writingTurns = () => [...writing].flatMap((run) => [...(state.runs.get(run)?.into ?? [])]);

  function refuseWriting(turn: number): void {
    if (!writingTurns().includes(turn)) return;
    throw new StudioError(
      'conflict',
      'The model is still writing that turn. Stop it first, or wait for its end.',
      { turn },
    );
  }

  function add(turn: Omit<ChatTurn, 'id' | 'at' | 'end'>): ChatTurn {
    const added = { ...turn, id: state.turns.length, at: now(), end: null };
    write({ kind: 'turn', turn: added });
    return added;
  }

  function plan(place: AnswerPlace): AnswerPlan {
    switch (place.kind) {
      case 'below':
        if (place.parent !== null) refuseWriting(turnAt(place.parent).id);
        return { turns: pathTo(state.turns, place.parent), opening: '' };
      case 'continue':
      case 'branch': {
        const turn = turnAt(place.turn);
        refuseWriting(turn.id);
        if (turn.role !== 'character') {
          throw new StudioError('bad-request', 'Only an answer can be gone on with. Ask for one.');
        }
        const opening =
          place.kind === 'continue'
            ? turn.text
            : `${turn.text.slice(0, place.characters)}${place.text}`;
        return { turns: pathTo(state.turns, turn.parent), opening };
      }
      default:
        return place satisfies never;
    }
  }

  function newTurns(place: AnswerPlace, opening: string, run: Run): ChatTurn[] {
    if (place.kind === 'continue') return [];
    const old = place.kind === 'branch' ? turnAt(place.turn) : null;
    const about = {
      parent: place.kind === 'below' ? place.parent : (old?.parent ?? null),
      at: run.at,
      role: 'character',
      text: opening,
      editOf: null,
      end: null,
    } as const;
    const parts =
      old && place.kind === 'branch' ? partsAtBranch(old.parts, place.characters, place.text) : [];
    return Array.from({ length: run.alternatives }, (_, index) => ({
      ...about,
      id: state.turns.length + index,
      parts,
    }));
  }

  return {
    get state() {
      return state;
    },
    open: () => ({
      id,
      projectId: state.projectId,
      title: state.title,
      personas: state.personas,
      turns: [...state.turns],
      leaf: state.leaf,
      runs: [...state.runs.values()].map(({ run }) => run),
      writing: writingTurns(),
      revision: state.revision,
    }),
    update: (changed) => write({ kind: 'about', at: now(), ...changed }),
    say(parent, text, role = 'person') {
      if (parent !== null) turnAt(parent);
      return add({ parent, role, text, parts: [], editOf: null });
    },
    edit(id, text) {
      const old = turnAt(id);
      const { parent, role } = old;
      const parts = partsAfterEdit(old.text, old.parts, text);
      return add({ parent, role, text, parts, editOf: id });
    },
    select: (leaf) => write({ kind: 'leaf', leaf: turnAt(leaf).id }),
    plan,
    begin(place, opening, run) {
      if (plan(place).opening !== opening) {
        throw new StudioError('conflict', 'That turn was changed meanwhile. Ask again.');
      }
      const turns = newTurns(place, opening, run);
      const into = place.kind === 'continue' ? [place.turn] : turns.map((turn) => turn.id);
      write({ kind: 'answer', run, turns, into });
      writing.add(run.id);
      return into.map(turnAt);
    },
    addToken(run, alternative, token) {
      const known = runAt(run);
      const { offset, length } = journal.append(tokenLine(run, alternative, token));
      known.to = offset + length + 1;
      growTurn(state, run, alternative, token.text);
    },
    addFacts: (run, facts) => write({ kind: 'run-facts', run, ...facts }),
    end(run, ends) {
      writing.delete(run);
      const { into, starts } = runAt(run);
      for (const [alternative, turn] of into.entries()) {
        const text = turnAt(turn).text.slice(starts[alternative] ?? 0);
        write({ kind: 'end', run, alternative, end: ends[alternative] ?? 'failed', text });
      }
    },
    tokens(run, alternative) {
      const { from, to } = runAt(run);
      const found: RunToken[] = [];
      for (const { bytes } of journal.lines(from, to)) {
        const owner = tokenOwner(bytes);
        if (owner?.run !== run || owner.alternative !== alternative) continue;
        const line = readChatLine(bytes);
        if (line?.kind !== 'token') continue;
        const { kind: _kind, run: _run, alternative: _alternative, ...token } = line;
        found.push(token);
      }
      return found;
    },
    get isWriting() {
      return writing.size > 0;
    },
    sync: () => journal.sync(),
    [Symbol.dispose]() {
      journal[Symbol.dispose]();
    },
  };
}
