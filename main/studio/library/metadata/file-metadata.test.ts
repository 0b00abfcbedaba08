/**
 * Files of every form, written by `models/recipes/golden/picture_metadata.py` with Pillow and piexif; `expected.json`
 * beside them says what went in.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readForeignMetadata } from './file-metadata.ts';

const folder = path.join(import.meta.dirname, 'golden');
const Expected = z.record(
  z.string(),
  z.object({
    program: z.string().nullable(),
    place: z.string().nullable(),
    understood: z.record(z.string(), z.unknown()).nullable(),
    here: z.object({ prompt: z.string(), negativePrompt: z.string() }).optional(),
    pairs: z.record(z.string(), z.string()).optional(),
    parameters: z.string().optional(),
    digitalSourceType: z.string().optional(),
    createdAt: z.number().optional(),
    rating: z.number().optional(),
    keywords: z.array(z.string()).optional(),
    width: z.number().default(24),
    height: z.number().default(40),
  }),
);
const expected = Expected.parse(
  JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')),
);
const formats: Readonly<Record<string, string>> = { '.jpg': 'jpeg', '.tif': 'tiff' };

describe('a picture of another program', () => {
  it.each(Object.entries(expected))('is understood: %s', async (name, wanted) => {
    const read = await readForeignMetadata(readFileSync(path.join(folder, name)));
    const { place, understood, here, pairs, parameters, ...plain } = wanted;
    const format = formats[path.extname(name)] ?? path.extname(name).slice(1);
    expect(read).toMatchObject({ format, problems: [], ...plain });
    if (place !== null) expect(read?.rawTexts.map((text) => text.place)).toContain(place);
    if (understood === null) expect(read?.understood).toBeNull();
    else expect(read?.understood).toMatchObject(understood);
    if (here) expect(read?.told?.here).toEqual(here);
    if (pairs) expect(Object.fromEntries(read?.told?.pairs ?? [])).toMatchObject(pairs);
    if (parameters !== undefined) {
      expect(read?.parameters).toBe(parameters);
      expect(read?.rawTexts).toContainEqual({ place, text: parameters });
    }
  });
});
