/**
 * `npm test`: every test. `npm test -- <filter> …` runs the files whose path contains a filter;
 * filters that start with `e2e` go to Playwright, the others to vitest.
 *
 * The last line is `N passed, N failed, N skipped` over both; the exit code is 0 only if something
 * passed and nothing failed.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildStaleParts } from './build.ts';
import { programFile, rootFolder, runNode } from './program.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const none: Counts = { passed: 0, failed: 0, skipped: 0 };
const reports = mkdtempSync(path.join(tmpdir(), 'atelier-test-'));

/** What a runner said about itself; one that died without a report counts as one failure. */
function counted(code: number, file: string, read: (report: string) => Counts): Counts {
  const counts = existsSync(file) ? read(readFileSync(file, 'utf8')) : none;
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

async function runVitest(filters: readonly string[]): Promise<Counts> {
  const file = path.join(reports, 'vitest.json');
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...filters,
  ];
  const code = await runNode(programFile('vitest'), args);
  return counted(code, file, (report) => {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
      report,
    ) as {
      readonly [
        key in 'numPassedTests' | 'numFailedTests' | 'numPendingTests' | 'numTodoTests'
      ]: number;
    };
    return {
      passed: numPassedTests,
      failed: numFailedTests,
      skipped: numPendingTests + numTodoTests,
    };
  });
}

async function runPlaywright(filters: readonly string[]): Promise<Counts> {
  // Both hosts are tested as they are shipped: built.
  try {
    await buildStaleParts();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return { ...none, failed: 1 };
  }
  const file = path.join(reports, 'playwright.json');
  const args = ['test', '--config=e2e/playwright.config.ts', '--reporter=list,json', ...filters];
  const code = await runNode(programFile('@playwright/test', 'playwright'), args, {
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
  });
  return counted(code, file, (report) => {
    const { stats } = JSON.parse(report) as {
      readonly stats: { readonly [key in 'expected' | 'unexpected' | 'flaky' | 'skipped']: number };
    };
    return {
      passed: stats.expected,
      failed: stats.unexpected + stats.flaky,
      skipped: stats.skipped,
    };
  });
}

const filters = process.argv.slice(2);
const browserFilters = filters.filter((filter) => /^e2e\b/.test(filter));
const unitFilters = filters.filter((filter) => !browserFilters.includes(filter));
const results: Counts[] = [];
try {
  if (filters.length === 0 || unitFilters.length > 0) results.push(await runVitest(unitFilters));
  if (
    (filters.length === 0 || browserFilters.length > 0) &&
    existsSync(path.join(rootFolder, 'e2e/playwright.config.ts'))
  ) {
    results.push(await runPlaywright(browserFilters));
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
const sum = (key: keyof Counts): number =>
  results.reduce((total, counts) => total + counts[key], 0);
process.exitCode = sum('failed') === 0 && sum('passed') > 0 ? 0 : 1;
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
