/** A native object with one owner, released once. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Pointer } from './api-table.ts';

export interface Handle extends Disposable {
  /** @throws {StudioError} `internal` once released */
  readonly pointer: Pointer;
}

/**
 * Takes a pointer over.
 * @param what its name in messages
 */
export function own(pointer: Pointer, release: (pointer: Pointer) => void, what: string): Handle {
  let held: Pointer | null = pointer;
  return {
    get pointer() {
      if (held === null) throw new StudioError('internal', `${what} was used after its release.`);
      return held;
    },
    [Symbol.dispose]() {
      if (held === null) return;
      held = null;
      release(pointer);
    },
  };
}
