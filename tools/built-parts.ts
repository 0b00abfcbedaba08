/**
 * The parts of a build and whether each is up to date.
 *
 * Promises: a part is fresh only if every input has the content it was built from and its result is
 * still there; nothing is decided by file times, which checkouts and copies do not keep.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootFolder } from './program.ts';

export const partNames = ['main', 'preload', 'window'] as const;
export type PartName = (typeof partNames)[number];

interface Part {
  readonly inputs: readonly string[];
  /** A file that every build of the part leaves behind. */
  readonly result: string;
}

const everyPart = ['package-lock.json', 'tsconfig.base.json', 'tools/build.ts'];

export const parts: Readonly<Record<PartName, Part>> = {
  main: {
    inputs: [...everyPart, 'contract/**/*.{ts,json}', 'main/**/*.{ts,json}'],
    result: 'dist/main/server/main.js',
  },
  preload: { inputs: [...everyPart, 'preload/**/*.{ts,json}'], result: 'dist/preload/preload.cjs' },
  window: {
    inputs: [...everyPart, 'contract/**/*.ts', 'renderer/**/*', 'assets/**/*'],
    result: 'dist/renderer/index.html',
  },
};

const isTestOnly = (file: string): boolean =>
  /\.test\.tsx?$|\.fixture\.ts$|[\\/](golden|fixtures)[\\/]/.test(file);

/** SHA-256 over the names and contents of everything the part is built from. */
export function inputHash(name: PartName): string {
  const hash = createHash('sha256');
  for (const file of globSync([...parts[name].inputs], { cwd: rootFolder }).sort()) {
    if (isTestOnly(file)) continue;
    try {
      const content = readFileSync(path.join(rootFolder, file));
      hash.update(`${file.replaceAll('\\', '/')}\0${content.length}\0`).update(content);
    } catch (error) {
      // A glob also names folders; whatever else went away meanwhile is no input either.
      if (!['EISDIR', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return hash.digest('hex');
}

const stampFile = (name: PartName): string => path.join(rootFolder, 'dist', '.stamps', name);

export function isFresh(name: PartName): boolean {
  if (!existsSync(path.join(rootFolder, parts[name].result)) || !existsSync(stampFile(name)))
    return false;
  return readFileSync(stampFile(name), 'utf8') === inputHash(name);
}

export function writeStamp(name: PartName, hash: string): void {
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), hash);
}

/** A build that fails halfway must not be taken for the one before it. */
export function clearStamp(name: PartName): void {
  rmSync(stampFile(name), { force: true });
}
