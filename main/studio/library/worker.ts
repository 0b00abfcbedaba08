/** Entry of both library threads; `workerData` says which, and brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../contract/wire/port-transport.ts';
import { serve } from '../../../contract/wire/server.ts';
import { createReader } from './reader.ts';
import { readerContract, writerContract } from './worker-contract.ts';
import { threadPort } from '../thread-port.ts';
import { createWriter } from './writer.ts';

const { role, port } = z.object({ role: z.enum(['writer', 'reader']), port: z.instanceof(MessagePort) }).parse(workerData);
const transport = createPortTransport(threadPort(port));
switch (role) {
  case 'writer':
    serve(writerContract, createWriter(), transport);
    break;
  case 'reader':
    serve(readerContract, createReader(), transport);
    break;
  default:
    role satisfies never;
}
