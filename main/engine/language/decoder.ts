/**
 * A causal language model as a function of the next tokens: feeds what the graph declares, keeps
 * the cache, hands out the logits.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Session, Value, ValueSpec } from '../session.ts';
import { float16ToFloat32 } from '../tensor/float16.ts';
import { tensor, type Tensor } from '../tensor/tensor.ts';
import { createKvCache, isCacheInput } from './kv-cache.ts';
import type { TextModel } from './text-model.ts';

export interface Decoder extends Disposable {
  /** Tokens seen so far. */
  readonly length: number;
  /**
   * Sees `tokenIds` after everything before.
   * @returns new f32 [V]: logits of whatever follows the last of them; the caller owns it
   * @throws {StudioError} as `Session.run`; `model-invalid` for ids beyond the vocabulary
   */
  forward(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array>;
  /** As `forward`, in pieces, so that a long prompt can be cancelled in between. */
  prefill(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array>;
}

/**
 * Tokens per prefill run. Fixed: a size that followed the machine's speed would round differently
 * from run to run, and the same seed would no longer give the same text.
 */
export const defaultPrefillChunk = 64;

/**
 * @param session stays the caller's
 * @throws {StudioError} `unsupported` if the graph wants inputs that are not known here
 */
export function createDecoder(
  session: Session,
  model: TextModel,
  prefillChunk = defaultPrefillChunk,
): Decoder {
  const cache = createKvCache(session, model);
  const specs = session.inputs.filter(({ name }) => !isCacheInput(name));
  for (const { name } of specs) {
    if (name in feedMakers) continue;
    throw new StudioError(
      'unsupported',
      `This text model needs the input "${name}", which is not known here. Choose another model.`,
      { input: name },
    );
  }
  if (!session.outputs.some(({ name }) => name === 'logits')) {
    throw new StudioError(
      'unsupported',
      'This text model has no output "logits". Export it for the task "text-generation-with-past".',
    );
  }
  // The cached branch of a merged graph may have been traced for single tokens only.
  const chunk = specs.some(({ name }) => name === 'use_cache_branch') ? Infinity : prefillChunk;

  async function forward(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array> {
    const beyond = tokenIds.find((id) => id >= model.vocabularySize);
    if (beyond !== undefined) {
      throw new StudioError(
        'model-invalid',
        `The tokenizer makes token ${beyond}, but the model knows only ${model.vocabularySize}. Its files do not fit together.`,
      );
    }
    const step: Step = { tokenIds, past: cache.length };
    const feeds: Record<string, Tensor | Value> = { ...cache.feeds };
    for (const spec of specs) {
      const make = feedMakers[spec.name];
      if (make) feeds[spec.name] = make(step, spec);
    }
    const outputs = await session.run(feeds, signal ? { signal } : {});
    cache.take(outputs, tokenIds.length);
    const { logits } = outputs;
    if (!logits) throw new StudioError('internal', 'The run returned no logits.');
    const all = await logits.read();
    logits[Symbol.dispose]();
    return lastRow(all);
  }

  return {
    get length() {
      return cache.length;
    },
    forward,
    async prefill(tokenIds, signal) {
      let start = 0;
      while (tokenIds.length - start > chunk) {
        await forward(tokenIds.slice(start, start + chunk), signal);
        start += chunk;
      }
      return forward(tokenIds.slice(start), signal);
    },
    [Symbol.dispose]: () => cache[Symbol.dispose](),
  };
}

interface Step {
  readonly tokenIds: readonly number[];
  /** Tokens in the cache. */
  readonly past: number;
}

/** What each known input is fed with. T new tokens after P in the cache. */
const feedMakers: Readonly<Record<string, (step: Step, spec: ValueSpec) => Tensor>> = {
  /** [1,T] */
  input_ids: ({ tokenIds }, spec) => integers(spec, [...tokenIds], [1, tokenIds.length]),
  /** [1,P+T], nothing is padding */
  attention_mask: ({ tokenIds, past }, spec) => {
    const total = past + tokenIds.length;
    return integers(
      spec,
      Array.from({ length: total }, () => 1),
      [1, total],
    );
  },
  /** [1,T]: P … P+T−1 */
  position_ids: ({ tokenIds, past }, spec) =>
    integers(
      spec,
      tokenIds.map((_id, index) => past + index),
      [1, tokenIds.length],
    ),
  /** [1] */
  use_cache_branch: ({ past }) => tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]),
  /** Scalar or [1]: only the last position's logits are wanted. */
  num_logits_to_keep: (_step, spec) =>
    integers(
      spec,
      [1],
      spec.dims.map(() => 1),
    ),
};

function integers(
  { name, type }: ValueSpec,
  values: readonly number[],
  dims: readonly number[],
): Tensor {
  switch (type) {
    case 'int64':
      return tensor(type, BigInt64Array.from(values, BigInt), dims);
    case 'int32':
      return tensor(type, Int32Array.from(values), dims);
    default:
      throw new StudioError(
        'unsupported',
        `The input "${name}" is of type ${type}; only int64 and int32 are known here.`,
      );
  }
}

/** Last row of [1,T,V] as f32. */
function lastRow({ type, data, dims }: Tensor): Float32Array {
  const width = dims.at(-1) ?? 0;
  switch (type) {
    case 'float32':
      return (data as Float32Array).slice(-width);
    case 'float16':
      return float16ToFloat32((data as Uint16Array).slice(-width));
    default:
      throw new StudioError(
        'unsupported',
        `The logits are of type ${type}; only float32 and float16 are known here.`,
      );
  }
}
