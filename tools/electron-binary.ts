/** Whether the Electron shell can run here, and from where. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { rootFolder } from './program.ts';

export type ElectronBinary =
  | { readonly found: true; readonly path: string }
  | { readonly found: false; readonly reason: string };

export interface Desktop {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
}

function thisDesktop(): Desktop {
  return { env: process.env, platform: process.platform, isRoot: process.getuid?.() === 0 };
}

/** Long enough for the first download on a slow line; a silent network must not hold the studio up for ever. */
const downloadLimitMs = 180_000;

/**
 * Electron's package fetches its binary at first use; `ELECTRON_OVERRIDE_DIST_PATH` names a folder
 * that already has one.
 */
export function findElectronBinary(
  { env, platform, isRoot }: Desktop = thisDesktop(),
): ElectronBinary {
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) {
    return { found: false, reason: 'there is no display' };
  }
  if (platform === 'linux' && isRoot) {
    return { found: false, reason: 'its sandbox does not run as root' };
  }
  if (
    !env['ELECTRON_OVERRIDE_DIST_PATH'] &&
    !existsSync(path.join(rootFolder, 'node_modules/electron/path.txt'))
  ) {
    console.log('Fetching Electron (once, about 110 MB) …');
  }
  const answer = spawnSync(process.execPath, ['--print', 'JSON.stringify(require("electron"))'], {
    cwd: rootFolder,
    env,
    encoding: 'utf8',
    timeout: downloadLimitMs,
  });
  const line = answer.stdout?.trim().split('\n').at(-1) ?? '';
  if (answer.status !== 0 || !line.startsWith('"')) {
    return { found: false, reason: 'its binary could not be fetched' };
  }
  const binary = String(JSON.parse(line));
  return existsSync(binary)
    ? { found: true, path: binary }
    : { found: false, reason: `${binary} does not exist` };
}
