/**
 * A hash that stays nearly the same when a picture is resized, recompressed or made brighter.
 *
 * Bit 8·v + u is the sign of the coefficient of frequencies u + 1 across and v + 1 down of the
 * lightness's discrete cosine transform. Signs, unlike the usual comparison with a median, make the
 * hash of the mirrored picture known without looking at it: frequencies that are odd across change
 * their sign, the others keep it.
 * Source: C. Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, §3.2.1.
 */
import { analysisSide } from './analysis-pixels.ts';

const frequencies = 8;

/** [frequency - 1][position], cos(π·f·(2x + 1) / 2N). */
const cosines = Array.from({ length: frequencies }, (_, index) =>
  Float64Array.from({ length: analysisSide }, (_unused, x) =>
    Math.cos((Math.PI * (index + 1) * (2 * x + 1)) / (2 * analysisSide)),
  ),
);

/** Coefficients below this are rounding errors of a plain picture, whose sign would be chance. */
const nothing = 0.01;

/** Bits whose frequency across is odd: those with an even u. */
const oddAcross = 0x5555_5555_5555_5555n;

/** @param lightness f32 [64,64], row by row; not modified */
export function perceptualHash(lightness: Float32Array): bigint {
  // 1. Across: [64,8]
  const across = new Float64Array(analysisSide * frequencies);
  for (let y = 0; y < analysisSide; y += 1) {
    for (const [u, wave] of cosines.entries()) {
      let sum = 0;
      for (let x = 0; x < analysisSide; x += 1)
        sum += (lightness[y * analysisSide + x] ?? 0) * (wave[x] ?? 0);
      across[y * frequencies + u] = sum;
    }
  }
  // 2. Down: [8,8], of which only the sign is kept
  let hash = 0n;
  for (const [v, wave] of cosines.entries()) {
    for (let u = 0; u < frequencies; u += 1) {
      let sum = 0;
      for (let y = 0; y < analysisSide; y += 1)
        sum += (across[y * frequencies + u] ?? 0) * (wave[y] ?? 0);
      if (sum > nothing) hash |= 1n << BigInt(frequencies * v + u);
    }
  }
  return hash;
}

/** The hash of the same picture mirrored left to right, but for coefficients of about 0. */
export function mirroredHash(hash: bigint): bigint {
  return hash ^ oddAcross;
}
