/**
 * `npm run check`: everything that can be said about the code without running it.
 *
 * Prints one line per part, and the findings of those that failed. `npm run check -- types lint`
 * runs only the parts named.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { programFile, rootFolder, runNode } from './program.ts';

interface Part {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

const parts: readonly Part[] = [
  { name: 'types', file: programFile('typescript', 'tsc'), args: ['-b'] },
  {
    name: 'lint',
    file: programFile('oxlint'),
    args: ['--type-aware', '--deny-warnings', '--format=unix'],
  },
  { name: 'format', file: programFile('oxfmt'), args: ['--check', '.'] },
  { name: 'unused', file: programFile('knip'), args: ['--no-progress'] },
  // Also plants violations in a temporary tree and fails if one of them goes unnoticed.
  { name: 'boundaries', file: path.join(rootFolder, 'tools/boundaries.ts'), args: [] },
];

async function check(part: Part): Promise<boolean> {
  const startedAt = performance.now();
  let output = '';
  const code = await runNode(part.file, part.args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    onOutput: (text) => void (output += text),
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${part.name.padEnd(12)} ${code === 0 ? 'ok    ' : 'failed'} ${seconds.padStart(6)} s`,
  );
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(
    `There is no check named ${unknown.join(', ')}. There are: ${parts.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}
const chosen = parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
// An interrupted compiler can leave records that hide an error; a whole check starts from nothing.
if (process.env['CI'])
  rmSync(path.join(rootFolder, 'dist/.types'), { recursive: true, force: true });

// Two at a time: the compiler and the linter each use every core already.
const waiting = [...chosen];
const results: boolean[] = [];
const worker = async (): Promise<void> => {
  for (let part = waiting.shift(); part; part = waiting.shift()) results.push(await check(part));
};
await Promise.all([worker(), worker()]);
const failed = results.filter((isOk) => !isOk).length;
console.log(failed === 0 ? 'Every check passed.' : `${failed} of ${chosen.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;
