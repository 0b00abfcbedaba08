import { StudioError } from '../../../../contract/errors.ts';
import type { WriteConstraint } from '../../../../contract/write.ts';
import type { TextModel } from '../text-model.ts';
import type { TokenConstraint } from './token-constraint.ts';

export function createConstraint(
  { kind }: WriteConstraint,
  _model: Pick<TextModel, 'tokenizer' | 'vocabularySize' | 'endIds'>,
): TokenConstraint {
  throw new StudioError('unsupported', `Text cannot be held to a ${kind} yet.`);
}
