import { documentLimits } from '../../../../contract/document-files.ts';
import { StudioError } from '../../../../contract/errors.ts';

/** @throws {StudioError} `too-large` before it is read; `not-found` if it is gone */
export async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > documentLimits.bytes) {
    throw new StudioError(
      'too-large',
      `“${file.name}” is larger than ${documentLimits.bytes / 2 ** 20} MB. Divide it and try again.`,
    );
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw new StudioError(
      'not-found',
      `“${file.name}” cannot be read. It may have been moved; choose it anew.`,
      undefined,
      { cause },
    );
  }
}
