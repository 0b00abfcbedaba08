/** How long a picture took, and how much of that was spent inside the runtime. */
import type { Session } from '../../session.ts';

export interface RunClock {
  /** Counts the whole time of `work`, and the session's own time among it. */
  measure<T>(session: Session, work: () => Promise<T>): Promise<T>;
  /** Milliseconds. */
  totals(): { readonly durationMs: number; readonly runMs: number };
}

export function createRunClock(): RunClock {
  let durationMs = 0;
  let runMs = 0;
  return {
    async measure<T>(session: Session, work: () => Promise<T>): Promise<T> {
      const startedAt = performance.now();
      const runMsBefore = session.runMs;
      const result = await work();
      durationMs += performance.now() - startedAt;
      runMs += session.runMs - runMsBefore;
      return result;
    },
    totals: () => ({ durationMs, runMs }),
  };
}
