/**
 * The same specs against both hosts. Each test has its own host process with its own folders; a
 * machine of two cores runs one at a time.
 */
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './fixtures/test.ts';

export default defineConfig<HostOptions>({
  testDir: 'specs',
  outputDir: '../test-results/runs',
  workers: 1,
  // A browser, a host and an engine share two cores that others use too. One that passes only when
  // tried again is named at the end of `npm test`: it is a fault to be traced, not a red run.
  retries: 1,
  timeout: 90_000,
  expect: { timeout: 20_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    reducedMotion: 'reduce',
    trace: 'retain-on-failure',
  },
  projects: [
    { name: 'loopback', use: { hostKind: 'loopback' } },
    { name: 'electron', use: { hostKind: 'electron' } },
  ],
});
