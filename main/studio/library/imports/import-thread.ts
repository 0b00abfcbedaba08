/** The thread that finds, reads and copies files, so that neither the window nor the library waits. */
import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import type { Handlers } from '../../../../contract/rpc.ts';
import { createLatestBroadcast } from '../../broadcast.ts';
import { isTemporaryName } from '../../durable-file.ts';
import { storageError } from '../../storage-error.ts';
import { openReadable } from '../database/connection.ts';
import { databaseFileName } from '../database/database-file.ts';
import { watchFolderEvents } from '../folder-events.ts';
import { findFiles } from './find-files.ts';
import type { importThreadContract, SeenFile } from './import-thread-contract.ts';
import { prepareFile, type PreparePorts } from './prepare-file.ts';

/** Where copies lie until they have a name; on the library's own disk. */
const incomingName = 'incoming';
const foundAtOnce = 500;

export function createImportThread(): Handlers<typeof importThreadContract> {
  let opened: PreparePorts | null = null;

  function ports(): PreparePorts {
    if (!opened) throw new StudioError('disconnected', 'The importer is closed. Restart Atelier.');
    return opened;
  }

  return {
    open: async ({ libraryFolder, isFirst }) => {
      const incomingFolder = path.join(libraryFolder, incomingName);
      try {
        await mkdir(incomingFolder, { recursive: true });
        for (const name of await readdir(incomingFolder))
          if (isFirst && isTemporaryName(name))
            await rm(path.join(incomingFolder, name), { force: true });
        const database = openReadable(path.join(libraryFolder, databaseFileName));
        opened = { folder: libraryFolder, incomingFolder, database };
        return {};
      } catch (error) {
        throw storageError(error, incomingFolder);
      }
    },
    async *find({ paths, subfolders }, { signal }) {
      let files: string[] = [];
      let skips: { path: string; reason: string }[] = [];
      for await (const found of findFiles(paths, { libraryFolder: ports().folder, subfolders })) {
        signal.throwIfAborted();
        if ('file' in found) files.push(found.file);
        else skips.push(found.skip);
        if (files.length + skips.length < foundAtOnce) continue;
        yield { files, skips };
        [files, skips] = [[], []];
      }
      yield { files, skips };
    },
    look: async ({ folder, subfolders }, { signal }) => {
      const isFolder = await stat(folder)
        .then((found) => found.isDirectory())
        .catch(() => false);
      if (!isFolder) throw new StudioError('not-found', 'The folder is gone.', { folder });
      const files: SeenFile[] = [];
      const options = { libraryFolder: ports().folder, subfolders };
      for await (const found of findFiles([folder], options)) {
        signal.throwIfAborted();
        if (!('file' in found)) continue;
        const { file } = found;
        const seen = await lstat(file).catch(() => null);
        if (seen) files.push({ path: file, size: seen.size, mtimeMs: seen.mtimeMs });
      }
      return { files };
    },
    prepare: ({ source }) => prepareFile(ports(), source),
    changes: ({ folder, subfolders }, { signal }) => changesIn(folder, subfolders, signal),
  };
}

async function* changesIn(
  folder: string,
  subfolders: boolean,
  signal: AbortSignal,
): AsyncGenerator<Record<string, never>> {
  const ended = new AbortController();
  const events = createLatestBroadcast<Record<string, never>>(() => undefined);
  const both = AbortSignal.any([signal, ended.signal]);
  using _watched = watchFolderEvents(folder, {
    subfolders,
    onChange: () => events.publish({}),
    onEnd: () => ended.abort(),
  });
  yield* events.subscribe(both);
}
