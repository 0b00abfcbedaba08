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
  /** Draws as the main model's does: the same samplers make good guesses. */
  readonly chooser: Pick<TokenChooser, 'distribution'>;
}

/**
 * @param tokens guessed at once
 * @param nextUniform one number per guess; not the stream of the text itself
 */
export function createModelDrafter(
  { decoder, contextLength, chooser }: DraftModel,
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
      for (;;) {
        const candidates = chooser.distribution(logits, text);
        text.push(draw(candidates, nextUniform()));
        drawnFrom.push(candidates);
        if (drawnFrom.length === count) break;
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
