/**
 * The loopback host as a program. Prints the address to open; ends on SIGINT, SIGTERM and when its
 * parent asks it to.
 */
import '../studio/thread-pool.ts';
import { parseArgs } from 'node:util';
import path from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import { createStudio } from '../studio/create-studio.ts';
import { defaultFolders } from '../studio/default-folders.ts';
import { createNodeHostPorts, programFolders } from '../studio/node-host-ports.ts';
import { startServer } from './start-server.ts';

const usage = `Usage: npm start -- [--port NUMBER] [--library DIR] [--data DIR] [--models DIR]`;

/** A studio that cannot be closed within this time is left to the system. */
const closeWithinMs = 3000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      library: { type: 'string' },
      data: { type: 'string' },
      models: { type: 'string' },
    },
  });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new StudioError(
      'bad-request',
      `"${values.port}" is not a port. Give a number from 0 to 65535.`,
    );
  }
  const folders = defaultFolders();
  const data = values.data === undefined ? folders.data : path.resolve(values.data);
  return {
    port,
    folders: {
      data,
      library: values.library === undefined ? folders.library : path.resolve(values.library),
      cache: values.data === undefined ? folders.cache : path.join(data, 'cache'),
    },
    models:
      values.models === undefined ? programFolders.bundledModels : path.resolve(values.models),
  };
}

async function main(): Promise<void> {
  const { port, folders, models } = readOptions();
  const studio = await createStudio(createNodeHostPorts('server', folders, models));
  const server = await startServer({ studio, rendererFolder: programFolders.renderer, port }).catch(
    async (error: unknown) => {
      await studio.close();
      throw error;
    },
  );
  console.log(`Atelier is open at ${server.url}`);
  console.log(
    'Press Ctrl-C to end it. Nothing is sent anywhere: the address works on this computer only.',
  );

  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    setTimeout(() => process.exit(1), closeWithinMs).unref();
    void server
      .close()
      .then(() => studio.close())
      .then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close);
  process.on('disconnect', close);
}

main().catch((thrown: unknown) => {
  const usageFault =
    thrown instanceof TypeError &&
    'code' in thrown &&
    String(thrown.code).startsWith('ERR_PARSE_ARGS');
  console.error(`atelier: ${StudioError.from(thrown).message}${usageFault ? `\n${usage}` : ''}`);
  process.exitCode = usageFault ? 2 : 1;
});
