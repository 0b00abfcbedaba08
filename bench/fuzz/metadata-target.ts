/** The parsers of picture metadata as one call, and the corpus that inputs are made from. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exifOf } from '../../main/studio/library/metadata/exif-comment.ts';
import { readForeignMetadata } from '../../main/studio/library/metadata/file-metadata.ts';
import {
  exifChunk,
  insertChunks,
  textChunk,
  utf8Chunk,
} from '../../main/studio/library/metadata/png-chunks.ts';
import { reusableSettings } from '../../main/studio/library/metadata/reusable-settings.ts';
import {
  trainedAlgorithmicMedia,
  xmpKeyword,
  xmpOf,
} from '../../main/studio/library/metadata/xmp.ts';
import type { Corpus } from './mutate-picture.ts';

const golden = path.join(import.meta.dirname, '../../main/studio/library/metadata/golden');
const nothingInstalled = { models: [], adapters: [] };

/** Everything that is done with a file that was dropped on the window, but for looking at it. */
export async function readAll(bytes: Uint8Array): Promise<void> {
  const read = await readForeignMetadata(bytes);
  if (read) reusableSettings(read, nothingInstalled);
}

export async function loadCorpus(): Promise<Corpus> {
  const files = readdirSync(golden)
    .filter((name) => !name.endsWith('.json'))
    .map((name) => readFileSync(path.join(golden, name)));
  const texts = new Set<string>();
  for (const file of files)
    for (const { text } of (await readForeignMetadata(file))?.rawTexts ?? [])
      if (text.length > 20) texts.add(text);
  const plain = files.find((file) => file.toString('latin1', 1, 4) === 'PNG');
  if (!plain) throw new Error('The corpus has no PNG file.');
  const packet = xmpOf({
    creatorTool: 'Atelier',
    createdAt: 0,
    digitalSourceType: trainedAlgorithmicMedia,
    recipeJson: '{"version":1}',
    description: 'a cat',
    keywords: ['cat'],
  });
  const [text = ''] = texts;
  const own = insertChunks(plain, [
    exifChunk(exifOf(text, 'Atelier')),
    textChunk('parameters', text),
    utf8Chunk('atelier', '{"version":1}'),
    utf8Chunk(xmpKeyword, packet),
  ]);
  return { files: [...files, Buffer.from(own)], texts: [...texts, packet] };
}
