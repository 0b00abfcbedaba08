/** How fast a job goes, over the last seconds. */
export interface RecentPace {
  /** @param done of the whole job */
  note(done: number): void;
  /** Null until a second has passed. */
  perSecond(): number | null;
}

const windowMs = 5000;
const leastMs = 500;

/** @param now milliseconds that only rise */
export function createRecentPace(now: () => number): RecentPace {
  const samples: { readonly at: number; readonly done: number }[] = [];
  return {
    note(done) {
      const at = now();
      samples.push({ at, done });
      while (samples.length > 2 && at - (samples[0]?.at ?? at) > windowMs) samples.shift();
    },
    perSecond() {
      const first = samples[0];
      const last = samples.at(-1);
      if (!first || !last || last.at - first.at < leastMs) return null;
      return ((last.done - first.done) * 1000) / (last.at - first.at);
    },
  };
}
