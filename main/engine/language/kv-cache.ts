/**
 * Keys and values of the tokens that the model has already seen.
 *
 * Promises: starts with zero tokens in one row; `take` disposes what it replaces, and disposing the
 * cache disposes what it holds; a run never changes what another cache holds.
 *
 * Where the runtime lends memory that a graph can both read and write, values live there, are never
 * read here, and cropping only moves the length: `shared-kv-cache.ts`. Elsewhere every run returns
 * grown values: `grown-kv-cache.ts`.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import type { DataType, Tensor } from '../tensor/tensor.ts';
import { createGrownKvCache } from './grown-kv-cache.ts';
import { createSharedKvCache } from './shared-kv-cache.ts';

const pastPrefix = 'past_key_values.';
const presentPrefix = 'present.';

export interface KvCache extends Disposable {
  /** Tokens per row. */
  readonly length: number;
  /** Rows: texts that are continued side by side. */
  readonly batch: number;
  /** Bytes held, those of unused room included. */
  readonly sizeBytes: number;
  /** Inputs of the next run, by name. */
  readonly feeds: Readonly<Record<string, Tensor | Value>>;
  /** For `RunOptions.into` of the next run. */
  readonly into: Readonly<Record<string, Value>>;
  /** Makes room for `tokens` more in each row; to be called before `feeds` and `into` are read for a run. */
  reserve(tokens: number): Promise<void>;
  /** Takes over the `present.*` of a run that added `tokens` to each row; the other outputs stay the caller's. */
  take(outputs: Readonly<Record<string, Value>>, tokens: number): void;
  /** Forgets what lies beyond `length` tokens. @throws {RangeError} if there are fewer */
  crop(length: number): Promise<void>;
  /** Makes these the rows, by their numbers until now; a number may come several times. */
  select(rows: readonly number[]): Promise<void>;
  /** Another cache of the same tokens; both go their own ways. The caller owns it. */
  fork(): Promise<KvCache>;
}

export interface CacheShape {
  /** Used where the graph leaves its dimensions open; null if the model does not say either. */
  readonly keyValueHeads: number | null;
  readonly headSize: number | null;
}

/** One layer's keys or values. */
export interface CachePart {
  readonly past: string;
  readonly present: string;
  readonly type: 'float32' | 'float16';
  readonly heads: number;
  readonly headSize: number;
}

/** Lends memory that runs can read and write; null if the runtime cannot. */
export type AllocateValue = (type: DataType, dims: readonly number[]) => Value | null;

export interface SharedMemory {
  readonly allocate: AllocateValue;
  /** Tokens beyond which no room is kept in store. */
  readonly mostTokens: number;
}

export function isCacheInput(name: string): boolean {
  return name.startsWith(pastPrefix);
}

/**
 * @param shared for graphs that write `present` where they read `past`, which exports with
 *   GroupQueryAttention do; left out for all others
 * @throws {StudioError} `unsupported` if the graph has no cache or one of another layout
 */
export function createKvCache(session: Session, shape: CacheShape, shared?: SharedMemory): KvCache {
  const parts = cacheParts(session, shape);
  return (shared && createSharedKvCache(parts, shared)) ?? createGrownKvCache(parts);
}

/**
 * Layers may differ in heads and sizes; multi-query attention is one head.
 * @throws {StudioError} as `createKvCache`
 */
export function cacheParts(
  { inputs, outputs }: Pick<Session, 'inputs' | 'outputs'>,
  shape: CacheShape,
): readonly CachePart[] {
  const specs = inputs.filter(({ name }) => isCacheInput(name));
  if (specs.length === 0) {
    throw new StudioError(
      'unsupported',
      'This text model was exported without a key/value cache. Export it with the task "text-generation-with-past".',
    );
  }
  const outputNames = new Set(outputs.map(({ name }) => name));
  return specs.map((spec) => {
    const present = presentPrefix + spec.name.slice(pastPrefix.length);
    if (outputNames.has(present)) return { present, ...toPart(spec, shape) };
    throw new StudioError(
      'unsupported',
      `This text model has no output "${present}" for its input "${spec.name}". Export it anew.`,
    );
  });
}

function toPart({ name, type, dims }: ValueSpec, shape: CacheShape): Omit<CachePart, 'present'> {
  if (dims.length !== 4) {
    throw new StudioError(
      'unsupported',
      `The cache input "${name}" has ${dims.length} dimensions; only [batch, heads, tokens, size] is known here.`,
    );
  }
  if (type !== 'float32' && type !== 'float16') {
    throw new StudioError(
      'unsupported',
      `The cache input "${name}" is of type ${type}; only float32 and float16 are known here.`,
    );
  }
  const heads = typeof dims[1] === 'number' ? dims[1] : shape.keyValueHeads;
  const headSize = typeof dims[3] === 'number' ? dims[3] : shape.headSize;
  if (heads === null || headSize === null) {
    throw new StudioError(
      'model-invalid',
      `Neither the graph nor config.json says how large the cache "${name}" is. Import the model again.`,
    );
  }
  return { past: name, type, heads, headSize };
}
