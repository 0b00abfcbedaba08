import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{contract,main,tools,bench,renderer}/**/*.test.{ts,tsx}'],
    // Real engine processes, databases and models: forks keep native modules apart, and two of them
    // leave a small machine room for the processes that the tests themselves start.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
