/** Entry of all library threads; `workerData` says which, and brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../contract/wire/port-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { careThreadContract } from './care/care-thread-contract.ts';
import { createCareThread } from './care/care-thread.ts';
import { createReader } from './reader.ts';
import { readerContract, writerContract } from './worker-contract.ts';
import { threadPort } from '../thread-port.ts';
import { createWriter } from './writer.ts';

const { role, port } = z
  .object({ role: z.enum(['writer', 'reader', 'care']), port: z.instanceof(MessagePort) })
  .parse(workerData);
const transport = createPortTransport(threadPort(port));
// A fast scroll asks for many pictures at once, and nobody but the library itself can ask here.
const options = { maxConcurrent: 100_000 };
switch (role) {
  case 'writer':
    serve(writerContract, createWriter(), transport, options);
    break;
  case 'reader':
    serve(readerContract, createReader(), transport, options);
    break;
  case 'care':
    serve(careThreadContract, createCareThread(), transport, options);
    break;
  default:
    role satisfies never;
}
