/** One measured number and what it may be at most. */
export interface Figure {
  /** What was measured, in words. */
  readonly name: string;
  readonly value: number;
  readonly unit: 'ratio' | 's' | 'MB' | 'ms' | 'differences' | 'tiles';
  /** Null where the figure is stated only. */
  readonly limit: number | null;
  /** Single measurements behind `value`, in the same unit. */
  readonly samples: readonly number[];
  /** How it was measured, where the name does not say it. */
  readonly note: string;
}

export interface Scenario {
  readonly name: string;
  /** Why it cannot run here; null where it can. */
  readonly unavailable?: () => string | null;
  /** What a person may run beside it, to compare. */
  readonly beside?: readonly string[];
  run(): Promise<readonly Figure[]>;
}

/** The middle of the sorted samples: one disturbed run does not move it. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new RangeError('A median needs at least one sample.');
  return middle;
}

/** The fastest but a tenth of the samples: what it takes where nobody else has the cores meanwhile. */
export function undisturbed(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const [first = NaN] = sorted;
  return sorted[Math.floor(sorted.length / 10)] ?? first;
}
