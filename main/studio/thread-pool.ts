/**
 * Makes Node's pool of threads large enough for pictures on every core and files besides. To be
 * imported before all else by what a person starts: the pool is made when it is first used.
 *
 * Windows keeps its four: there the pool reads an environment that a running program cannot change.
 */
import { availableParallelism } from 'node:os';

const nodeDefault = 4;
const forFiles = 2;

if (process.platform !== 'win32') {
  process.env['UV_THREADPOOL_SIZE'] ??= String(
    Math.max(nodeDefault, availableParallelism() + forFiles),
  );
}
