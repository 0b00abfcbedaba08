/** Runs programs of node_modules on the Node that runs this script, on every platform alike. */
import { spawn, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The repository's root folder, absolute. */
export const rootFolder = path.join(import.meta.dirname, '..');

/**
 * The JavaScript file behind a command of an installed package. Running it with `process.execPath`
 * avoids the shims in `.bin`, which differ per platform and take whichever Node the system has.
 */
export function programFile(packageName: string, command = packageName): string {
  const folder = path.join(rootFolder, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly bin?: string | Readonly<Record<string, string>>;
  };
  const file = typeof bin === 'string' ? bin : bin?.[command];
  if (!file) throw new Error(`The package ${packageName} has no command ${command}. Run npm ci.`);
  return path.join(folder, file);
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdio?: StdioOptions;
  /** Called with each piece of output where `stdio` pipes it. */
  readonly onOutput?: (text: string) => void;
}

/**
 * Runs `file` with `args` in the repository's root and hands signals on to it.
 * @returns its exit code; 128 + n if signal n ended it
 */
export function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: rootFolder,
      env: options.env ?? process.env,
      stdio: options.stdio ?? 'inherit',
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => options.onOutput?.(text));
    // A terminal's Ctrl-C reaches the child by itself; waiting for its end is all that is left here.
    const ignore = (): void => {};
    const hangUp = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', ignore).on('SIGTERM', hangUp);
    const stopListening = (): void => {
      process.off('SIGINT', ignore).off('SIGTERM', hangUp);
    };
    child.once('error', (error) => {
      stopListening();
      reject(error);
    });
    child.once('close', (code, signal) => {
      stopListening();
      resolve(code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137));
    });
  });
}

/** Runs a script or a package's command on this very Node. */
export function runNode(
  file: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<number> {
  return run(process.execPath, [file, ...args], options);
}
