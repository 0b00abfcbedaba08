/**
 * `npm run build`: what changed since the last build, into `dist/`.
 *
 * main     `tsc -b`, mirroring the source tree, so that a stack trace reads like the sources
 * preload  one CommonJS file, the only form that a sandboxed preload can take
 * window   static files by Vite
 */
import { existsSync, globSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  clearStamp,
  inputHash,
  isFresh,
  partNames,
  writeStamp,
  type PartName,
} from './built-parts.ts';
import { programFile, rootFolder, runNode } from './program.ts';

const mainProjects = ['main/engine', 'main/server', 'main/electron', 'main/cli'];

async function buildMain(): Promise<void> {
  for (const script of globSync('dist/{contract,main}/**/*.js', { cwd: rootFolder })) {
    const source = script.replace(/^dist[\\/]/, '').replace(/\.js$/, '.ts');
    // The compiler leaves the results of deleted sources behind, where imports could still find them.
    if (!existsSync(path.join(rootFolder, source))) rmSync(path.join(rootFolder, script));
  }
  const isWhole = existsSync(path.join(rootFolder, 'dist/main/server/main.js'));
  const code = await runNode(programFile('typescript', 'tsc'), [
    '-b',
    ...mainProjects,
    ...(isWhole ? [] : ['--force']),
  ]);
  if (code !== 0)
    throw new Error('The main process does not compile; the messages above say where.');
}

async function buildPreload(): Promise<void> {
  const { build } = await import('rolldown');
  await build({
    input: path.join(rootFolder, 'preload/preload.ts'),
    external: ['electron'],
    platform: 'node',
    tsconfig: false,
    output: { file: path.join(rootFolder, 'dist/preload/preload.cjs'), format: 'cjs' },
  });
}

async function buildWindow(): Promise<void> {
  const { build } = await import('vite');
  await build({ configFile: path.join(rootFolder, 'renderer/vite.config.ts'), logLevel: 'warn' });
}

const builders: Readonly<Record<PartName, () => Promise<void>>> = {
  main: buildMain,
  preload: buildPreload,
  window: buildWindow,
};

/** Builds the parts whose inputs changed. @returns the parts that were built */
export async function buildStaleParts(): Promise<readonly PartName[]> {
  const stale = partNames.filter((name) => !isFresh(name));
  await Promise.all(
    stale.map(async (name) => {
      const hash = inputHash(name);
      clearStamp(name);
      await builders[name]();
      writeStamp(name, hash);
    }),
  );
  return stale;
}

if (import.meta.main) {
  const startedAt = performance.now();
  try {
    const built = await buildStaleParts();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(
      built.length === 0
        ? 'Everything is up to date.'
        : `Built ${built.join(', ')} in ${seconds} s.`,
    );
  } catch (error) {
    console.error(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
