/** The CLI as a real child process, in folders of a test's own. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

export interface EndedCommand {
  readonly stdout: string;
  readonly stderr: string;
  /** Null for a process that a signal ended. */
  readonly code: number | null;
}

export interface CommandFolders {
  readonly data: string;
  readonly library: string;
}

/** Below one folder, as most tests want them. */
export function foldersIn(folder: string): CommandFolders {
  return { data: path.join(folder, 'data'), library: path.join(folder, 'library') };
}

export function startCommand(
  { data, library }: CommandFolders,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), ...args], {
    env: { ...process.env, ATELIER_DATA: data, ATELIER_LIBRARY: library, ...env },
  });
}

/** Gives it nothing more to read, and waits for its end. */
export async function finishCommand(child: ChildProcessWithoutNullStreams): Promise<EndedCommand> {
  child.stdin.end();
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, code };
}
