/**
 * Optimised graphs on disk, because optimising is the slow half of opening a large one.
 *
 * Promises: an entry is used only for exactly the file, runtime, processor and settings it was made
 * with; a damaged entry is rebuilt; one that does not load faster than its original is dropped and
 * not made again; the folder stays under its cap; the folder may be deleted at any time.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { GraphFile } from './graph-file.ts';

export interface GraphCacheOptions {
  readonly folder: string;
  /** Version of the runtime and every setting that shapes the optimised graph. */
  readonly recipe: string;
  readonly maxBytes?: number;
  /** Milliseconds since any moment: what opening takes is measured with it. */
  readonly now?: () => number;
}

export interface OpenSteps<T> {
  /** Opens and optimises; writes the optimised graph to `saveTo` if given. */
  original(saveTo: string | null): Promise<T>;
  /** Opens an optimised graph as it is. */
  optimised(path: string): Promise<T>;
}

const defaultMaxBytes = 8 * 2 ** 30;
/** Below this a graph opens in no time anyway. */
const minGraphBytes = 256 * 1024;
/** Protobuf ends at 2 GiB, and inlined weights must fit into it. */
const maxGraphBytes = 1.8 * 2 ** 30;
/** An entry that saves less than this share of the time is not worth its space. */
const worthwhileRatio = 0.9;

const Record = z.object({
  originalMs: z.number(),
  /** Null until the entry was opened once. */
  optimisedMs: z.number().nullable(),
  kept: z.boolean(),
});
type Record = z.infer<typeof Record>;

export interface GraphCache {
  open<T>(graph: GraphFile, steps: OpenSteps<T>): Promise<T>;
}

export function createGraphCache({
  folder,
  recipe,
  maxBytes = defaultMaxBytes,
  now = () => performance.now(),
}: GraphCacheOptions): GraphCache {
  async function readRecord(key: string): Promise<Record | null> {
    try {
      return Record.parse(JSON.parse(await readFile(join(folder, `${key}.json`), 'utf8')));
    } catch {
      return null;
    }
  }

  async function writeRecord(key: string, record: Record): Promise<void> {
    const temporary = join(folder, `${key}.${randomUUID()}.tmp`);
    await writeFile(temporary, JSON.stringify(record));
    await rename(temporary, join(folder, `${key}.json`));
  }

  async function forget(key: string): Promise<void> {
    await rm(join(folder, `${key}.onnx`), { force: true });
    await rm(join(folder, `${key}.json`), { force: true });
  }

  async function openEntry<T>(key: string, record: Record, steps: OpenSteps<T>): Promise<T | null> {
    const path = join(folder, `${key}.onnx`);
    try {
      const startedMs = now();
      const opened = await steps.optimised(path);
      const optimisedMs = now() - startedMs;
      const kept = optimisedMs < record.originalMs * worthwhileRatio;
      // The session is open either way; only the next start is decided here.
      if (record.optimisedMs === null) {
        await writeRecord(key, { ...record, optimisedMs, kept }).catch(() => {});
        if (!kept) await rm(path, { force: true });
      }
      const usedAt = new Date();
      await utimes(path, usedAt, usedAt).catch(() => {});
      return opened;
    } catch {
      await forget(key).catch(() => {});
      return null;
    }
  }

  async function makeEntry<T>(key: string, steps: OpenSteps<T>): Promise<T> {
    const temporary = join(folder, `${key}.${randomUUID()}.tmp`);
    try {
      await mkdir(folder, { recursive: true });
      const startedMs = now();
      const opened = await steps.original(temporary);
      const originalMs = now() - startedMs;
      // From here on the session is open: a full disk may cost the entry but not the session.
      await keep(key, temporary, originalMs).catch(() => {});
      return opened;
    } catch {
      // Either the graph is bad or it could not be saved; only opening it plainly tells which.
      const startedMs = now();
      const opened = await steps.original(null);
      const originalMs = now() - startedMs;
      // Widened weights may not fit into a file: trying again would cost every start a second open.
      await writeRecord(key, { originalMs, optimisedMs: null, kept: false }).catch(() => {});
      return opened;
    } finally {
      await rm(temporary, { force: true }).catch(() => {});
    }
  }

  async function keep(key: string, temporary: string, originalMs: number): Promise<void> {
    await rename(temporary, join(folder, `${key}.onnx`));
    await writeRecord(key, { originalMs, optimisedMs: null, kept: true });
    await prune(`${key}.onnx`);
  }

  /** Removes the entries that were not used for the longest time, and what an ended process left. */
  async function prune(newest: string): Promise<void> {
    const entries: { path: string; sizeBytes: number; usedMs: number }[] = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      if (name.endsWith('.tmp') && Date.now() - mtimeMs > 3_600_000)
        await rm(path, { force: true });
      if (name.endsWith('.onnx') && name !== newest)
        entries.push({ path, sizeBytes: size, usedMs: mtimeMs });
    }
    let left = maxBytes - (await stat(join(folder, newest))).size;
    for (const { path, sizeBytes } of entries.sort((a, b) => b.usedMs - a.usedMs)) {
      left -= sizeBytes;
      if (left < 0) await forget(basename(path, '.onnx'));
    }
  }

  return {
    async open(graph, steps) {
      if (graph.sizeBytes < minGraphBytes || graph.sizeBytes > maxGraphBytes)
        return await steps.original(null);
      const key = keyOf(graph, recipe);
      const record = await readRecord(key);
      if (record && !record.kept) return await steps.original(null);
      if (record) {
        const opened = await openEntry(key, record, steps);
        if (opened !== null) return opened;
      }
      return await makeEntry(key, steps);
    },
  };
}

/** Optimisers lay weights out for the processor at hand, so it is part of the key. */
function keyOf(graph: GraphFile, recipe: string): string {
  const processor = `${process.arch} ${cpus()[0]?.model ?? ''}`;
  return createHash('sha256')
    .update(JSON.stringify([graph.path, graph.fingerprint, recipe, processor]))
    .digest('hex')
    .slice(0, 40);
}
