/** How far an ancestral step goes down before it adds noise again. Source: k-diffusion, `get_ancestral_step` */

/** @returns `down`: the level the step leads to; `up`: the noise added there; down² + up² = to² */
export function ancestralLevels(
  from: number,
  to: number,
  eta: number,
): { readonly down: number; readonly up: number } {
  const up = Math.min(to, eta * Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2));
  // Rounding may leave the difference of two huge squares just below 0.
  return { up, down: Math.sqrt(Math.max(0, to ** 2 - up ** 2)) };
}
