/** Troubles of a target as a whole: nothing more can be written until a person does something about it. */
import { StudioError } from '../../../../contract/errors.ts';
import { storageError } from '../../storage-error.ts';

/** Thrown instead of a failure of one picture; the export pauses and loses nothing. */
export class TargetTrouble extends StudioError {}

const halting = new Set(['disk-full', 'library-read-only']);

/** @returns the error to throw: `TargetTrouble` where it concerns all pictures, else one of this picture */
export function targetError(error: unknown, path: string): StudioError {
  if (error instanceof TargetTrouble) return error;
  const known = storageError(error, path);
  return halting.has(known.code)
    ? new TargetTrouble(known.code, known.message, known.details, { cause: error })
    : known;
}

export function vanished(path: string): TargetTrouble {
  return new TargetTrouble(
    'not-found',
    `"${path}" is not there any more. Plug the disk in or make the folder again, then let the export go on.`,
    { path },
  );
}
