/** Entry of the writing thread; `workerData` brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../contract/wire/port-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { threadPort } from '../thread-port.ts';
import { writingThreadContract } from './writing-thread-contract.ts';
import { createWritingThread } from './writing-thread.ts';

const { port } = z.object({ port: z.instanceof(MessagePort) }).parse(workerData);
serve(writingThreadContract, createWritingThread(Date.now), createPortTransport(threadPort(port)), {
  // Nobody but the studio itself can ask here.
  maxConcurrent: 100_000,
});
