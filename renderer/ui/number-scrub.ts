/** The arithmetic of a number that can be dragged, stepped and typed. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** A drag over this distance crosses a range of few steps. */
const crossingPx = 300;
const leastPxPerStep = 4;
const mostPxPerStep = 12;
/** How much further Shift goes. */
export const coarseFactor = 10;

/** @returns the nearest multiple of the step, counted from 0, that lies within the range */
export function snap(value: number, { min, max, step }: NumberRange): number {
  const snapped = Math.round(value / step) * step;
  // Steps such as 0.1 are not exact in binary: round to the step's own decimals.
  const decimals = decimalsOf(step);
  return Number(Math.min(max, Math.max(min, snapped)).toFixed(decimals));
}

/** @param steps how many steps to go, negative for down @param coarse Shift is held */
export function stepBy(value: number, steps: number, coarse: boolean, range: NumberRange): number {
  return snap(value + steps * range.step * (coarse ? coarseFactor : 1), range);
}

/**
 * @param start   the value when the drag began
 * @param dragged horizontal distance since then, CSS pixels
 */
export function scrub(start: number, dragged: number, coarse: boolean, range: NumberRange): number {
  const steps = Math.max(1, (range.max - range.min) / range.step);
  const pxPerStep = Math.min(mostPxPerStep, Math.max(leastPxPerStep, crossingPx / steps));
  return stepBy(start, Math.trunc(dragged / pxPerStep), coarse, range);
}

/** @returns the number that was typed (a comma may stand for the point), or null */
export function parseNumber(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '' || !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}

export function decimalsOf(step: number): number {
  const [, fraction = ''] = String(step).split('.');
  return fraction.length;
}
