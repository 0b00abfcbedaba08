import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { expect, it, vi } from 'vitest';

it.skipIf(process.platform === 'win32')(
  'has a thread for each core and two for files, unless somebody said otherwise',
  async () => {
    vi.stubEnv('UV_THREADPOOL_SIZE', undefined);
    try {
      await import('./thread-pool.ts');
      const size = process.env['UV_THREADPOOL_SIZE'];
      expect(size).toBe(String(Math.max(4, availableParallelism() + 2)));
      vi.stubEnv('UV_THREADPOOL_SIZE', '3');
      vi.resetModules();
      await import('./thread-pool.ts');
      expect(process.env['UV_THREADPOOL_SIZE']).toBe('3');
    } finally {
      vi.unstubAllEnvs();
    }
  },
);

it.each(['server', 'cli', 'electron'])('is the first thing that the %s host imports', (host) => {
  const source = readFileSync(new URL(`../${host}/main.ts`, import.meta.url), 'utf8');
  expect(/^import .*$/m.exec(source)?.[0]).toBe("import '../studio/thread-pool.ts';");
});
