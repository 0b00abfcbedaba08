/**
 * Looks for all that can be wrong with a library, and changes nothing.
 *
 * Promises: in a damaged database nothing else is looked for, since its rows may say anything; each
 * file is read once, those that look wrong twice, since a change may be under way; nothing stays open
 * between two steps. For a thread of its own.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { storageError } from '../../storage-error.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { countImages } from '../image-queries.ts';
import { countPictures } from '../picture-files.ts';
import { checkDatabase, checkSearchIndex, isDamage } from './check-database.ts';
import { checkMarks } from './check-marks.ts';
import { checkPictures, listFolder } from './check-pictures.ts';
import type { CheckEvent } from './care-thread-contract.ts';
import { problem } from './problem.ts';

type Phase = Extract<CheckEvent, { kind: 'progress' }>['phase'];

const progressEveryMs = 100;

/** @throws {StudioError}, and the signal's reason */
export async function* checkLibrary(
  folder: string,
  database: ReadableDatabase,
  now: () => number,
  signal: AbortSignal,
): AsyncGenerator<CheckEvent> {
  const at = (phase: Phase, done: number, total: number): CheckEvent => ({
    kind: 'progress',
    phase,
    done,
    total,
  });
  try {
    yield at('database', 0, 0);
    const ofDatabase = await checkDatabase(database, signal);
    yield* ofDatabase.map(told);
    if (ofDatabase.some(isDamage)) {
      yield { kind: 'counted', ...countPictures(folder) };
      return;
    }
    yield* checkSearchIndex(database).map(told);
    yield at('files', 0, 0);
    await nextTurn();
    const files = listFolder(folder, now());
    yield* files.temporaries
      .map((file) =>
        problem(
          'temporary-file',
          file,
          `"${file}" was left by a write that was cut off.`,
          'It is deleted: what it was to become was never promised.',
        ),
      )
      .map(told);
    const images = countImages(database, false);
    const trashed = countImages(database, true);
    let toldAt = 0;
    const steps = checkPictures(folder, database, files, images + trashed, signal);
    for await (const step of steps) {
      if (step.kind === 'problem') yield told(step.problem);
      else if (now() - toldAt >= progressEveryMs || step.done === step.total) {
        toldAt = now();
        yield at('pictures', step.done, step.total);
      }
    }
    yield at('marks', 0, 0);
    yield* (await checkMarks(folder, database, signal)).map(told);
    yield {
      kind: 'counted',
      images: countImages(database, false),
      trashed: countImages(database, true),
    };
  } catch (error) {
    throw signal.aborted ? error : storageError(error, folder);
  }
}

function told(found: ReturnType<typeof problem>): CheckEvent {
  return { kind: 'problem', problem: found };
}
