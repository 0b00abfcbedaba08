/** Frames of a window, and how long its main thread works in one turn. */
import type { Page } from '@playwright/test';

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
