/**
 * A causal language model as a function of the next tokens: feeds what the graph declares, keeps
 * the cache, hands out the logits.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { Session, Value } from '../session.ts';
import { float16ToFloat32 } from '../tensor/float16.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { checkInputs, feedsOf } from './decoder-inputs.ts';
import {
  type AllocateValue,
  cacheParts,
  type CacheShape,
  createKvCache,
  isCacheInput,
  type KvCache,
} from './kv-cache.ts';
import type { TextModel } from './text-model.ts';

/** Called with the tokens seen, of all that are to be seen. */
export type OnProgress = (done: number, total: number) => void;

export interface Decoder extends Disposable {
  /** Tokens seen so far, in each row. */
  readonly length: number;
  /** Texts that are continued side by side; 1 until `select`. */
  readonly batch: number;
  /**
   * How many of the first tokens were seen in the very runs in which a decoder that begins anew would see
   * them, so that what is kept of them has the same bits.
   */
  readonly exactLength: number;
  /**
   * @param exactly only what has the same bits as seeing it anew, with the rest in the same runs
   * @returns how many of the first `length` tokens can be gone on from
   */
  reusable(length: number, exactly: boolean): number;
  /** Bytes of the cache. */
  readonly sizeBytes: number;
  /**
   * Sees `tokenIds` after everything before. One row only.
   * @returns new f32 [V]: logits of whatever follows the last of them; the caller owns it
   * @throws {StudioError} as `Session.run`; `model-invalid` for ids beyond the vocabulary
   */
  forward(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array>;
  /** As `forward`, in pieces, so that a long prompt can be cancelled in between. */
  prefill(
    tokenIds: readonly number[],
    signal?: AbortSignal,
    onProgress?: OnProgress,
  ): Promise<Float32Array>;
  /** As `forward`. @returns new f32 [V] for each of the tokens: logits of whatever follows it */
  forwardAll(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** One more token in each row. @returns new f32 [V] for each row */
  forwardRows(tokenIds: readonly number[], signal?: AbortSignal): Promise<Float32Array[]>;
  /** Forgets what lies beyond `length` tokens. @throws {RangeError} if there are fewer */
  crop(length: number): Promise<void>;
  /** Makes these the rows, by their numbers until now; a number may come several times. */
  select(rows: readonly number[]): Promise<void>;
  /** Another decoder that has seen the same. The caller owns it. */
  fork(): Promise<Decoder>;
}

/**
 * Tokens per prefill run. Fixed: a size that followed the machine's speed would round differently
 * from run to run, and the same seed would no longer give the same text.
 */
export const defaultPrefillChunk = 64;

/** Tokens after a prompt that there is room for from the start. */
const roomAhead = 64;

export interface DecoderSessions {
  readonly session: Session;
  /** Continues from a cache, where `session` cannot. */
  readonly withPast?: Session | null;
  /** For graphs that write `present` where they read `past`, on runtimes that lend memory for it. */
  readonly allocate?: AllocateValue | null;
}

export type DecoderShape = CacheShape & Pick<TextModel, 'vocabularySize' | 'contextLength'>;

/**
 * @param sessions stay the caller's
 * @throws {StudioError} `unsupported` if the graph wants inputs that are not known here
 */
export function createDecoder(
  sessions: Session | DecoderSessions,
  model: DecoderShape,
  prefillChunk = defaultPrefillChunk,
): Decoder {
  const given: DecoderSessions = 'session' in sessions ? sessions : { session: sessions };
  const { session, withPast = null, allocate } = given;
  const continuing = withPast ?? session;
  function inspect(graph: Session): { graph: Session; specs: Session['inputs']; hasPast: boolean } {
    const specs = graph.inputs.filter(({ name }) => !isCacheInput(name));
    checkInputs(specs);
    if (!graph.outputs.some(({ name }) => name === 'logits')) {
      throw new StudioError(
        'unsupported',
        'This text model has no output "logits". Export it for the task "text-generation-with-past".',
      );
    }
    return { graph, specs, hasPast: graph.inputs.some(({ name }) => isCacheInput(name)) };
  }
  cacheParts(continuing, model);
  const first = inspect(session);
  const next = inspect(continuing);
  const isMerged = first.specs.some(({ name }) => name === 'use_cache_branch');
  // What continues in such exports may have been traced for single tokens only.
  const goesOnSingly = isMerged || withPast !== null;
  // Heads that see the last position alone tell nothing about the tokens before it.
  const tellsLastAlone = next.graph.outputs.some(
    ({ name, dims }) => name === 'logits' && dims[1] === 1,
  );
  const logitsSpec = next.graph.outputs.find(({ name }) => name === 'logits');
  const shared = allocate ? { allocate, mostTokens: model.contextLength } : undefined;
  return decoderOf(createKvCache(continuing, model, shared), 0);

  function decoderOf(cache: KvCache, exactTokens: number): Decoder {
    let exactLength = exactTokens;
    let oneLogits: Value | null = null;

    /** What the logits of one token are written into, the same each time; null where that cannot be. */
    function logitsTarget(): Value | null {
      const width = logitsSpec?.dims[2];
      if (!allocate || !logitsSpec || typeof width !== 'number') return null;
      oneLogits ??= allocate(logitsSpec.type, [1, 1, width]);
      return oneLogits;
    }

    async function run(
      rows: readonly (readonly number[])[],
      keptLogits: number,
      signal: AbortSignal | undefined,
    ): Promise<Float32Array[]> {
      for (const id of rows.flat())
        if (id >= model.vocabularySize) throw beyondVocabulary(id, model);
      const tokens = rows[0]?.length ?? 0;
      const past = cache.length;
      await cache.reserve(tokens);
      const { graph, specs, hasPast } = past === 0 ? first : next;
      const feeds: Record<string, Tensor | Value> = {
        ...(hasPast ? cache.feeds : {}),
        ...feedsOf(specs, { rows, tokens, past, keptLogits }),
      };
      const target = rows.length === 1 && tokens === 1 ? logitsTarget() : null;
      const into = target ? { ...cache.into, logits: target } : cache.into;
      const outputs = await graph.run(feeds, { into, ...(signal ? { signal } : {}) });
      cache.take(outputs, tokens);
      const logits = target ?? outputs['logits'];
      if (!logits) throw new StudioError('internal', 'The run returned no logits.');
      const all = await logits.read();
      outputs['logits']?.[Symbol.dispose]();
      return rows.flatMap((_row, index) => lastOf(all, index, keptLogits));
    }

    async function forward(
      tokenIds: readonly number[],
      signal?: AbortSignal,
    ): Promise<Float32Array> {
      const singly = goesOnSingly && cache.length > 0;
      let logits: Float32Array | undefined;
      for (const ids of singly ? tokenIds.map((id) => [id]) : [tokenIds])
        [logits] = await run([ids], 1, signal);
      if (!logits) throw new RangeError('There is no token to see.');
      return logits;
    }

    return {
      get length() {
        return cache.length;
      },
      get batch() {
        return cache.batch;
      },
      get exactLength() {
        return exactLength;
      },
      reusable(length, exactly) {
        if (!exactly) return length;
        return Math.min(exactLength, length - (length % prefillChunk));
      },
      get sizeBytes() {
        return cache.sizeBytes;
      },
      forward,
      async prefill(tokenIds, signal, onProgress) {
        const chunk = goesOnSingly && cache.length === 0 ? Infinity : prefillChunk;
        const before = cache.length;
        const total = before + tokenIds.length;
        // Room for all of it and a first stretch of text, so that nothing has to move while it is read.
        await cache.reserve(Math.max(0, Math.min(total + roomAhead, model.contextLength) - before));
        for (let start = 0; ; start += chunk) {
          const piece = tokenIds.slice(start, start + chunk);
          const isOnBorder = exactLength === cache.length;
          const logits = await forward(piece, signal);
          if (isOnBorder && piece.length === chunk) exactLength += chunk;
          const seen = start + piece.length;
          onProgress?.(before + seen, total);
          if (seen === tokenIds.length) return logits;
        }
      },
      async forwardAll(tokenIds, signal) {
        const singly = tellsLastAlone || (goesOnSingly && cache.length > 0);
        if (!singly) return run([tokenIds], tokenIds.length, signal);
        const all: Float32Array[] = [];
        for (const id of tokenIds) all.push(...(await run([[id]], 1, signal)));
        return all;
      },
      forwardRows: (tokenIds, signal) =>
        run(
          tokenIds.map((id) => [id]),
          1,
          signal,
        ),
      async crop(length) {
        await cache.crop(length);
        if (exactLength > length) exactLength = length - (length % prefillChunk);
      },
      select: (rows) => cache.select(rows),
      fork: async () => decoderOf(await cache.fork(), exactLength),
      [Symbol.dispose]() {
        oneLogits?.[Symbol.dispose]();
        cache[Symbol.dispose]();
      },
    };
  }
}

function beyondVocabulary(id: number, { vocabularySize }: DecoderShape): StudioError {
  return new StudioError(
    'model-invalid',
    `The tokenizer makes token ${id}, but the model knows only ${vocabularySize}. Its files do not fit together.`,
  );
}

/** The last `count` positions of one row of [B,T,V], each as new f32 [V]. */
function lastOf({ type, data, dims }: Tensor, row: number, count: number): Float32Array[] {
  const [, positions = 0, width = 0] = dims;
  if (positions < count) {
    throw new StudioError(
      'unsupported',
      'This text model tells only what follows the last token it is given. Choose another model for this.',
    );
  }
  return Array.from({ length: count }, (_none, index) => {
    // All there is: nobody else holds it any more.
    if (type === 'float32' && data.length === width) return data as Float32Array;
    const start = ((row + 1) * positions - count + index) * width;
    switch (type) {
      case 'float32':
        return (data as Float32Array).slice(start, start + width);
      case 'float16':
        return float16ToFloat32((data as Uint16Array).slice(start, start + width));
      default:
        throw new StudioError(
          'unsupported',
          `The logits are of type ${type}; only float32 and float16 are known here.`,
        );
    }
  });
}
