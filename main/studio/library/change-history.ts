/** Changes that can be taken back: the last ones of this run. */
import { randomUUID } from 'node:crypto';
import { StudioError } from '../../../contract/errors.ts';
import type { LibraryChange } from '../../../contract/images.ts';
import type { LibraryStore } from './image-changes.ts';

/** What a change came to. */
export interface Outcome {
  /** To be announced. */
  readonly changes: readonly LibraryChange[];
  /** Pictures that are kept in memory for taking it back. */
  readonly weight: number;
  /** Takes exactly this change back; what was changed again since then stays. */
  readonly undo: (store: LibraryStore) => Outcome;
}

export interface ChangeHistory {
  /** @returns the change's id */
  remember(outcome: Outcome): string;
  /** @throws {StudioError} `not-found` */
  find(changeId: string): Outcome;
  forget(changeId: string): void;
}

const maxChanges = 200;
const maxWeight = 5_000_000;

export function createChangeHistory(): ChangeHistory {
  const changes = new Map<string, Outcome>();
  let weight = 0;

  function forget(changeId: string): void {
    weight -= changes.get(changeId)?.weight ?? 0;
    changes.delete(changeId);
  }

  return {
    remember(outcome) {
      const id = randomUUID();
      changes.set(id, outcome);
      weight += outcome.weight;
      for (const oldest of changes.keys()) {
        if (oldest === id || (changes.size <= maxChanges && weight <= maxWeight)) break;
        forget(oldest);
      }
      return id;
    },
    find(changeId) {
      const found = changes.get(changeId);
      if (found) return found;
      throw new StudioError(
        'not-found',
        'This change can no longer be taken back: it is too long ago, or was taken back already.',
        { changeId },
      );
    },
    forget,
  };
}
