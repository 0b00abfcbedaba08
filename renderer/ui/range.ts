/** A range of shares, 0 to 1, whose start is never behind its end. Pure. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Moves one end; the other gives way where it stands in between. */
export function moveRange(range: Range, end: keyof Range, value: number): Range {
  const share = Math.min(1, Math.max(0, value));
  return end === 'start'
    ? { start: share, end: Math.max(share, range.end) }
    : { start: Math.min(share, range.start), end: share };
}
