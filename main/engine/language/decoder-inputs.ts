/** What the inputs of decoder graphs are fed with. B rows, T new tokens in each after P in the cache. */
import { StudioError } from '../../../contract/errors.ts';
import type { ValueSpec } from '../session.ts';
import { sizeOf, tensor, type Tensor } from '../tensor/tensor.ts';

export interface DecoderStep {
  /** B rows of T token ids. */
  readonly rows: readonly (readonly number[])[];
  /** T */
  readonly tokens: number;
  /** P */
  readonly past: number;
  /** Positions whose logits are wanted, counted from the end. */
  readonly keptLogits: number;
}

type Feed = (step: DecoderStep, spec: ValueSpec) => Tensor;

const feedOf: Readonly<Record<string, Feed>> = {
  /** [B,T] */
  input_ids: ({ rows, tokens }, spec) => integers(spec, rows.flat(), [rows.length, tokens]),
  /** [B,P+T], nothing is padding */
  attention_mask: ({ rows, past, tokens }, spec) => {
    const total = past + tokens;
    return filled(spec, 1, [rows.length, total]);
  },
  /** [B,T]: P … P+T−1 */
  position_ids: ({ rows, past, tokens }, spec) =>
    integers(
      spec,
      rows.flatMap((row) => row.map((_id, index) => past + index)),
      [rows.length, tokens],
    ),
  /** [1] */
  use_cache_branch: ({ past }) => tensor('bool', Uint8Array.of(past > 0 ? 1 : 0), [1]),
  /** Scalar or [1] */
  num_logits_to_keep: ({ keptLogits }, spec) => single(spec, keptLogits),
  /** Scalar or [1]; another name of the same */
  logits_to_keep: ({ keptLogits }, spec) => single(spec, keptLogits),
  /** [B]: the last index of each row, as GroupQueryAttention counts */
  seqlens_k: ({ rows, past, tokens }, spec) =>
    filled(spec, past + tokens - 1, spec.dims.length === 2 ? [rows.length, 1] : [rows.length]),
  /** Scalar or [1]: P+T */
  total_sequence_length: ({ past, tokens }, spec) => single(spec, past + tokens),
  /** Scalar or [1]: P */
  past_sequence_length: ({ past }, spec) => single(spec, past),
};

/** @throws {StudioError} `unsupported` if one of the inputs is not known here */
export function checkInputs(specs: readonly ValueSpec[]): void {
  for (const { name } of specs) {
    if (Object.hasOwn(feedOf, name)) continue;
    throw new StudioError(
      'unsupported',
      `This text model needs the input "${name}", which is not known here. Choose another model.`,
      { input: name },
    );
  }
}

/** @param specs inputs that `checkInputs` let pass */
export function feedsOf(specs: readonly ValueSpec[], step: DecoderStep): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const spec of specs) {
    const feed = feedOf[spec.name];
    if (feed) feeds[spec.name] = feed(step, spec);
  }
  return feeds;
}

function single(spec: ValueSpec, value: number): Tensor {
  return filled(
    spec,
    value,
    spec.dims.map(() => 1),
  );
}

/** Made in one piece: a mask is as long as the text, and there is one for every token. */
function filled({ name, type }: ValueSpec, value: number, dims: readonly number[]): Tensor {
  switch (type) {
    case 'int64':
      return tensor(type, new BigInt64Array(sizeOf(dims)).fill(BigInt(value)), dims);
    case 'int32':
      return tensor(type, new Int32Array(sizeOf(dims)).fill(value), dims);
    default:
      throw notIntegers(name, type);
  }
}

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
      throw notIntegers(name, type);
  }
}

function notIntegers(name: string, type: ValueSpec['type']): StudioError {
  return new StudioError(
    'unsupported',
    `The input "${name}" is of type ${type}; only int64 and int32 are known here.`,
  );
}
