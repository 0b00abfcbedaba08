/** Entry of the importer's thread; `workerData` brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../../contract/wire/port-transport.ts';
import { serve } from '../../../../contract/wire/server.ts';
import { threadPort } from '../../thread-port.ts';
import { importThreadContract } from './import-thread-contract.ts';
import { createImportThread } from './import-thread.ts';

const { port } = z.object({ port: z.instanceof(MessagePort) }).parse(workerData);
serve(importThreadContract, createImportThread(), createPortTransport(threadPort(port)));
