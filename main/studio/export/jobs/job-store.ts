/**
 * Exports on disk: a folder for each, in the data folder.
 *
 * `job.json` what was asked for and how it stands; `ids` the pictures, 16 bytes each; `files.jsonl` what became of
 * them; `cells/` finished pictures of a contact sheet.
 */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ExportId, ExportJob } from '../../../../contract/exports.ts';
import { writeFileDurably } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';

const StoredJob = z.object({
  version: z.literal(1),
  job: ExportJob,
  /** The album's name; empty for none. */
  album: z.string(),
  /** Of what there is to see once it is done. */
  result: z.string().nullable(),
});
export type StoredJob = z.infer<typeof StoredJob>;

export interface JobStore {
  readonly restored: readonly StoredJob[];
  /** @throws {StudioError} `disk-full`, `library-read-only` */
  create(stored: StoredJob, ids: Uint8Array): Promise<void>;
  save(stored: StoredJob): Promise<void>;
  ids(id: string): Promise<Uint8Array>;
  folderOf(id: string): string;
  journalOf(id: string): string;
  remove(id: string): Promise<void>;
}

export async function openJobStore(folder: string): Promise<JobStore> {
  const folderOf = (id: string) => path.join(folder, id);
  const save = (stored: StoredJob) =>
    writeFileDurably(path.join(folderOf(stored.job.id), 'job.json'), JSON.stringify(stored)).catch(
      (error: unknown) => {
        throw storageError(error, folder);
      },
    );

  async function restore(): Promise<readonly StoredJob[]> {
    const names = await readdir(folder).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw storageError(error, folder);
    });
    const found: StoredJob[] = [];
    for (const name of names.filter((one) => ExportId.safeParse(one).success)) {
      const stored = await readJob(path.join(folder, name, 'job.json'));
      if (stored) found.push(stored);
    }
    return found.toSorted((a, b) => a.job.createdAt - b.job.createdAt);
  }

  return {
    restored: await restore(),
    async create(stored, ids) {
      const own = folderOf(stored.job.id);
      try {
        await mkdir(own, { recursive: true });
        await writeFileDurably(path.join(own, 'ids'), ids);
      } catch (error) {
        throw storageError(error, folder);
      }
      // Last: an export without this file was never begun.
      await save(stored);
    },
    save,
    ids: (id) =>
      readFile(path.join(folderOf(id), 'ids')).catch((error: unknown) => {
        throw storageError(error, folder);
      }),
    folderOf,
    journalOf: (id) => path.join(folderOf(id), 'files.jsonl'),
    remove: (id) => rm(folderOf(id), { recursive: true, force: true }),
  };
}

/** Null for what a crash left, and for what a newer version wrote. */
async function readJob(file: string): Promise<StoredJob | null> {
  try {
    return StoredJob.safeParse(JSON.parse(await readFile(file, 'utf8'))).data ?? null;
  } catch {
    return null;
  }
}
