const firstDelayMs = 250;
const longestDelayMs = 5_000;

/** @param attempt failed attempts so far, from 1 @returns how long to wait before the next, ms */
export function retryDelayMs(attempt: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1));
}
