/** Entry of the thread that reads and writes files of documents; `workerData` brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../../contract/wire/port-transport.ts';
import { serve } from '../../../../contract/wire/server.ts';
import { threadPort } from '../../thread-port.ts';
import { documentThreadContract } from './document-thread-contract.ts';
import { createDocumentThread } from './document-thread.ts';

const { port } = z.object({ port: z.instanceof(MessagePort) }).parse(workerData);
serve(documentThreadContract, createDocumentThread(), createPortTransport(threadPort(port)));
