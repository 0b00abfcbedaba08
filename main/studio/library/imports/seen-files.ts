/**
 * Which files of a watched folder were dealt with, so that they are not read again at every look.
 * Only a shortcut: where it is lost, files are read once more and found to be known.
 */
import { appendFile, readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileDurably } from '../../durable-file.ts';
import type { SeenFile } from './import-thread-contract.ts';

export interface SeenFiles {
  /** Whether it is as it was then. */
  has(file: SeenFile): Promise<boolean>;
  add(files: readonly SeenFile[]): Promise<void>;
  remove(): Promise<void>;
}

const Line = z.tuple([z.string(), z.number(), z.number()]);
const staleLinesKept = 1000;

export function createSeenFiles(file: string): SeenFiles {
  let loading: Promise<Map<string, string>> | null = null;
  const stampOf = ({ size, mtimeMs }: SeenFile) => `${size} ${mtimeMs}`;
  const linesOf = (files: readonly SeenFile[]) =>
    files.map(({ path, size, mtimeMs }) => `${JSON.stringify([path, size, mtimeMs])}\n`).join('');

  async function load(): Promise<Map<string, string>> {
    const text = await readFile(file, 'utf8').catch(() => '');
    const seen = new Map<string, SeenFile>();
    const lines = text.split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const parsed = parseLine(line);
      if (parsed) seen.set(parsed.path, parsed);
    }
    if (lines.length > seen.size + staleLinesKept || (text !== '' && !text.endsWith('\n')))
      await writeFileDurably(file, linesOf([...seen.values()]));
    return new Map([...seen].map(([path, each]) => [path, stampOf(each)]));
  }

  return {
    async has(found) {
      return (await (loading ??= load())).get(found.path) === stampOf(found);
    },
    async add(files) {
      const seen = await (loading ??= load());
      for (const each of files) seen.set(each.path, stampOf(each));
      if (files.length > 0) await appendFile(file, linesOf(files));
    },
    remove: () => rm(file, { force: true }),
  };
}

function parseLine(line: string): SeenFile | null {
  try {
    const [path, size, mtimeMs] = Line.parse(JSON.parse(line));
    return { path, size, mtimeMs };
  } catch {
    return null;
  }
}
