/** Entry of the thread that analyses pictures; `workerData` brings the port to serve. */
import { MessagePort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { createPortTransport } from '../../../../contract/wire/port-transport.ts';
import { serve } from '../../../../contract/wire/server.ts';
import { threadPort } from '../../thread-port.ts';
import { analysePicture, serialiseAnalysis } from './analyse-picture.ts';
import { analysisThreadContract } from './analysis-thread-contract.ts';

const { port } = z.object({ port: z.instanceof(MessagePort) }).parse(workerData);
serve(
  analysisThreadContract,
  { analyse: ({ rgb }) => Promise.resolve({ analysis: serialiseAnalysis(analysePicture(rgb)) }) },
  createPortTransport(threadPort(port)),
);
