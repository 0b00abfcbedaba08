/**
 * Reads one batch of inputs after the other and answers how long each took. Inputs are made elsewhere, so that this
 * process's memory is that of reading alone.
 */
import type { BatchReport } from './run.ts';
import { loadCorpus, readAll } from './metadata-target.ts';

const { files } = await loadCorpus();
// What is compiled and allocated once is no input's doing.
for (let round = 0; round < 20; round += 1) for (const file of files) await readAll(file);
globalThis.gc?.();
const baselineBytes = process.memoryUsage.rss();

process.on('message', (batch: readonly Uint8Array[]) => void readBatch(batch));
process.send?.({ ready: true });

async function readBatch(batch: readonly Uint8Array[]): Promise<void> {
  // What earlier batches left behind is none of this one's doing.
  globalThis.gc?.();
  const milliseconds: number[] = [];
  const failures: { readonly index: number; readonly message: string }[] = [];
  for (const [index, bytes] of batch.entries()) {
    const startedAt = performance.now();
    try {
      await readAll(bytes);
    } catch (error) {
      failures.push({
        index,
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    milliseconds.push(performance.now() - startedAt);
  }
  const grownBytes = process.resourceUsage().maxRSS * 1024 - baselineBytes;
  process.send?.({ milliseconds, failures, grownBytes } satisfies BatchReport);
}
