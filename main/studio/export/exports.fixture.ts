/** What the tests of exports share: a library with pictures, and exports over it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  ExportOptions,
  type ExportJob,
  type ExportSettings,
  type ExportTarget,
} from '../../../contract/exports.ts';
import type { Library } from '../library/library.ts';
import { temporaryLibrary } from '../library/library.fixture.ts';
import { openExports, type Exports } from './exports-handlers.ts';
import { createPicturePorts, type PicturePorts } from './pictures/picture-ports.ts';

export function portsOf(library: Library): PicturePorts {
  return createPicturePorts({
    'images.index': (input) => library.ask.index(input),
    'images.get': ({ id }) => library.get(id),
    'albums.list': () => library.ask.albums({}),
  });
}

export interface TemporaryExports extends AsyncDisposable {
  readonly root: string;
  readonly library: Library;
  open(): Promise<Exports>;
}

export async function temporaryExports(): Promise<TemporaryExports> {
  const root = await mkdtemp(path.join(tmpdir(), 'atelier-exports-'));
  const temporary = await temporaryLibrary(root);
  const library = await temporary.open();
  const opened: Exports[] = [];
  return {
    root,
    library,
    async open() {
      const exports = await openExports({
        dataFolder: path.join(root, 'data'),
        libraryFolder: temporary.folder,
        pictures: portsOf(library),
        version: '1.2.3',
        resumes: true,
        reveal: null,
        now: Date.now,
        log: () => {},
      });
      exports.begin();
      opened.push(exports);
      return exports;
    },
    async [Symbol.asyncDispose]() {
      for (const exports of opened) await exports.close();
      await temporary[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export const signal = new AbortController().signal;

export function optionsOf(
  target: ExportTarget,
  settings: Partial<ExportSettings> = {},
  source: ExportOptions['source'] = { query: '', order: 'oldest' },
): ExportOptions {
  return ExportOptions.parse({ source, target, settings });
}

/** Resolves once the job stands still. */
export async function settled({ handlers }: Exports, id: string): Promise<ExportJob> {
  const watching = new AbortController();
  for await (const jobs of handlers['exports.watch']({}, { signal: watching.signal })) {
    const job = jobs.find((one) => one.id === id);
    if (!job || job.state === 'running' || job.state === 'queued') continue;
    watching.abort();
    return job as ExportJob;
  }
  throw new Error('The job is gone.');
}

export async function exported(exports: Exports, options: ExportOptions): Promise<ExportJob> {
  const { id } = await exports.handlers['exports.start'](options, { signal });
  return settled(exports, id);
}

/** Relative paths of all files, `/` between folders, in order. */
export async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) =>
      path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
    )
    .toSorted();
}
