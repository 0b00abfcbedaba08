/**
 * Which token comes next: what a request says about it, applied to the model's logits.
 *
 * Promises: probabilities, surprisals and alternatives are the model's own, before anything changed
 * them; `choose` changes nothing that a later choice depends on except the stream of random numbers;
 * after `rewind` everything but that stream is as it was before the tokens were accepted.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { LogitBias, TokenAlternative, WriteRequest } from '../../../contract/write.ts';
import { createConstraint } from './constraints/create-constraint.ts';
import { rawDistribution } from './logits/raw-distribution.ts';
import { logSumExp } from './logits/softmax.ts';
import {
  allCandidates,
  allowedCandidates,
  type Candidates,
  everyToken,
  without,
} from './sampling/candidates.ts';
import { applyLogitBias } from './sampling/logit-bias.ts';
import { createSampler } from './sampling/sampler.ts';
import type { TextModel } from './text-model.ts';

export interface TokenChoice {
  readonly tokenId: number;
  readonly probability: number;
  readonly surprisalBits: number;
  readonly alternatives: TokenAlternative[];
}

/** What of a request is about its tokens. */
export type TokenWishes = Pick<
  WriteRequest,
  'sampling' | 'topAlternatives' | 'logitBias' | 'constraint'
>;

export interface TokenChooser {
  /**
   * @param logits f32 [V], the model's output at the last position; not modified
   * @param history every token so far, the prompt's included
   * @returns null where the text has the form that it must take and nothing can follow
   * @throws {StudioError} `model-invalid` for logits that mean nothing; `bad-request` where every
   *   token is banned; `unsupported` where the vocabulary cannot go on in the required form
   */
  choose(logits: Float32Array, history: readonly number[]): TokenChoice | null;
  /**
   * What `choose` draws from, for whoever draws by other means: the softmax of these logits, one
   * candidate at temperature 0. A token of them that is accepted next counts as drawn.
   * @returns null as `choose` does. @throws {StudioError} as `choose`
   */
  distribution(logits: Float32Array, history: readonly number[]): Candidates | null;
  /** As `distribution`, before Mirostat's cut; at temperature 0 everything that is allowed, after penalties. */
  shape(logits: Float32Array, history: readonly number[]): Candidates | null;
  /** A token that was chosen otherwise, as `choose` would report it. */
  describe(tokenId: number, logits: Float32Array): TokenChoice;
  /** The token is part of the text from now on; not for tokens that end it. */
  accept(tokenId: number): void;
  /** Takes back the last `count` accepted tokens. */
  rewind(count: number): void;
  /** Takes back and accepts until these tokens are the text. */
  follow(tokenIds: readonly number[]): void;
  /** Leaves a token out at this place of the text, until the text is taken back beyond it. */
  exclude(tokenId: number): void;
}

