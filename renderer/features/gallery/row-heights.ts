/** Wanted heights of the grid's rows, CSS pixels. */
export const rowHeights = { min: 80, max: 420, usual: 180, step: 40 } as const;
