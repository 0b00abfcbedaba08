/**
 * One batch export of many pictures, as the program does it, for measuring.
 *
 * As a program of its own (arguments: folder, name, pictures, file, side) it tells its parent what the process held:
 * bytes of the resident set after collecting garbage, the highest during the export, and the highest with garbage.
 */
import path from 'node:path';
import { ExportOptions } from '../../contract/exports.ts';
import type { ImageDetail } from '../../contract/images.ts';
import { openExports } from '../../main/studio/export/exports-handlers.ts';

export interface HeldMemory {
  readonly held: number;
  readonly withGarbage: number;
}

function idOf(index: number): string {
  return `00000000-0000-8000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** What the library would know of a picture: made when asked for, so that no list of them is held. */
function detailOf(index: number, file: string, side: number): ImageDetail {
  return {
    id: idOf(index),
    contentHash: index.toString(16).padStart(64, '0'),
    width: side,
    height: side,
    createdAt: 1_800_000_000_000,
    prompt: 'a red apple',
    rating: 0,
    flag: null,
    label: null,
    tagCount: 0,
    hasNote: false,
    format: 'png',
    source: 'imported',
    url: '',
    thumbnailUrl: '',
    isSheet: false,
    fileName: path.basename(file),
    path: file,
    sizeBytes: 0,
    recipe: null,
    parameters: 'a red apple\nSteps: 20, Seed: 1, Size: 1024x1024',
    missing: false,
    tags: [],
    note: '',
    albums: [],
    program: 'web-ui',
    understood: null,
    rawTexts: [],
    importedFrom: null,
    colours: [],
    problems: [],
  };
}

/** @param pictures how many, all of the same file */
export async function exportAll(
  folder: string,
  name: string,
  pictures: number,
  file: string,
  side: number,
  onChange: () => void = () => {},
): Promise<number> {
  const { signal } = new AbortController();
  const indexOf = (id: string) => Number.parseInt(id.slice(-12), 16);
  const exports = await openExports({
    dataFolder: path.join(folder, `${name}-data`),
    libraryFolder: path.join(folder, 'none'),
    pictures: {
      resolve() {
        const ids = Buffer.alloc(pictures * 16);
        for (let index = 0; index < pictures; index += 1)
          Buffer.from(idOf(index).replaceAll('-', ''), 'hex').copy(ids, index * 16);
        return Promise.resolve({ ids, album: '', problems: [] });
      },
      get: (id) => Promise.resolve(detailOf(indexOf(id), file, side)),
    },
    version: '',
    resumes: false,
    reveal: null,
    now: Date.now,
    log: () => {},
  });
  const { id } = await exports.handlers['exports.start'](
    ExportOptions.parse({
      source: { query: '' },
      target: { kind: 'folder', path: path.join(folder, name) },
      settings: {
        format: 'webp',
        quality: 82,
        size: { mode: 'long-edge', pixels: Math.round(side * 0.75) },
        name: '{n:06}',
      },
    }),
    { signal },
  );
  let startedAt = performance.now();
  for await (const jobs of exports.handlers['exports.watch']({}, { signal })) {
    const job = jobs.find((one) => one.id === id);
    if (job?.progress.done === 0) startedAt = performance.now();
    onChange();
    if (job?.state === 'done') break;
    if (job && !['queued', 'running'].includes(job.state))
      throw new Error(
        `The export is ${job.state}: ${JSON.stringify(job.error ?? job.pausedBecause)}`,
      );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await exports.close();
  return seconds;
}

if (import.meta.main) {
  const [folder = '', name = '', pictures = '', file = '', side = ''] = process.argv.slice(2);
  const most = { held: 0, withGarbage: 0 };
  let changes = 0;
  await exportAll(folder, name, Number(pictures), file, Number(side), () => {
    most.withGarbage = Math.max(most.withGarbage, process.memoryUsage.rss());
    changes += 1;
    if (changes % 4 !== 0) return;
    globalThis.gc?.();
    most.held = Math.max(most.held, process.memoryUsage.rss());
  });
  process.send?.(most);
}
