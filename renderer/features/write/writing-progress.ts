/** How far a model is with what it writes, on the page or in a chat. */
export interface WritingProgress {
  readonly state: 'starting' | 'writing' | 'ended';
  readonly tokens: number;
  /** Of all alternatives together. */
  readonly maxTokens: number;
  readonly tokensPerSecond: number | null;
  /** Share of what it reads first that it has read; null before it says so. */
  readonly read: number | null;
  /** When it was asked for, as `performance.now()` counts. */
  readonly startedAtMs: number;
  /** Null while it runs. */
  readonly endedAtMs: number | null;
}

/** People read no figure that changes a hundred times a second. */
export const progressEveryMs = 100;
