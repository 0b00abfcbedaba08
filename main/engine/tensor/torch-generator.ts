/**
 * torch's CPU random generator: the same seed gives the same normals as `torch.randn`, so pictures
 * start from the same noise as in diffusers, ComfyUI and A1111's CPU mode.
 *
 * Uniforms come from mt19937 (Matsumoto and Nishimura 1998), normals from Box and Muller 1958 in
 * the two layouts that torch uses. torch's vectorised logarithm and sine differ in the last bits;
 * values agree to 1e-5.
 */

export interface TorchGenerator {
  /**
   * Standard normals, as `torch.randn(count, generator=g)`; later calls go on in the stream.
   * @returns new f32 [count]; the caller owns it
   */
  normals(count: number): Float32Array;
}

const stateSize = 624;
const shiftSize = 397;
/** From this many values on torch fills whole blocks of sixteen. */
const blockSize = 16;
const half = blockSize / 2;

/** @param seed a non-negative integer; torch uses its low 32 bits */
export function createTorchGenerator(seed: number): TorchGenerator {
  const nextUint32 = createMersenneTwister(Number(BigInt(seed) & 0xffffffffn));
  /** The second value of the last Box-Muller pair of the short layout. */
  let kept: number | null = null;

  /** 53 bits of a 64-bit draw, in [0, 1). */
  function nextDouble(): number {
    const high = nextUint32() & 0x1fffff;
    const low = nextUint32();
    return (high * 2 ** 32 + low) / 2 ** 53;
  }

  function nextNormal(): number {
    if (kept !== null) {
      const value = kept;
      kept = null;
      return value;
    }
    const angle = 2 * Math.PI * nextDouble();
    const radius = Math.sqrt(-2 * Math.log1p(-nextDouble()));
    kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  function fillUniform(values: Float32Array): void {
    for (let index = 0; index < values.length; index += 1)
      values[index] = (nextUint32() & 0xffffff) / 2 ** 24;
  }

  return {
    normals(count) {
      const values = new Float32Array(count);
      if (count < blockSize) {
        for (let index = 0; index < count; index += 1) values[index] = nextNormal();
        return values;
      }
      fillUniform(values);
      for (let start = 0; start + blockSize <= count; start += blockSize) {
        transformBlock(values.subarray(start, start + blockSize));
      }
      if (count % blockSize !== 0) {
        // The last sixteen are drawn anew, over some that were transformed already.
        const tail = values.subarray(count - blockSize);
        fillUniform(tail);
        transformBlock(tail);
      }
      return values;
    },
  };
}

/** Sixteen uniforms to sixteen normals, in place: radii from the first eight, angles from the others. */
function transformBlock(block: Float32Array): void {
  for (let index = 0; index < half; index += 1) {
    const radius = Math.sqrt(-2 * Math.log(1 - (block[index] ?? 0)));
    const angle = 2 * Math.PI * (block[index + half] ?? 0);
    block[index] = radius * Math.cos(angle);
    block[index + half] = radius * Math.sin(angle);
  }
}

/** @returns a function that draws uniform 32-bit integers */
function createMersenneTwister(seed: number): () => number {
  const state = new Uint32Array(stateSize);
  state[0] = seed;
  for (let index = 1; index < stateSize; index += 1) {
    const previous = state[index - 1] ?? 0;
    state[index] = Math.imul(1812433253, previous ^ (previous >>> 30)) + index;
  }
  let position = stateSize;

  function refill(): void {
    for (let index = 0; index < stateSize; index += 1) {
      const joined =
        ((state[index] ?? 0) & 0x80000000) | ((state[(index + 1) % stateSize] ?? 0) & 0x7fffffff);
      const shifted = (state[(index + shiftSize) % stateSize] ?? 0) ^ (joined >>> 1);
      state[index] = joined & 1 ? shifted ^ 0x9908b0df : shifted;
    }
    position = 0;
  }

  return () => {
    if (position === stateSize) refill();
    let value = state[position] ?? 0;
    position += 1;
    value ^= value >>> 11;
    value ^= (value << 7) & 0x9d2c5680;
    value ^= (value << 15) & 0xefc60000;
    value ^= value >>> 18;
    return value >>> 0;
  };
}
