/**
 * Keys and values of the tokens that the model has already seen.
 *
 * Promises: starts with zero tokens; `take` disposes what it replaces, and disposing the cache
 * disposes what it holds; the values are never read here, so they may stay wherever the runtime
 * keeps them.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';

const pastPrefix = 'past_key_values.';
const presentPrefix = 'present.';

export interface KvCache extends Disposable {
  readonly length: number;
  /** Inputs of the next run, by name. */
  readonly feeds: Readonly<Record<string, Tensor | Value>>;
  /** Takes over the `present.*` of a run that added `tokens`; the other outputs stay the caller's. */
  take(outputs: Readonly<Record<string, Value>>, tokens: number): void;
}

export interface CacheShape {
  /** Used where the graph leaves its dimensions open; null if the model does not say either. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
}

export function isCacheInput(name: string): boolean {
  return name.startsWith(pastPrefix);
}

/** @throws {StudioError} `unsupported` if the graph has no cache or one of another layout */
export function createKvCache({ inputs, outputs }: Session, shape: CacheShape): KvCache {
  const specs = inputs.filter(({ name }) => isCacheInput(name));
  if (specs.length === 0) {
    throw new StudioError(
      'unsupported',
      'This text model was exported without a key/value cache. Export it with the task "text-generation-with-past".',
    );
  }
  const outputNames = new Set(outputs.map(({ name }) => name));
  for (const { name } of specs) {
    if (outputNames.has(presentOf(name))) continue;
    throw new StudioError(
      'unsupported',
      `This text model has no output "${presentOf(name)}" for its input "${name}". Export it anew.`,
    );
  }

  let feeds: Record<string, Tensor | Value> = Object.fromEntries(
    specs.map((spec) => [spec.name, emptyPast(spec, shape)]),
  );
  let length = 0;

  function dispose(): void {
    for (const feed of Object.values(feeds)) if (Symbol.dispose in feed) feed[Symbol.dispose]();
  }

  return {
    get length() {
      return length;
    },
    get feeds() {
      return feeds;
    },
    take(results, tokens) {
      const next: Record<string, Value> = {};
      for (const { name } of specs) {
        const value = results[presentOf(name)];
        if (value) next[name] = value;
      }
      dispose();
      feeds = next;
      length += tokens;
    },
    [Symbol.dispose]: dispose,
  };
}

function presentOf(pastName: string): string {
  return presentPrefix + pastName.slice(pastPrefix.length);
}

/** [1, heads, 0, headSize]: no tokens yet. */
function emptyPast({ name, type, dims }: ValueSpec, shape: CacheShape): Tensor {
  if (dims.length !== 4) {
    throw new StudioError(
      'unsupported',
      `The cache input "${name}" has ${dims.length} dimensions; only [batch, heads, tokens, size] is known here.`,
    );
  }
  const heads = typeof dims[1] === 'number' ? dims[1] : shape.keyValueHeads;
  const size = typeof dims[3] === 'number' ? dims[3] : shape.headSize;
  if (heads === null || size === null) {
    throw new StudioError(
      'model-invalid',
      `Neither the graph nor config.json says how large the cache "${name}" is. Import the model again.`,
    );
  }
  const empty = [1, heads, 0, size];
  if (type === 'float32') return tensor(type, new Float32Array(), empty);
  if (type === 'float16') return tensor(type, new Uint16Array(), empty);
  throw new StudioError(
    'unsupported',
    `The cache input "${name}" is of type ${type}; only float32 and float16 are known here.`,
  );
}
