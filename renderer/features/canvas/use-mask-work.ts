/** Runs long changes of a mask, one at a time, and tells how far they are. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import { useWindow } from '../../app/window-model.ts';
import { inSlices, type Sliced } from './slices.ts';

export interface MaskWork {
  /** Such as "Filling". */
  readonly title: string;
  /** 0 to 1. */
  readonly fraction: number;
  /** Null until it has gone on long enough to tell. */
  readonly secondsLeft: number | null;
}

/** What is over sooner shows nothing. */
const showAfterMs = 100;
const tellTimeAfterMs = 1000;

interface MaskWorker {
  /** What is shown; null where nothing is done, or not for long enough. */
  readonly shown: MaskWork | null;
  /** @returns whether it was done: not when something else is still being done, or it was called off */
  run(title: string, work: () => Sliced | Promise<Sliced>): Promise<boolean>;
  /** @returns whether there was something to call off */
  cancel(): boolean;
}

export function useMaskWork(): MaskWorker {
  const { toasts } = useWindow();
  const running = useRef<AbortController>(null);
  const [shown, setShown] = useState<MaskWork | null>(null);

  const cancel = useCallback(() => {
    running.current?.abort();
    return running.current !== null;
  }, []);
  // Whoever leaves the editor does not wait for it.
  useEffect(() => () => running.current?.abort(), []);

  const run = useCallback<MaskWorker['run']>(
    async (title, work) => {
      if (running.current) return false;
      const controller = new AbortController();
      running.current = controller;
      const start = performance.now();
      const onProgress = (fraction: number) => {
        const elapsedMs = performance.now() - start;
        if (elapsedMs < showAfterMs) return;
        const leftMs = fraction > 0 ? (elapsedMs / fraction) * (1 - fraction) : null;
        const secondsLeft =
          elapsedMs < tellTimeAfterMs || leftMs === null ? null : Math.ceil(leftMs / 1000);
        setShown({ title, fraction, secondsLeft });
      };
      try {
        await inSlices(await work(), { signal: controller.signal, onProgress });
        return true;
      } catch (error) {
        if (StudioError.from(error).code !== 'cancelled') toasts.fail(error);
        return false;
      } finally {
        running.current = null;
        setShown(null);
      }
    },
    [toasts],
  );
  return { shown, run, cancel };
}
