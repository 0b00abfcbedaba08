/** Latents as the sequence of 2 × 2 patches that Flux reads, and back; as in diffusers' FluxPipeline. */

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * @param latents f32 [C, height, width], both even
 * @returns new f32 [height/2 · width/2, C · 4]: row by row, within a patch channel by channel
 */
export function packLatents(latents: Float32Array, size: Size): Float32Array {
  const packed = new Float32Array(latents.length);
  eachPlace(latents.length, size, (index, at) => {
    packed[at] = latents[index] ?? 0;
  });
  return packed;
}

/** @returns new f32 [C, height, width] */
export function unpackLatents(packed: Float32Array, size: Size): Float32Array {
  const latents = new Float32Array(packed.length);
  eachPlace(packed.length, size, (index, at) => {
    latents[index] = packed[at] ?? 0;
  });
  return latents;
}

/** Where in the picture each patch lies: f32 [height/2 · width/2, 3] of 0, row, column. */
export function patchPlaces({ width, height }: Size): Float32Array {
  const columns = width / 2;
  const rows = height / 2;
  return Float32Array.from({ length: rows * columns * 3 }, (_, index) => {
    const patch = Math.floor(index / 3);
    if (index % 3 === 0) return 0;
    return index % 3 === 1 ? Math.floor(patch / columns) : patch % columns;
  });
}

function eachPlace(
  count: number,
  { width, height }: Size,
  visit: (index: number, packedIndex: number) => void,
): void {
  const channels = count / (width * height);
  let index = 0;
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < height; y += 1)
      for (let x = 0; x < width; x += 1) {
        const patch = (y >> 1) * (width / 2) + (x >> 1);
        visit(index, (patch * channels + channel) * 4 + (y & 1) * 2 + (x & 1));
        index += 1;
      }
}
