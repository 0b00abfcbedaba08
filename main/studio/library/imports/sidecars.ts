/** What stands beside a picture: captions, and what our own export or other programs say of it. */
import path from 'node:path';
import { z } from 'zod';
import { Note, Tag, libraryLimits } from '../../../../contract/images.ts';
import { ColourLabel, Flag } from '../../../../contract/picture-facts.ts';
import { readXmp } from '../metadata/xmp-reader.ts';
import type { BroughtMarks } from '../take-pictures.ts';
import { readWholeFile } from './read-whole-file.ts';

const maxSidecarBytes = 2_000_000;

export const noMarks: BroughtMarks = { rating: null, flag: null, label: null, tags: [], note: '' };

/** Our own; what does not fit is as if it were not there. */
const Json = z.object({
  version: z.literal(1),
  rating: z.number().int().min(0).max(5).nullable().catch(null),
  flag: Flag.nullable().catch(null),
  label: ColourLabel.nullable().catch(null),
  tags: z.array(z.string()).catch([]),
  note: z.string().catch(''),
});

/**
 * Of `apple.txt`, `apple.json`, `apple.xmp` and `apple.png.xmp` beside `apple.png`. A file that cannot
 * be read says nothing.
 * @param prompt which descriptions repeat
 */
export async function readSidecars(file: string, prompt: string): Promise<BroughtMarks> {
  const { dir, name } = path.parse(file);
  const beside = path.join(dir, name);
  const [caption, json, ...packets] = await Promise.all([
    textOf(`${beside}.txt`),
    textOf(`${beside}.json`),
    textOf(`${beside}.xmp`),
    textOf(`${file}.xmp`),
  ]);
  return together([
    { ...noMarks, note: noteOf(caption) },
    jsonMarks(json),
    ...packets.map((packet) => xmpMarks(packet, prompt)),
  ]);
}

/** The first that says something of a thing; all tags. */
export function together(marks: readonly BroughtMarks[]): BroughtMarks {
  return {
    rating: marks.find(({ rating }) => rating !== null)?.rating ?? null,
    flag: marks.find(({ flag }) => flag !== null)?.flag ?? null,
    label: marks.find(({ label }) => label !== null)?.label ?? null,
    note: marks.find(({ note }) => note !== '')?.note ?? '',
    tags: tagsOf(marks.flatMap(({ tags }) => tags)),
  };
}

/** Stars, label and keywords as XMP has them; -1 stars means rejected. */
export function metadataMarks({
  rating,
  label,
  keywords,
}: {
  readonly rating: number | null;
  readonly label: string | null;
  readonly keywords: readonly string[];
}): BroughtMarks {
  return {
    ...noMarks,
    rating: rating === null || rating < 0 ? null : Math.min(5, Math.round(rating)),
    flag: rating === -1 ? 'reject' : null,
    label: ColourLabel.safeParse(label?.toLowerCase()).data ?? null,
    tags: tagsOf(keywords),
  };
}

function xmpMarks(packet: string, prompt: string): BroughtMarks {
  if (packet === '') return noMarks;
  const told = readXmp(packet);
  const description = told.description ?? '';
  return {
    ...metadataMarks(told),
    note: description.trim() === prompt.trim() ? '' : noteOf(description),
  };
}

function jsonMarks(text: string): BroughtMarks {
  try {
    const found = Json.safeParse(JSON.parse(text)).data;
    if (!found) return noMarks;
    const { rating, flag, label, tags, note } = found;
    return { rating, flag, label, tags: tagsOf(tags), note: noteOf(note) };
  } catch {
    return noMarks;
  }
}

function tagsOf(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => Tag.safeParse(text).data ?? [])
    .slice(0, libraryLimits.tagsOfOnePicture);
}

function noteOf(text: string): string {
  return Note.safeParse(text.trim().slice(0, libraryLimits.noteCharacters)).data ?? '';
}

async function textOf(file: string): Promise<string> {
  const read = await readWholeFile(file, maxSidecarBytes).catch(() => '');
  return typeof read === 'string' ? '' : new TextDecoder().decode(read.bytes);
}
