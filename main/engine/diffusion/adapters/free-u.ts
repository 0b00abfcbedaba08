/**
 * FreeU: stronger hidden states and softer skip connections in the first two blocks on the way up.
 * Source: Si et al. 2023, arXiv:2309.11497; the filter is that of diffusers' `fourier_filter` with
 * threshold 1, which scales the frequencies -1 and 0 of either axis. Four frequencies are fewer than a
 * transform computes, so they are two small matrix products.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { FreeU } from '../../../../contract/image-options.ts';
import type { Session } from '../../session.ts';
import { inputSpec, realTensor } from '../graph-tensors.ts';
import type { Feeder } from './adapted-pool.ts';

/** @param levels blocks on the way up; each after the first works at twice the size of the one before */
export function freeUFeeder({ b1, b2, s1, s2 }: FreeU, levels: number): Feeder {
  return {
    feed(session, feeds) {
      const [, , height, width] = feeds['sample']?.dims ?? [];
      if (height === undefined || width === undefined)
        throw new StudioError('internal', 'FreeU was run beside nothing.');
      return Promise.resolve({
        ...feedsOf(session, 0, b1, s1, halved(height, levels - 1), halved(width, levels - 1)),
        ...feedsOf(session, 1, b2, s2, halved(height, levels - 2), halved(width, levels - 2)),
      });
    },
  };
}

function halved(side: number, times: number): number {
  let left = side;
  for (let time = 0; time < times; time += 1) left = Math.ceil(left / 2);
  return left;
}

function feedsOf(
  session: Session,
  block: number,
  backbone: number,
  scale: number,
  height: number,
  width: number,
) {
  const own = (what: string) => `freeu.${block}.${what}`;
  if (!session.inputs.some(({ name }) => name === own('backbone'))) return {};
  const waves = lowWaves(height, width);
  const area = height * width;
  const synthesis = waves.map((value) => (value * (scale - 1)) / area);
  const analysis = new Float32Array(waves.length);
  const count = waves.length / area;
  for (let wave = 0; wave < count; wave += 1)
    for (let at = 0; at < area; at += 1) analysis[at * count + wave] = waves[wave * area + at] ?? 0;
  const spec = (what: string) => inputSpec(session, own(what));
  return {
    [own('backbone')]: realTensor(spec('backbone'), Float32Array.of(backbone), []),
    [own('analysis')]: realTensor(spec('analysis'), analysis, [area, count]),
    [own('synthesis')]: realTensor(spec('synthesis'), synthesis, [count, area]),
  };
}

/** @returns f32 [n, height · width]: cosine and sine of each scaled frequency */
function lowWaves(height: number, width: number): Float32Array {
  const frequencies = (side: number) => (side === 1 ? [0] : [-1, 0]);
  const waves: number[] = [];
  for (const down of frequencies(height))
    for (const across of frequencies(width))
      for (const wave of [Math.cos, Math.sin])
        for (let row = 0; row < height; row += 1)
          for (let column = 0; column < width; column += 1)
            waves.push(wave(2 * Math.PI * ((down * row) / height + (across * column) / width)));
  return Float32Array.from(waves);
}
