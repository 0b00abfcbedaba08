/** Guesses by a smaller model: Leviathan et al. 2023, arXiv:2211.17192, the approximation model M_q. */
import { StudioError } from '../../../contract/errors.ts';
import type { TokenChooser } from './choose-token.ts';
import type { Decoder } from './decoder.ts';
import { noDraft, type Drafter } from './draft.ts';
import type { Candidates } from './sampling/candidates.ts';
import { draw } from './sampling/draw.ts';
import type { TextModel } from './text-model.ts';

export interface DraftModel {
  /** Taken over. */
  readonly decoder: Decoder;
  readonly contextLength: number;
  /** Tokens of the model that is drafted for; what the draft has beyond them cannot be guessed. */
  readonly vocabularySize: number;
  readonly endIds: ReadonlySet<number>;
  /**
   * Draws as the main model's does, since the same samplers make good guesses, but from random numbers
   * of its own: a guess must tell nothing about how it will be checked.
   */
  readonly chooser: Pick<TokenChooser, 'distribution' | 'accept' | 'follow'>;
}

/**
 * @param promptTokens with which every history begins
 * @param tokens guessed at once, at most
 * @param nextUniform one number per guess; not the stream of the text itself
 */
export function createModelDrafter(
  { decoder, contextLength, vocabularySize, endIds, chooser }: DraftModel,
  promptTokens: number,
  tokens: number,
  nextUniform: () => number,
): Drafter {
  let seen: readonly number[] = [];

  return {
    async propose(history, most, signal) {
      const count = Math.min(tokens, most, contextLength - history.length);
      if (count < 1) return noDraft;
      let common = 0;
      while (
        common < seen.length &&
        common < history.length - 1 &&
        seen[common] === history[common]
      )
        common += 1;
      await decoder.crop(common);
      let logits = await decoder.prefill(history.slice(common), signal);
      const text = [...history];
      const drawnFrom: Candidates[] = [];
      chooser.follow(history.slice(promptTokens));
      for (;;) {
        const candidates = chooser.distribution(logits.subarray(0, vocabularySize), text);
        // The text has its form, and nothing follows it.
        if (candidates === null) break;
        const tokenId = draw(candidates, nextUniform());
        text.push(tokenId);
        drawnFrom.push(candidates);
        if (drawnFrom.length === count || endIds.has(tokenId)) break;
        chooser.accept(tokenId);
        logits = await decoder.forward(text.slice(-1), signal);
      }
      seen = text.slice(0, decoder.length);
      return { tokenIds: text.slice(history.length), drawnFrom };
    },
    [Symbol.dispose]: () => decoder[Symbol.dispose](),
  };
}

/** @throws {StudioError} `bad-request` if tokens of one are not those of the other */
export function checkSameVocabulary(model: TextModel, draftModel: TextModel): void {
  const count = Math.min(model.vocabularySize, draftModel.vocabularySize);
  let differs = Math.abs(model.vocabularySize - draftModel.vocabularySize) > mostPadding;
  for (let id = 0; id < count && !differs; id += 1)
    differs = model.tokenizer.tokenOf(id) !== draftModel.tokenizer.tokenOf(id);
  if (!differs) return;
  throw new StudioError(
    'bad-request',
    `"${draftModel.id}" has other tokens than "${model.id}" and cannot draft for it. Choose a smaller model of the same family.`,
    { model: model.id, draftModel: draftModel.id },
  );
}

/** Models of one family differ in how far they fill up their vocabulary. */
const mostPadding = 1024;
