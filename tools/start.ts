/**
 * `npm start`: builds what is stale, then opens the studio.
 *
 * Electron where its binary can be had; otherwise the loopback host, with a line that says so and
 * the address to open. `npm start -- --server` asks for the loopback host; further arguments go to
 * the host.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { buildStaleParts } from './build.ts';
import { findElectronBinary } from './electron-binary.ts';
import { rootFolder, run, runNode } from './program.ts';

const args = process.argv.slice(2).filter((argument) => argument !== '--server');
const wantsServer = process.argv.includes('--server');

async function start(): Promise<number> {
  const built = await buildStaleParts();
  if (built.length > 0) console.log(`Built ${built.join(', ')}.`);
  const electron = wantsServer ? null : findElectronBinary();
  if (electron?.found) return run(electron.path, [rootFolder, ...args]);
  if (electron) {
    console.log(
      `Electron cannot run here (${electron.reason}): Atelier runs in a browser instead.`,
    );
  }
  return serveLoopback();
}

function serveLoopback(): Promise<number> {
  let printed = '';
  let isOpened = false;
  return runNode(path.join(rootFolder, 'dist/main/server/main.js'), args, {
    stdio: ['inherit', 'pipe', 'inherit'],
    onOutput(text) {
      process.stdout.write(text);
      if (isOpened) return;
      printed += text;
      const address = /https?:\/\/\S+(?=\s)/.exec(printed)?.[0];
      if (!address) return;
      isOpened = true;
      if (hasDesktop()) openBrowser(address);
    },
  });
}

/** A browser window is welcome only where a person sits in front of a screen. */
function hasDesktop(): boolean {
  if (process.env['CI']) return false;
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']) && isOnPath('xdg-open');
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '').split(path.delimiter).some((folder) => {
    try {
      return readdirSync(folder).includes(command);
    } catch {
      return false;
    }
  });
}

function openBrowser(address: string): void {
  const [command, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler']
        : ['xdg-open'];
  // The address is on the terminal already; a browser that does not open is no failure.
  spawn(command ?? 'open', [...before, address], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}

try {
  process.exitCode = await start();
} catch (error) {
  console.error(
    `Atelier could not start: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
}
