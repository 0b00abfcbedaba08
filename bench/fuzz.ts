/**
 * `npm run fuzz -- metadata --inputs 1000000 --seed 1`: feeds changed pictures to all readers of metadata in a process
 * of its own, and fails if one throws, takes longer than 100 ms or makes the process grow by more than 64 MB.
 *
 * Inputs that fail are written into `--out`, by default a folder of the system for temporary files. The same seed
 * gives the same inputs; `--first` goes on from a number.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fuzzMetadata } from './fuzz/run.ts';

const limitMs = 100;
const limitBytes = 64 * 2 ** 20;
const progressInputs = 50_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    out: { type: 'string' },
  },
});
if (positionals.length !== 1 || positionals[0] !== 'metadata') {
  console.error('Say what to fuzz: npm run fuzz -- metadata --inputs 100000 --seed 1');
  process.exit(2);
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
const startedAt = performance.now();
let told = 0;
const report = await fuzzMetadata({
  inputs: Number(values.inputs),
  seed: Number(values.seed),
  first: Number(values.first),
  limitMs,
  onProgress(done, { longestMs, grownBytes, failures }) {
    if (done - told < progressInputs) return;
    told = done;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `${done} inputs in ${seconds} s, longest ${longestMs.toFixed(1)} ms, grown by ${megabytes(grownBytes)}, ${failures.length} failed`,
    );
  },
});

if (report.failures.length > 0) {
  const folder = values.out ?? mkdtempSync(path.join(tmpdir(), 'atelier-fuzz-'));
  mkdirSync(folder, { recursive: true });
  for (const { input, message, bytes } of report.failures.slice(0, 100)) {
    const file = path.join(folder, `metadata-${values.seed}-${input}.bin`);
    writeFileSync(file, bytes);
    console.log(`${file}: ${message}`);
  }
}
const isOver = report.grownBytes > limitBytes;
const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
console.log(
  `${report.inputs} inputs of ${megabytes(report.inputBytes)} in ${seconds} s with seed ${values.seed}: ${report.failures.length} failed; ` +
    `longest call ${report.longestMs.toFixed(1)} ms (input ${report.longestInput}, limit ${limitMs} ms, ${report.retimed} timed again); ` +
    `memory grew by at most ${megabytes(report.grownBytes)} (limit ${megabytes(limitBytes)})`,
);
process.exitCode = report.failures.length === 0 && !isOver ? 0 : 1;
