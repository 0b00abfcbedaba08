/**
 * `npm run dev`: the loopback host straight from its sources, restarted when they change, and the
 * window rebuilt on every change; reload the page to see it.
 */
import path from 'node:path';
import { build } from 'vite';
import { clearStamp } from './built-parts.ts';
import { rootFolder, run } from './program.ts';

// What this leaves behind is not what `npm start` should open.
clearStamp('window');

await build({
  configFile: path.join(rootFolder, 'renderer/vite.config.ts'),
  logLevel: 'info',
  build: { watch: {}, minify: false, sourcemap: true },
});
process.exitCode = await run(process.execPath, [
  '--watch',
  '--watch-preserve-output',
  path.join(rootFolder, 'main/server/main.ts'),
  ...process.argv.slice(2),
]);
// Vite goes on watching for as long as the process lives.
process.exit();
