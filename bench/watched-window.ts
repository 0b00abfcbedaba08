/** Frames of a window, and how long its main thread works in one turn. */
import type { Page } from '@playwright/test';
import type { Figure } from './figure.ts';

export interface Watched {
  /** Times between the frames of the window, ms. */
  readonly frames: readonly number[];
  /** Processor time of each turn of its main thread, ms. */
  readonly turns: readonly number[];
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

export async function watchWindow(page: Page): Promise<{ end(): Promise<Watched> }> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) =>
    events.push(...(value as unknown[] as TraceEvent[])),
  );
  await session.send('Tracing.start', {
    categories: 'devtools.timeline,disabled-by-default-devtools.timeline,toplevel',
    transferMode: 'ReportEvents',
  });
  const watch = await page.evaluateHandle(() => {
    const gaps: number[] = [];
    let last = performance.now();
    let isOver = false;
    const onFrame = (now: number) => {
      gaps.push(now - last);
      last = now;
      if (!isOver) requestAnimationFrame(onFrame);
    };
    requestAnimationFrame((now) => {
      last = now;
      requestAnimationFrame(onFrame);
    });
    return {
      end: () => {
        isOver = true;
        return gaps;
      },
    };
  });
  return {
    async end() {
      const frames = await watch.evaluate((frames) => frames.end());
      const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
      await session.send('Tracing.end');
      await complete;
      await session.detach();
      const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
      const main = new Set(
        events.filter(({ args }) => args?.name === 'CrRendererMain').map(threadOf),
      );
      const turns = events.flatMap((event) =>
        event.name === 'RunTask' && event.tdur !== undefined && main.has(threadOf(event))
          ? [event.tdur / 1000]
          : [],
      );
      return { frames, turns };
    },
  };
}

/** @param limit of both, ms */
export function windowFigures(
  during: string,
  seen: readonly Watched[],
  limit: number,
  note: string,
): Figure[] {
  const figure = (name: string, values: readonly number[], what: string): Figure => {
    const sorted = values.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
    return {
      name: `${name} ${during}`,
      value: at(1),
      unit: 'ms',
      limit,
      samples: [at(0.5), at(0.99), at(1)],
      note: `${what}; ${note}; samples: median, 99th percentile, longest`,
    };
  };
  return [
    figure(
      'longest frame',
      seen.flatMap(({ frames }) => frames),
      'time between two frames, what other programs on the cores took included',
    ),
    figure(
      "longest turn of the window's own work",
      seen.flatMap(({ turns }) => turns),
      'processor time of its main thread in one turn',
    ),
  ];
}
