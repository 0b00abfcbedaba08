/** The pictures that a book shows, each once. */
import { documentSchema } from '../document-schema.ts';
import type { Book, BookPicture, ExportContext } from './book.ts';

/** @returns their content hashes */
export function pictureHashes({ chapters }: Book): string[] {
  const hashes = new Set<string>();
  for (const { scenes } of chapters)
    for (const scene of scenes)
      scene.descendants((node) => {
        if (node.type === documentSchema.nodes.picture)
          hashes.add(String(node.attrs['contentHash']));
      });
  return [...hashes];
}

/** What is not in the library any more is left out, with a warning. */
export async function gatherPictures(
  book: Book,
  { picture, signal, warn }: Pick<ExportContext, 'picture' | 'signal' | 'warn'>,
): Promise<ReadonlyMap<string, BookPicture>> {
  const pictures = new Map<string, BookPicture>();
  for (const hash of pictureHashes(book)) {
    signal.throwIfAborted();
    const found = await picture(hash);
    if (found) pictures.set(hash, found);
    else
      warn(
        `The picture ${hash.slice(0, 12)} is not in the library any more; its description stands in its place.`,
      );
  }
  return pictures;
}
