/** Work that reports how far it is, as something a generator can pass on while it waits. */
export interface Progress<T> {
  /**
   * Ends when the work does, well or not; only the latest of what nobody has taken yet is kept. Whoever
   * leaves early stops the work, and waits for it.
   */
  readonly steps: AsyncIterable<{ readonly done: number; readonly total: number }>;
  /** To be awaited after `steps`. */
  readonly result: Promise<T>;
}

export function createProgress<T>(
  signal: AbortSignal | undefined,
  work: (report: (done: number, total: number) => void, signal: AbortSignal) => Promise<T>,
): Progress<T> {
  const leaving = new AbortController();
  let latest: { readonly done: number; readonly total: number } | null = null;
  let wake: () => void = () => {};
  let isOver = false;
  const result = work(
    (done, total) => {
      latest = { done, total };
      wake();
    },
    signal ? AbortSignal.any([signal, leaving.signal]) : leaving.signal,
  );
  const over = (): void => {
    isOver = true;
    wake();
  };
  result.then(over, over);

  async function* takeSteps(): AsyncGenerator<{ done: number; total: number }> {
    try {
      for (;;) {
        if (latest) {
          const step = latest;
          latest = null;
          yield step;
        } else if (isOver) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      leaving.abort();
      await result.catch(() => {});
    }
  }

  return { steps: takeSteps(), result };
}
