/** A file of this window to the studio, which may be on another machine: piece by piece. */
import { StudioError } from '../../../contract/errors.ts';
import type { Resource, ResourceKind } from '../../../contract/resources.ts';
import type { StudioClient } from '../../../contract/studio.ts';

const pieceBytes = 4 * 2 ** 20;

/**
 * @param onProgress is told the part that has arrived, 0 to 1
 * @throws {StudioError} as `resources.receive`
 */
export async function sendFile(
  client: StudioClient,
  file: File,
  kind: ResourceKind | null,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Resource> {
  const { name, size: sizeBytes } = file;
  const transfer = crypto.randomUUID();
  for (let offset = 0; ; offset += pieceBytes) {
    signal.throwIfAborted();
    const bytes = new Uint8Array(await file.slice(offset, offset + pieceBytes).arrayBuffer());
    const piece = { transfer, name, kind, sizeBytes, offset, bytes };
    const { imported } = await client['resources.receive'](piece, { signal });
    if (imported) return imported;
    if (offset + pieceBytes >= sizeBytes)
      throw new StudioError('internal', `“${name}” arrived but was not taken in. Try again.`);
    onProgress((offset + pieceBytes) / sizeBytes);
  }
}
