/** Entry of the catalog's thread. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { createPortTransport } from '../../../contract/wire/port-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { storageError, systemCode } from '../storage-error.ts';
import { threadPort } from '../thread-port.ts';
import { catalogThreadContract } from './catalog-thread-contract.ts';
import { inspectModel, readCard } from './inspect-model.ts';
import { listModelFiles } from './model-files.ts';

const { port } = z.object({ port: z.instanceof(MessagePort) }).parse(workerData);

serve(
  catalogThreadContract,
  {
    inspect: async ({ folder, bundled }) => {
      try {
        const found = inspectModel(folder, bundled);
        return { found: found && { model: found.model, weights: [...found.weights] } };
      } catch (error) {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') {
          throw new StudioError(
            'not-found',
            `There is no folder "${folder}". Choose the folder of a model.`,
            { folder },
          );
        }
        throw storageError(error, folder);
      }
    },
    hash: async ({ folder, weights }, { signal }) => {
      const total = createHash('sha256');
      for (const { path: weight, sizeBytes } of weights) {
        const one = createHash('sha256');
        try {
          await pipeline(createReadStream(path.join(folder, weight)), one, { signal });
        } catch (error) {
          throw signal.aborted ? error : storageError(error, folder);
        }
        total.update(`${weight}\t${sizeBytes}\t${one.digest('hex')}\n`);
      }
      return { hash: total.digest('hex') };
    },
    copy: async ({ from, to }, { signal }) => {
      try {
        for (const file of listModelFiles(from).files.values()) {
          signal.throwIfAborted();
          const target = path.join(to, file.path);
          await mkdir(path.dirname(target), { recursive: true });
          await copyFile(path.join(from, file.path), target);
          const copied = await open(target, 'r+');
          try {
            await copied.sync();
          } finally {
            await copied.close();
          }
        }
      } catch (error) {
        throw signal.aborted ? error : storageError(error, to);
      }
      return {};
    },
    card: async ({ folder }) => ({ markdown: readCard(listModelFiles(folder)) }),
  },
  createPortTransport(threadPort(port)),
);