/** @throws {StudioError} `bad-request` for a bias or a form that cannot be met */
export function createTokenChooser(
  model: Pick<TextModel, 'tokenizer' | 'vocabularySize' | 'endIds'>,
  request: TokenWishes,
  seed: number,
): TokenChooser {
  const { tokenizer } = model;
  const biases = biasByToken(request.logitBias, model);
  const sampler = createSampler(request.sampling, { seed, bytesOf: tokenizer.bytesOf });
  const constraint = request.constraint && createConstraint(request.constraint, model);
  /** By number of accepted tokens. */
  const excluded = new Map<number, Set<number>>();
  const accepted: number[] = [];
  // Logits may be more than the vocabulary's tokens: exports fill them up to round numbers.
  let every: Int32Array = new Int32Array();

  /** Null where nothing may follow. */
  function candidatesOf(logits: Float32Array): Candidates | null {
    if (every.length !== logits.length) every = everyToken(logits.length);
    const formed = constraint
      ? allowedCandidates(logits, constraint.allowed())
      : allCandidates(logits, every);
    if (formed === null) {
      if (constraint?.isComplete()) return null;
      throw new StudioError(
        'unsupported',
        'This model has no token with which the text could go on in the form that it must take. Choose another form or model.',
      );
    }
    const free = without(formed, excluded.get(accepted.length) ?? new Set());
    const candidates = free && applyLogitBias(free, biases);
    if (candidates === null) {
      throw new StudioError(
        'bad-request',
        'Everything that could come next is banned. Take back a banned phrase or token.',
      );
    }
    return candidates;
  }

  function left(
    logits: Float32Array,
    change: (candidates: Candidates) => Candidates,
  ): Candidates | null {
    return meaningful(() => {
      // A form looks at the allowed logits alone.
      logSumExp(logits);
      const candidates = candidatesOf(logits);
      return candidates && change(candidates);
    });
  }

  function describe(tokenId: number, logits: Float32Array): TokenChoice {
    return describeToken(tokenId, logits, request.topAlternatives, tokenizer);
  }

  function accept(tokenId: number): void {
    constraint?.accept(tokenId);
    sampler.accept(tokenId);
    accepted.push(tokenId);
  }

  function rewind(count: number): void {
    constraint?.rewind(count);
    sampler.rewind(count);
    accepted.length -= count;
    for (const place of excluded.keys()) if (place > accepted.length) excluded.delete(place);
  }

  return {
    choose(logits, history) {
      const tokenId = meaningful(() => {
        const candidates = candidatesOf(logits);
        return candidates && sampler.sample(candidates, history);
      });
      return tokenId === null ? null : describe(tokenId, logits);
    },
    distribution: (logits, history) =>
      left(logits, (candidates) => sampler.distribution(candidates, history)),
    shape: (logits, history) => left(logits, (candidates) => sampler.shape(candidates, history)),
    describe,
    accept,
    rewind,
    follow(tokenIds) {
      let same = 0;
      while (same < accepted.length && accepted[same] === tokenIds[same]) same += 1;
      if (same < accepted.length) rewind(accepted.length - same);
      for (const tokenId of tokenIds.slice(same)) accept(tokenId);
    },
    exclude(tokenId) {
      const place = accepted.length;
      excluded.set(place, (excluded.get(place) ?? new Set()).add(tokenId));
    },
  };
}

/**
 * @param logits f32 [V], not modified
 * @throws {StudioError} `model-invalid` for logits that mean nothing
 */
export function describeToken(
  tokenId: number,
  logits: Float32Array,
  topAlternatives: number,
  tokenizer: TextModel['tokenizer'],
): TokenChoice {
  return meaningful(() => {
    const raw = rawDistribution(logits);
    return {
      tokenId,
      probability: raw.probabilityOf(tokenId),
      surprisalBits: raw.surprisalBitsOf(tokenId),
      alternatives: raw
        .top(topAlternatives)
        .map((choice) => ({ ...choice, text: tokenizer.textOf(choice.tokenId) })),
    };
  });
}

function meaningful<T>(compute: () => T): T {
  try {
    return compute();
  } catch (cause) {
    throw asModelError(cause);
  }
}

/** What functions over logits throw for numbers that mean nothing, in words; anything else as it is. */
export function asModelError(cause: unknown): unknown {
  if (!(cause instanceof RangeError)) return cause;
  return new StudioError(
    'model-invalid',
    'The text model produced numbers that mean nothing. Its weights are damaged: import it again.',
    undefined,
    { cause },
  );
}

function biasByToken(
  logitBias: readonly LogitBias[],
  { tokenizer, vocabularySize }: Pick<TextModel, 'tokenizer' | 'vocabularySize'>,
): ReadonlyMap<number, number> {
  const biases = new Map<number, number>();
  for (const { token, bias } of logitBias) {
    // Tokens without text are the ones that a tokenizer opens every text with.
    const tokenIds =
      typeof token === 'number'
        ? [token]
        : tokenizer.encode(token).filter((id) => tokenizer.bytesOf(id).length > 0);
    for (const tokenId of tokenIds) {
      if (tokenId >= vocabularySize) {
        throw new StudioError(
          'bad-request',
          `There is no token ${tokenId} to give a bias: this model has ${vocabularySize}.`,
        );
      }
      const added = bias === 'ban' ? -Infinity : bias;
      biases.set(tokenId, (biases.get(tokenId) ?? 0) + added);
    }
  }
  return biases;
}
