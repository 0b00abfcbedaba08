/** What the tests of importing share: pictures of every format, a library with its importer. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { importsContract, ImportInto, type ImportJob } from '../../../../contract/imports.ts';
import type { z } from 'zod';
import { openLibrary, type Library } from '../library.ts';
import { openImports, type Imports } from './imports.ts';

export interface ImportingLibrary extends AsyncDisposable {
  readonly library: Library;
  readonly imports: Imports;
}

export interface OpenOptions {
  readonly resumes?: boolean;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Told before pictures are taken in, and after. */
  readonly onTake?: () => void;
}

/** @param root holds the library, its cache and the studio's own files */
export async function openImporting(
  root: string,
  {
    resumes = true,
    onTake = () => {},
    wait = (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {}),
  }: OpenOptions = {},
): Promise<ImportingLibrary> {
  const libraryFolder = path.join(root, 'library');
  await mkdir(libraryFolder, { recursive: true });
  const library = await openLibrary({
    folder: libraryFolder,
    cacheFolder: path.join(root, '.cache'),
    log: () => {},
  });
  const imports = await openImports({
    dataFolder: path.join(root, 'data'),
    libraryFolder,
    library: {
      ...library,
      async take(pictures) {
        onTake();
        const taken = await library.take(pictures);
        onTake();
        return taken;
      },
    },
    resumes,
    now: Date.now,
    wait,
    log: () => {},
  });
  return {
    library,
    imports,
    async [Symbol.asyncDispose]() {
      await imports.close();
      await library.close();
    },
  };
}

/** Holds a folder `from` for pictures. */
export async function temporaryRoot(): Promise<
  { readonly root: string; readonly from: string } & AsyncDisposable
> {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-import-'));
  const from = path.join(root, 'from');
  await mkdir(from);
  return {
    root,
    from,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A small picture that no other shade gives. @param shade 0 … 16,777,215 */
export function picture(shade: number, format: 'png' | 'jpeg' | 'webp' | 'avif' | 'gif' | 'tiff') {
  const background = { r: shade >> 16, g: (shade >> 8) & 255, b: shade & 255 };
  return sharp({ create: { width: 24, height: 16, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

export async function put(file: string, bytes: Uint8Array | string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes);
  return file;
}

/** Imports to the end. */
export async function importAll(
  imports: Imports,
  paths: readonly string[],
  into: z.input<typeof ImportInto> = {},
): Promise<{ job: ImportJob; report: Awaited<ReturnType<Imports['report']>>['files'] }> {
  const { id } = await imports.start(paths, ImportInto.parse(into));
  await imports.settled();
  const job = await jobOf(imports, id);
  const wanted = importsContract['imports.report'].input.parse({ id });
  return { job, report: (await imports.report(id, wanted)).files };
}

export async function jobOf(imports: Imports, id: string): Promise<ImportJob> {
  for await (const jobs of imports.watch(AbortSignal.timeout(20_000))) {
    const job = jobs.find((each) => each.id === id);
    if (job) return job;
  }
  throw new Error('The job is not there.');
}
