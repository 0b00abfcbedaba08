/** `npm run package`: builds, then makes the installers of this platform in `release/`. */
import { buildStaleParts } from './build.ts';
import { programFile, runNode } from './program.ts';

await buildStaleParts();
process.exitCode = await runNode(programFile('electron-builder'), [
  '--publish',
  'never',
  ...process.argv.slice(2),
]);
