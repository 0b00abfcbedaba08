/** What a chat's journal amounts to. Turns and runs are changed by `applyLine` and `growTurn` alone. */
import { grownText } from '../../../../contract/chat-tree.ts';
import type { ChatPersonas, ChatTurn } from '../../../../contract/chats.ts';
import type { Run } from '../../../../contract/scenes.ts';
import type { ChatLine } from './chat-lines.ts';
import type { LinePlace } from '../scene/journal-file.ts';

export interface ChatRun {
  run: Run;
  /** A turn per alternative. */
  readonly into: readonly number[];
  /** Where in its turn each alternative begins. */
  readonly starts: readonly number[];
  /** Its lines lie between these bytes of the journal. */
  readonly from: number;
  to: number;
}

export interface ChatState {
  projectId: string | null;
  title: string;
  personas: ChatPersonas;
  readonly turns: ChatTurn[];
  leaf: number | null;
  readonly runs: Map<string, ChatRun>;
  revision: number;
  changedAt: number;
}

/** @returns whether the line fits what is known; one that does not has changed nothing */
export function applyLine(
  state: ChatState,
  line: Exclude<ChatLine, { kind: 'token' }>,
  { offset, length }: LinePlace,
): boolean {
  switch (line.kind) {
    case 'chat':
    case 'about': {
      const { projectId, title, personas, at } = line;
      Object.assign(state, { projectId, title, personas, changedAt: at });
      break;
    }
    case 'turn':
      if (!fits(state, line.turn, state.turns.length)) return false;
      state.turns.push(line.turn);
      state.leaf = line.turn.id;
      state.changedAt = line.turn.at;
      break;
    case 'leaf':
      if (!state.turns[line.leaf]) return false;
      state.leaf = line.leaf;
      break;
    case 'answer': {
      const { run, turns, into } = line;
      const first = state.turns.length;
      if (!turns.every((turn, index) => fits(state, turn, first + index))) return false;
      if (!into.every((id) => id < first + turns.length)) return false;
      state.turns.push(...turns);
      const starts = into.map((id) => state.turns[id]?.text.length ?? 0);
      for (const [alternative, id] of into.entries()) {
        const turn = state.turns[id];
        const start = starts[alternative] ?? 0;
        if (!turn) continue;
        const part = { run: run.id, alternative, start, end: start };
        state.turns[id] = { ...turn, parts: [...turn.parts, part], end: null };
      }
      state.runs.set(run.id, { run, into, starts, from: offset, to: offset + length + 1 });
      state.leaf = into[0] ?? state.leaf;
      state.changedAt = run.at;
      break;
    }
    case 'run-facts': {
      const known = state.runs.get(line.run);
      if (!known) return false;
      known.run = {
        ...known.run,
        ...(line.modelHash === undefined ? {} : { modelHash: line.modelHash }),
        ...(line.provider === undefined ? {} : { provider: line.provider }),
      };
      known.to = offset + length + 1;
      break;
    }
    case 'end': {
      const known = state.runs.get(line.run);
      const turn = known && state.turns[known.into[line.alternative] ?? -1];
      const start = known?.starts[line.alternative];
      if (!known || !turn || start === undefined) return false;
      known.to = offset + length + 1;
      const text = `${turn.text.slice(0, start)}${line.text}`;
      state.turns[turn.id] = { ...withText(turn, line.run, text), end: line.end };
      break;
    }
    default:
      line satisfies never;
  }
  state.revision += 1;
  return true;
}

function fits(state: ChatState, { id, parent }: ChatTurn, wanted: number): boolean {
  return id === wanted && (parent === null || parent < state.turns.length);
}

/** Puts a token's text behind what its run has written. */
export function growTurn(
  state: ChatState,
  run: string,
  alternative: number,
  tokenText: string,
): void {
  const id = state.runs.get(run)?.into[alternative];
  const turn = id === undefined ? undefined : state.turns[id];
  if (turn) state.turns[turn.id] = withText(turn, run, grownText(turn.text, tokenText));
}

function withText(turn: ChatTurn, run: string, text: string): ChatTurn {
  const parts = turn.parts.map((part, index) =>
    index === turn.parts.length - 1 && part.run === run ? { ...part, end: text.length } : part,
  );
  return { ...turn, text, parts };
}
