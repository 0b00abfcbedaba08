/** What a journal amounts to: its checkpoint where it has one that fits, and the lines behind it. */
import { readCheckpoint } from './checkpoint.ts';
import type { JournalFile, LinePlace } from './journal-file.ts';
import { readLine, type JournalLine } from './journal-lines.ts';
import { commitPlan, planChanges } from './plan-changes.ts';
import { storedSteps } from './node-steps.ts';
import { takeRunLine } from './run-lines.ts';
import { emptyState, type SceneState } from './scene-state.ts';
import type { DocumentJson } from '../../../../contract/document-text.ts';

export interface LoadedScene {
  readonly state: SceneState;
  /** Of the journal, that the checkpoint covers; 0 without one. */
  readonly checkpointedBytes: number;
  /** Size of the checkpoint. */
  readonly checkpointBytes: number;
  /** Of changes behind it. */
  readonly changedBytes: number;
  /** The checkpoint's text, as long as no change followed. */
  readonly docJson: DocumentJson | null;
}

/**
 * @param createdAt of a journal that does not say
 * @param putAside  told of each line that cannot be used as it is written
 * @throws {StudioError} `library-newer`
 */
export function loadScene(
  journal: JournalFile,
  checkpointPath: string,
  createdAt: number,
  putAside: (why: string, place: LinePlace, bytes: Buffer) => void,
): LoadedScene {
  // Refuses a newer version whatever the checkpoint says.
  const [first] = journal.lines(0);
  const header = first ? readLine(first.bytes)?.line : undefined;
  const checkpoint = readCheckpoint(checkpointPath, journal);
  const state = checkpoint?.state ?? emptyState(header?.kind === 'scene' ? header.at : createdAt);
  const { doc } = state;
  let changedBytes = 0;
  for (const { bytes, ...place } of journal.lines(checkpoint?.journalBytes ?? 0)) {
    const found = readLine(bytes);
    const why = found ? replay(journal, state, found.line, place) : 'unreadable';
    if (found?.line.kind === 'changes' && why === null) changedBytes += place.length;
    if (why !== null || !found?.intact) putAside(why ?? 'not UTF-8', place, bytes);
  }
  return {
    state,
    checkpointedBytes: checkpoint?.journalBytes ?? 0,
    checkpointBytes: checkpoint?.sizeBytes ?? 0,
    changedBytes,
    docJson: state.doc === doc ? (checkpoint?.docJson ?? null) : null,
  };
}

/** @returns why the line cannot be used; null where it was */
function replay(
  journal: JournalFile,
  state: SceneState,
  line: JournalLine,
  place: LinePlace,
): string | null {
  switch (line.kind) {
    case 'scene':
      return null;
    case 'changes':
      try {
        const plan = planChanges(state, line.changes, {
          storedSteps: (id) => storedSteps(journal, state, id),
          isReplay: true,
        });
        commitPlan(state, plan, place, line);
        return null;
      } catch {
        return 'does not fit the text';
      }
    default:
      return takeRunLine(state, line, place) ? null : 'of an unknown run';
  }
}
