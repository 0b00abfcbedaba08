/** What every runtime checks before a run and says after a failed one. */
import { StudioError } from '../../../contract/errors.ts';
import type { Value, ValueSpec } from '../session.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { graphName } from './graph-file.ts';

/**
 * Every input and nothing else.
 * @returns what is fed, in the order of `inputs`
 * @throws {StudioError} `model-invalid` naming the input and both shapes
 */
export function checkFeeds(
  graphPath: string,
  inputs: readonly ValueSpec[],
  feeds: Readonly<Record<string, Tensor | Value>>,
): readonly (Tensor | Value)[] {
  const checked = inputs.map((spec) => {
    const feed = feeds[spec.name];
    if (!feed) throw misfit(graphPath, `needs the input "${spec.name}"`, spec.name);
    checkFeed(graphPath, spec, feed);
    return feed;
  });
  const names = Object.keys(feeds);
  // As many as there are inputs, and all of those: there can be no other.
  if (names.length === inputs.length) return checked;
  for (const name of names) {
    if (!inputs.some((spec) => spec.name === name))
      throw misfit(graphPath, `has no input "${name}" (it has ${listNames(inputs)})`, name);
  }
  return checked;
}

/** @throws {StudioError} `model-invalid` */
export function checkOutputs(
  graphPath: string,
  outputs: readonly ValueSpec[],
  wanted: readonly string[],
): void {
  const known = new Set(outputs.map(({ name }) => name));
  for (const name of wanted) {
    if (!known.has(name))
      throw misfit(graphPath, `has no output "${name}" (it has ${listNames(outputs)})`, name);
  }
}

function checkFeed(graphPath: string, spec: ValueSpec, feed: Tensor | Value): void {
  if (feed.type !== spec.type) {
    throw misfit(
      graphPath,
      `wants ${spec.type} for the input "${spec.name}", not ${feed.type}`,
      spec.name,
    );
  }
  let fits = feed.dims.length === spec.dims.length;
  for (let axis = 0; fits && axis < spec.dims.length; axis += 1) {
    const dim = spec.dims[axis];
    fits = typeof dim === 'string' || dim === feed.dims[axis];
  }
  if (!fits) {
    throw misfit(
      graphPath,
      `wants the shape [${spec.dims.join(', ')}] for the input "${spec.name}", not [${feed.dims.join(', ')}]`,
      spec.name,
    );
  }
}

export function misfit(graphPath: string, what: string, input: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(graphPath)} ${what}. The parts of the model do not fit together.`,
    {
      file: graphPath,
      input,
    },
  );
}

export function released(graphPath: string): StudioError {
  return new StudioError('internal', `${graphName(graphPath)} was run after it was released.`);
}

function listNames(specs: readonly ValueSpec[]): string {
  return specs.map(({ name }) => name).join(', ');
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}

/** Native allocation failures, in the words of onnxruntime, its providers and the C++ library. */
export const allocationFailure =
  /bad_alloc|bad allocation|failed to allocate|out of memory|not enough memory|E_OUTOFMEMORY/i;

export function runError(graphPath: string, thrown: unknown): StudioError {
  if (thrown instanceof StudioError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (allocationFailure.test(message)) {
    return new StudioError(
      'out-of-memory',
      'There is not enough memory for this. Make the picture smaller, shorten the text or close other programs.',
      { file: graphPath },
      { cause: thrown },
    );
  }
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(graphPath)} failed while running: ${firstLine(message)}`,
    { file: graphPath },
    { cause: thrown },
  );
}

/** The runtime's messages go on for lines and start with source paths. */
export function firstLine(message: string): string {
  return (message.trim().split('\n')[0] ?? '').slice(0, 300);
}
