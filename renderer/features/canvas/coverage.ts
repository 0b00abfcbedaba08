/** How much of every pixel a mask covers, and the two ways to change it. */

export interface Coverage {
  readonly width: number;
  readonly height: number;
  /** [height, width], 0 kept … 255 painted anew. */
  readonly levels: Uint8Array;
}

/** `add` covers a pixel at least as much as asked, `subtract` leaves at most the rest. */
export type Blend = 'add' | 'subtract';

/** From this level on a pixel counts as painted, here and in the engine. */
export const paintedFrom = 128;

/** Going twice over the same place changes nothing more. @param amount 0 … 255 */
export function blendLevel(levels: Uint8Array, index: number, amount: number, blend: Blend): void {
  const level = levels[index] ?? 0;
  if (blend === 'add') {
    if (amount > level) levels[index] = amount;
  } else if (255 - amount < level) {
    levels[index] = 255 - amount;
  }
}
