/**
 * The seam between the models' logic and whatever runs a graph.
 *
 * Two implementations exist in `runtime/`: the C API of onnxruntime (values stay native, runs are
 * asynchronous and can be terminated, `present` outputs may be written into the buffer that `past`
 * inputs read), and onnxruntime-node (values are host tensors, a run blocks the thread).
 * Code in `diffusion/` and `language/` sees only this file.
 */
import type { ProviderName } from '../../contract/system.ts';
import type { DataType, Tensor } from './tensor/tensor.ts';

export interface ValueSpec {
  readonly name: string;
  readonly type: DataType;
  /** A string is a symbolic dimension. */
  readonly dims: readonly (number | string)[];
}

/** A tensor held by the runtime, perhaps in device memory. The holder disposes it, once. */
export interface Value extends Disposable {
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Copies to host memory if it is not there; the caller must not modify the result. */
  read(): Promise<Tensor>;
}

export interface RunOptions {
  /** Checked before the run; a runtime that can, ends it in the middle. Rejects with `cancelled`. */
  readonly signal?: AbortSignal;
  /** Outputs to compute; all when left out. */
  readonly outputs?: readonly string[];
  /**
   * Values of `allocate` that a named output is written into, e.g. `present.0.key` into the one that
   * `past_key_values.0.key` is fed with. They stay the caller's, and `run` returns nothing under their names.
   * Where `allocate` gives null they are not looked at.
   */
  readonly into?: Readonly<Record<string, Value>>;
}

/** A loaded graph. Owned by whoever opened it. */
export interface Session extends AsyncDisposable {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly provider: ProviderName;
  /** Milliseconds spent inside runs since the session was opened; feeds the overhead figure. */
  readonly runMs: number;
  /**
   * Memory that runs can read as an input and write as an output, all zeros at first.
   * @param dims the whole shape of the output that is to go there
   * @returns a value that the caller disposes; null where outputs cannot be written into memory of ours
   * @throws {StudioError} `out-of-memory`
   */
  allocate(type: DataType, dims: readonly number[]): Value | null;
  /**
   * @param feeds one tensor or value per input, by name; not modified; values stay the caller's. A
   *   tensor's array is read until the run ends: it must not be written, transferred or resized before
   * @returns one value per output that is not written elsewhere; the caller disposes them
   * @throws {StudioError} `model-invalid` if names, types or shapes do not fit the graph (names the
   *   input and both shapes), `cancelled`, `out-of-memory`
   */
  run(
    feeds: Readonly<Record<string, Tensor | Value>>,
    options?: RunOptions,
  ): Promise<Readonly<Record<string, Value>>>;
}

/**
 * Inputs that a graph is given before it is opened. What they are fed is no part of the edit, so that one
 * session serves every weight.
 */
export interface GraphEdit {
  /**
   * Modules whose output gets a low-rank term: y + x · down · up. Inputs `<path>.lora_down` and
   * `<path>.lora_up`: [in, rank] and [rank, out]; of a convolution [rank, in, kh, kw] and
   * [out, rank, 1, 1]. Any rank from 1.
   */
  readonly lowRank: readonly string[];
  /**
   * What is added to a UNet's skip connections and to its middle: inputs `control.down.0` … and
   * `control.mid`, [batch, channels, height, width] or anything that broadcasts to it. Behind a transformer's
   * blocks: `control.block.0` … and, of Flux, `control.single.0` …, [batch, tokens, width]; Stable Diffusion 3
   * has none behind its last.
   */
  readonly controlResiduals: boolean;
  /**
   * Up-sampling blocks 0 and 1 reweigh what they join. Inputs for each: `freeu.<block>.backbone`, scalar, multiplies
   * the first half of the hidden channels; `freeu.<block>.analysis` [height · width, n] and
   * `freeu.<block>.synthesis` [n, height · width] make what is added to the skip connection.
   */
  readonly freeU: boolean;
  /**
   * Other token embeddings than the table's: inputs `token_embedding.kept` [batch, length, 1], which
   * the table's are multiplied by, and `token_embedding.added` [batch, length, width].
   */
  readonly tokenEmbeddings: boolean;
  /**
   * Linear layers computed with whole numbers of 8 bits, on the processor; other devices compute with
   * what is stored.
   */
  readonly int8Linear: boolean;
  /** How many of a text encoder's last layers are left out before its final normalisation. */
  readonly skippedLayers: number;
}

export const noGraphEdit: GraphEdit = {
  lowRank: [],
  controlResiduals: false,
  freeU: false,
  tokenEmbeddings: false,
  int8Linear: false,
  skippedLayers: 0,
};

/** A layer with weights that a low-rank term can be added to. */
export interface GraphModule {
  /** As in the PyTorch module, without what wraps it: `down_blocks.0.attentions.0.proj_in`. */
  readonly path: string;
  readonly kind: 'linear' | 'convolution';
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** Height and width; empty for linear layers. */
  readonly kernel: readonly number[];
}

export interface OpenOptions {
  readonly signal?: AbortSignal;
  readonly edit?: GraphEdit;
  /**
   * `short` for runs of milliseconds, as one token's: their layers are so small that threads which sleep
   * between them lose a quarter of the time waking up, so within a run they spin. `long` if left out.
   */
  readonly runs?: 'short' | 'long';
}

/** Opens graphs under a memory budget; sessions not in use may be released, least recently used first. */
export interface SessionPool {
  /**
   * Lends the session of a graph file, opening it if need be. Disposing the lease gives it back;
   * the session itself stays cached until the budget or `release` says otherwise.
   * @throws {StudioError} `model-missing`, `model-invalid`, `out-of-memory`, `cancelled`
   */
  borrow(modelId: string, graphPath: string, options?: OpenOptions): Promise<SessionLease>;
  /** What `GraphEdit.lowRank` can name. @throws {StudioError} `model-missing`, `model-invalid` */
  modules(graphPath: string): Promise<readonly GraphModule[]>;
  /** Frees the cached sessions of one model, or all with null. Sessions on lease go when given back. */
  release(modelId: string | null): Promise<void>;
}

export interface SessionLease extends AsyncDisposable {
  readonly session: Session;
}
