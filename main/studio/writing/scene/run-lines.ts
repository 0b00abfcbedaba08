/** What a journal says of runs: read into a scene's state, and the tokens that were drawn. */
import type { RunToken } from '../../../../contract/scenes.ts';
import type { JournalFile, LinePlace } from './journal-file.ts';
import { readLine, tokenOf, type JournalLine } from './journal-lines.ts';
import type { RunState, SceneState } from './scene-state.ts';

export type RunLine = Extract<JournalLine, { kind: 'run' | 'token' | 'run-facts' }>;

/** @returns false where the run is not known */
export function takeRunLine(
  state: Pick<SceneState, 'runs'>,
  line: RunLine,
  { offset, length }: LinePlace,
): boolean {
  if (line.kind === 'run') {
    state.runs.set(line.run.id, {
      run: line.run,
      position: line.position,
      tokens: [],
      settled: 0,
      final: false,
      from: offset,
      to: offset + length + 1,
    });
    return true;
  }
  const known = state.runs.get(line.run);
  if (!known) return false;
  known.to = offset + length + 1;
  if (line.kind === 'token') {
    const count = known.tokens[line.alternative] ?? 0;
    while (known.tokens.length < line.alternative) known.tokens.push(0);
    known.tokens[line.alternative] = Math.max(count, line.index + 1);
  } else {
    known.run = {
      ...known.run,
      ...(line.modelHash === undefined ? {} : { modelHash: line.modelHash }),
      ...(line.provider === undefined ? {} : { provider: line.provider }),
    };
  }
  return true;
}

/** @returns the tokens of one alternative, in order */
export function readTokens(
  journal: JournalFile,
  { run, from, to }: RunState,
  alternative: number,
): RunToken[] {
  const found: RunToken[] = [];
  for (const { bytes } of journal.lines(from, to)) {
    const line = readLine(bytes)?.line;
    if (line?.kind === 'token' && line.run === run.id && line.alternative === alternative)
      found[line.index] = tokenOf(line);
  }
  return found.filter(Boolean);
}
