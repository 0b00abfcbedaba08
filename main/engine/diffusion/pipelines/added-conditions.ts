/**
 * What Stable Diffusion XL is told besides the prompt's words: the prompt as a whole, and sizes.
 * Source: Podell et al. 2023, arXiv:2307.01952, §2.2; the refiner's scores as in diffusers.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { Session } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextEmbeddings } from '../conditioning/conditioning.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';

const aestheticScore = 6;
const negativeAestheticScore = 2.5;

/**
 * @param height of the picture in pixels: it counts as the original's and as the one aimed at, uncropped
 * @returns feeds of the UNet, made anew only when the prompts change
 */
export function createAddedConditions(
  session: Session,
  { readsAestheticScore }: NonNullable<ImageModel['xl']>,
  isGuided: boolean,
  height: number,
  width: number,
): (embeddings: TextEmbeddings) => Readonly<Record<string, Tensor>> {
  const embedsSpec = inputSpec(session, 'text_embeds');
  const idsSpec = inputSpec(session, 'time_ids');
  const original = [height, width];
  const cropped = [0, 0];
  const known = new WeakMap<TextEmbeddings, Readonly<Record<string, Tensor>>>();

  return (embeddings) => {
    const made = known.get(embeddings) ?? make(embeddings);
    known.set(embeddings, made);
    return made;
  };

  function make({ pooled, batch }: TextEmbeddings): Readonly<Record<string, Tensor>> {
    if (!pooled)
      throw new StudioError('internal', 'The prompt was not encoded as a whole. Try again.');
    const rows = Array.from({ length: batch }, (_, row) => {
      const score = isGuided && row === 0 ? negativeAestheticScore : aestheticScore;
      return [...original, ...cropped, ...(readsAestheticScore ? [score] : [height, width])];
    });
    const ids = Float32Array.from(rows.flat());
    return {
      text_embeds: realTensor(embedsSpec, pooled.values, [batch, pooled.width]),
      time_ids: realTensor(idsSpec, ids, [batch, ids.length / batch]),
    };
  }
}
