/** The place in the gallery after which a page starts: the key of the last picture seen. */
import { StudioError } from '../../../contract/errors.ts';

export function writeCursor(seq: number): string {
  return Buffer.from(String(seq)).toString('base64url');
}

/** @throws {StudioError} `bad-request` */
export function readCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const seq = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(seq)) {
    throw new StudioError(
      'bad-request',
      'This page cannot be found again. Load the gallery from its start.',
    );
  }
  return seq;
}
