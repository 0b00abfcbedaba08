/**
 * The likeliest continuations by searching several beams at once, as transformers searches.
 *
 * Scores are sums of log-probabilities divided by length ^ lengthPenalty; the token that ends a text
 * counts as one. Biases, forms and penalties change log-probabilities, which are not normalised again.
 * Source: transformers 5, `GenerationMixin._beam_search`; Wu et al. 2016, arXiv:1609.08144, §7
 */
import type { BeamSettings } from '../../../contract/decoding.ts';
import type { Decoder } from './decoder.ts';
import { largestFirst } from './logits/largest-first.ts';
import { logSumExp } from './logits/softmax.ts';
import { allCandidates, type Candidates } from './sampling/candidates.ts';

export interface Beam {
  /** With the token that ends it, if one does. */
  readonly tokenIds: readonly number[];
  readonly score: number;
}

interface Running {
  readonly tokenIds: readonly number[];
  /** Sum of log-probabilities. */
  readonly score: number;
}

export type ShapeBeam = (
  logProbabilities: Float32Array,
  tokenIds: readonly number[],
) => Candidates | null;

export interface BeamSearchOptions extends BeamSettings {
  /** Most tokens of a text. */
  readonly maxTokens: number;
  readonly endIds: ReadonlySet<number>;
  /**
   * What may follow the tokens of a beam, and how log-probabilities count; all as they are if left out.
   * Null where nothing may follow: the beam then ends as it is.
   */
  readonly shape?: ShapeBeam;
  readonly signal?: AbortSignal;
  /** Called before each run with the tokens that the beams have. */
  readonly onStep?: (tokens: number) => Promise<void>;
}

/**
 * @param decoder has seen the prompt, in one row; holds the beams afterwards
 * @param logits f32 [V], what follows the prompt
 * @returns `numBeams` texts at most, best first
 * @throws {RangeError} as `logSumExp`
 */
export async function beamSearch(
  decoder: Decoder,
  logits: Float32Array,
  options: BeamSearchOptions,
): Promise<readonly Beam[]> {
  const { numBeams, lengthPenalty, earlyStopping, maxTokens, endIds, signal, onStep } = options;
  // Enough that `numBeams` go on even if every one that can end does.
  const width = Math.max(2, 1 + endIds.size) * numBeams;
  let running: Running[] = [{ tokenIds: [], score: 0 }];
  let rows: readonly Float32Array[] = [logits];
  let finished: Beam[] = [];

  for (let length = 1; ; length += 1) {
    // 1. The best continuations of all beams together.
    const { candidates, dead } = bestContinuations(running, rows, width, options.shape);
    const ends = ({ tokenIds }: Running): boolean =>
      length === maxTokens || endIds.has(tokenIds.at(-1) ?? -1);

    // 2. Of the first `numBeams`, those that end compete with what ended before.
    const isFull = finished.length === numBeams && earlyStopping === true;
    if (!isFull) {
      const ended = candidates.slice(0, numBeams).filter(ends);
      finished = [
        ...finished,
        ...dead.map(({ tokenIds, score }) => ({
          tokenIds,
          score: score / Math.max(1, length - 1) ** lengthPenalty,
        })),
        ...ended.map(({ tokenIds, score }) => ({
          tokenIds,
          score: score / length ** lengthPenalty,
        })),
      ]
        .toSorted((a, b) => b.score - a.score)
        .slice(0, numBeams);
    }

    // 3. The best others go on.
    const next = candidates.filter((candidate) => !ends(candidate)).slice(0, numBeams);
    const [best] = next;
    if (!best) return finished;

    // 4. Could one of them still become better than the worst that has ended?
    const hoped = earlyStopping === 'never' && lengthPenalty > 0 ? maxTokens : length;
    const worst = finished.length === numBeams ? (finished.at(-1)?.score ?? -Infinity) : -Infinity;
    if (best.score / hoped ** lengthPenalty <= worst) return finished;
    if (finished.length === numBeams && earlyStopping === true) return finished;

    await onStep?.(length);
    await decoder.select(next.map(({ parent }) => parent));
    rows = await decoder.forwardRows(
      next.map(({ tokenIds }) => tokenIds.at(-1) ?? 0),
      signal,
    );
    running = next;
  }
}

function bestContinuations(
  running: readonly Running[],
  rows: readonly Float32Array[],
  width: number,
  shape: ShapeBeam = (logits) => allCandidates(logits),
): {
  readonly candidates: readonly (Running & { readonly parent: number })[];
  /** Beams that nothing may follow. */
  readonly dead: readonly Running[];
} {
  const dead: Running[] = [];
  const candidates = running.flatMap((beam, parent) => {
    const logits = rows[parent] ?? new Float32Array();
    const normaliser = logSumExp(logits);
    const left = shape(
      logits.map((logit) => logit - normaliser),
      beam.tokenIds,
    );
    if (left === null) {
      dead.push(beam);
      return [];
    }
    const best = largestFirst(left.logits).first(Math.min(width, left.logits.length));
    return Array.from(best, (index) => ({
      parent,
      tokenIds: [...beam.tokenIds, left.tokenIds[index] ?? 0],
      score: beam.score + (left.logits[index] ?? -Infinity),
    }));
  });
  return { candidates: candidates.toSorted((a, b) => b.score - a.score).slice(0, width), dead };
}
