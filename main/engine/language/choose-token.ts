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
import {
  allCandidates,
  allowedCandidates,
  type Candidates,
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

export interface TokenChooser {
  /**
   * @param logits f32 [V], the model's output at the last position; not modified
   * @param history every token so far, the prompt's included
   * @returns null where the text has the form that it must take and nothing can follow
   * @throws {StudioError} `model-invalid` for logits that mean nothing; `bad-request` where every
   *   token is banned; `unsupported` where the vocabulary cannot go on in the required form
   */
  choose(logits: Float32Array, history: readonly number[]): TokenChoice | null;
  /** The token is part of the text from now on; not for tokens that end it. */
  accept(tokenId: number): void;
  /** Takes back the last `count` accepted tokens. */
  rewind(count: number): void;
  /** Leaves a token out at this place of the text, until the text is taken back beyond it. */
  exclude(tokenId: number): void;
}

/** @throws {StudioError} `bad-request` for a bias or a form that cannot be met */
export function createTokenChooser(
  model: Pick<TextModel, 'tokenizer' | 'vocabularySize' | 'endIds'>,
  request: Pick<WriteRequest, 'sampling' | 'topAlternatives' | 'logitBias' | 'constraint'>,
  seed: number,
): TokenChooser {
  const { tokenizer } = model;
  const biases = biasByToken(request.logitBias, model);
  const sampler = createSampler(request.sampling, { seed, bytesOf: tokenizer.bytesOf });
  const constraint = request.constraint && createConstraint(request.constraint, model);
  /** By number of accepted tokens. */
  const excluded = new Map<number, Set<number>>();
  let accepted = 0;

  /** Null where nothing may follow. */
  function candidatesOf(logits: Float32Array): Candidates | null {
    const formed = constraint
      ? allowedCandidates(logits, constraint.allowed())
      : allCandidates(logits);
    if (formed === null) {
      if (constraint?.isComplete()) return null;
      throw new StudioError(
        'unsupported',
        'This model has no token with which the text could go on in the form that it must take. Choose another form or model.',
      );
    }
    const free = without(formed, excluded.get(accepted) ?? new Set());
    const candidates = free && applyLogitBias(free, biases);
    if (candidates === null) {
      throw new StudioError(
        'bad-request',
        'Everything that could come next is banned. Take back a banned phrase or token.',
      );
    }
    return candidates;
  }

  return {
    choose(logits, history) {
      try {
        const raw = rawDistribution(logits);
        const candidates = candidatesOf(logits);
        if (candidates === null) return null;
        const tokenId = sampler.sample(candidates, history);
        return {
          tokenId,
          probability: raw.probabilityOf(tokenId),
          surprisalBits: raw.surprisalBitsOf(tokenId),
          alternatives: raw
            .top(request.topAlternatives)
            .map((choice) => ({ ...choice, text: tokenizer.textOf(choice.tokenId) })),
        };
      } catch (cause) {
        if (!(cause instanceof RangeError)) throw cause;
        throw new StudioError(
          'model-invalid',
          'The text model produced numbers that mean nothing. Its weights are damaged: import it again.',
          undefined,
          { cause },
        );
      }
    },
    accept(tokenId) {
      constraint?.accept(tokenId);
      sampler.accept(tokenId);
      accepted += 1;
    },
    rewind(count) {
      constraint?.rewind(count);
      sampler.rewind(count);
      accepted -= count;
      for (const place of excluded.keys()) if (place > accepted) excluded.delete(place);
    },
    exclude(tokenId) {
      excluded.set(accepted, (excluded.get(accepted) ?? new Set()).add(tokenId));
    },
  };
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
