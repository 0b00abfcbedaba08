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

/** What the runners' JSON reports hold, as far as it is read here. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface PlaywrightSuite {
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly projectName: string;
      readonly status: string;
      readonly annotations: readonly { readonly type: string; readonly description?: string }[];
    }[];
  }[];
}

interface PlaywrightReport extends PlaywrightSuite {
  readonly stats: { readonly [key in 'expected' | 'unexpected' | 'flaky' | 'skipped']: number };
}

/**
 * Tests that did not simply pass, by name: one that did not run, with its reason, so that nobody
 * takes it for one that passed; one that passed only when tried again; one that failed.
 */
const named = { skipped: [] as string[], flaky: [] as string[], unexpected: [] as string[] };

function noteTests({ specs = [], suites = [] }: PlaywrightSuite): void {
  for (const { title, tests } of specs) {
    for (const { projectName, status, annotations } of tests) {
      if (status !== 'skipped' && status !== 'flaky' && status !== 'unexpected') continue;
      const reason = annotations.find(({ type }) => type === 'skip')?.description;
      named[status].push(`[${projectName}] ${title}${reason ? `: ${reason}` : ''}`);
    }
  }
  suites.forEach(noteTests);
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
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
      JSON.parse(report) as VitestReport;
    for (const { name, status: fileStatus, assertionResults } of testResults) {
      const file = path.relative(rootFolder, name);
      // A file that could not be loaded has no tests.
      if (fileStatus === 'failed' && assertionResults.length === 0) named.unexpected.push(file);
      for (const { fullName, status } of assertionResults) {
        if (status === 'skipped' || status === 'pending') named.skipped.push(fullName);
        if (status === 'failed') named.unexpected.push(`${file}: ${fullName}`);
      }
    }
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
    const { stats, ...root } = JSON.parse(report) as PlaywrightReport;
    noteTests(root);
    return {
      passed: stats.expected + stats.flaky,
      failed: stats.unexpected,
      skipped: stats.skipped,
    };
  });
}

// Hundreds of processes are started: each finds the code compiled that another loaded before it.
process.env['NODE_COMPILE_CACHE'] ??= path.join(rootFolder, 'node_modules/.cache/compiled');

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
for (const [heading, names] of [
  ['Skipped', named.skipped],
  ['Passed on the second try', named.flaky],
  ['Failed', named.unexpected],
] as const) {
  if (names.length > 0)
    console.log(`\n${heading}:\n${names.map((name) => `  ${name}`).join('\n')}`);
}
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
