/** A file or folder of this window to the studio, which may be on another machine: piece by piece. */
import { StudioError } from '../../../contract/errors.ts';
import type { Resource, ResourceKind } from '../../../contract/resources.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import type { Offered } from './offered-files.ts';

const pieceBytes = 4 * 2 ** 20;

/**
 * @param onProgress is told the part that has arrived, 0 to 1
 * @throws {StudioError} as `resources.receive`; `bad-request` for an empty folder
 */
export async function sendOffered(
  client: StudioClient,
  { name: title, files }: Offered,
  kind: ResourceKind | null,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<Resource> {
  if (files.length === 0)
    throw new StudioError('bad-request', `“${title}” is empty. Choose another folder.`);
  const transfer = crypto.randomUUID();
  const allBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  let sentBytes = 0;
  for (const [index, { file, folders }] of files.entries()) {
    const { name, size: sizeBytes } = file;
    const more = index < files.length - 1;
    for (let offset = 0; offset === 0 || offset < sizeBytes; offset += pieceBytes) {
      signal.throwIfAborted();
      const bytes = new Uint8Array(await file.slice(offset, offset + pieceBytes).arrayBuffer());
      const place = { transfer, name, folders: [...folders], more, kind, sizeBytes };
      const { imported } = await client['resources.receive'](
        { ...place, offset, bytes },
        { signal },
      );
      if (imported) return imported;
      sentBytes += bytes.length;
      onProgress(sentBytes / Math.max(1, allBytes));
    }
  }
  throw new StudioError('internal', `“${title}” arrived but was not taken in. Try again.`);
}
