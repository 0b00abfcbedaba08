/** What the weights of a prompt's words do to its embeddings. */
import type { Emphasis } from '../../../../contract/prompt/attention.ts';

/**
 * Embeddings whose mean is smaller than this share of their size have none to restore: it is rounding
 * alone. Those of published encoders are far above.
 */
const centredBelow = 1e-3;

/**
 * Weighs one chunk.
 * @param embeddings f32 [length, width]; not modified
 * @param weights one per row
 * @param empty f32 [length, width], the embeddings of a chunk without words; only `comfy` reads it
 * @returns the same array where every weight is 1, else a new one
 * Sources: `original` multiplies and then restores the mean, as the Stable Diffusion web UI does;
 *   `comfy` moves away from the empty prompt, (z − z_empty) · w + z_empty, as ComfyUI does
 */
export function emphasise(
  embeddings: Float32Array,
  weights: readonly number[],
  emphasis: Emphasis,
  empty: Float32Array | null,
): Float32Array {
  if (weights.every((weight) => weight === 1)) return embeddings;
  const width = embeddings.length / weights.length;
  const weightAt = (index: number) => weights[Math.floor(index / width)] ?? 1;
  switch (emphasis) {
    case 'none':
      return embeddings;
    case 'comfy':
      return embeddings.map((value, index) => {
        const origin = empty?.[index] ?? 0;
        return (value - origin) * weightAt(index) + origin;
      });
    case 'original': {
      const weighed = embeddings.map((value, index) => value * weightAt(index));
      const mean = meanOf(weighed);
      const isCentred = Math.abs(mean) < centredBelow * meanOf(weighed.map(Math.abs));
      if (isCentred) return weighed;
      const factor = meanOf(embeddings) / mean;
      return weighed.map((value) => value * factor);
    }
    default:
      return emphasis satisfies never;
  }
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
