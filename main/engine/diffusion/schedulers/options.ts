/** What single methods can be told, besides the model's own configuration. */
import {
  SamplerOptions,
  type SamplerOptions as RequestedOptions,
} from '../../../../contract/image-options.ts';

export interface SamplingOptions extends RequestedOptions {
  /** Whose table align-your-steps reads. */
  readonly family: 'sd' | 'sdxl';
  /** Patches of the picture, for flow models whose shift grows with its size. */
  readonly imageTokens: number;
  /** Flow models of Flux's kind space σ from 1 to 1/steps, not to the smallest they were trained on. */
  readonly endsAtOneStep: boolean;
}

export const defaultSamplingOptions: SamplingOptions = {
  ...SamplerOptions.parse({}),
  family: 'sd',
  imageTokens: 4096,
  endsAtOneStep: false,
};
