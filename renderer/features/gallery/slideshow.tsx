/** One picture after the other in the whole window; they can be rated while it runs. */
import { ChevronLeft, ChevronRight, Pause, Play, Shuffle, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { MarkChange } from '../../../contract/images.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Stars } from '../../ui/stars.tsx';
import { slideSeconds } from './gallery-view.ts';
import type { PictureIndex } from './picture-index.ts';
import { slideOrder } from './slide-order.ts';
import { markOfKey } from './triage-keys.ts';
import { useSummaries } from './use-summary.ts';
import { usePreloaded } from './viewer.tsx';
import styles from './viewer.module.css';

interface SlideshowProps {
  readonly index: PictureIndex;
  readonly startId: ImageId | null;
  readonly onMark: (id: ImageId, change: MarkChange) => void;
  /** @param id the picture it ended at */
  readonly onClose: (id: ImageId | null) => void;
}

const idleAfterMs = 2_000;

export function Slideshow({ index, startId, onMark, onClose }: SlideshowProps) {
  const { galleryView } = useWindow();
  const { seconds, shuffles } = useStore(galleryView).slideshow;
  const [at, setAt] = useState(0);
  const [isRunning, setIsRunning] = useState(true);
  const [isIdle, setIsIdle] = useState(false);
  const idling = useRef<ReturnType<typeof setTimeout>>(undefined);
  /** Where the order begins: the picture shown when it was made. */
  const [start, setStart] = useState(() =>
    Math.max(0, startId === null ? 0 : index.placeOf(startId)),
  );
  const order = useMemo(
    () => slideOrder(index.count, start, shuffles, Math.random),
    [index, start, shuffles],
  );
  const id = index.idAt(order[at] ?? 0);
  const next = index.idAt(order[(at + 1) % Math.max(1, order.length)] ?? 0);
  const [image, coming] = useSummaries([id, next].filter((other) => other !== null)) ?? [];
  usePreloaded([coming]);

  const go = (by: number) => setAt((now) => (now + by + order.length) % Math.max(1, order.length));
  const shownId = image?.id;
  useEffect(() => {
    // Each picture stays for its time from when it is there.
    if (!isRunning || shownId === undefined) return;
    const timer = setTimeout(
      () => setAt((now) => (now + 1) % Math.max(1, order.length)),
      seconds * 1000,
    );
    return () => clearTimeout(timer);
  }, [isRunning, shownId, seconds, order]);
  const wake = () => {
    setIsIdle(false);
    clearTimeout(idling.current);
    idling.current = setTimeout(() => setIsIdle(true), idleAfterMs);
  };
  useEffect(() => () => clearTimeout(idling.current), []);
  const shuffle = () => {
    setStart(order[at] ?? 0);
    setAt(0);
    galleryView.set((now) => ({ ...now, slideshow: { seconds, shuffles: !shuffles } }));
  };
  const setSeconds = (value: number) =>
    galleryView.set((now) => ({
      ...now,
      slideshow: {
        shuffles,
        seconds: Math.min(slideSeconds.max, Math.max(slideSeconds.min, value)),
      },
    }));

  return (
    <Dialog label="Slideshow" shape="full" onClose={() => onClose(id)}>
      <div
        className={styles.slides}
        data-idle={isIdle && isRunning ? '' : undefined}
        onPointerMove={wake}
        onKeyDown={(event) => {
          if (event.defaultPrevented || event.target instanceof HTMLInputElement) return;
          const mark = markOfKey(event, image);
          if (mark && id !== null) onMark(id, mark);
          else if (event.key === ' ') setIsRunning(!isRunning);
          else if (event.key === 'ArrowRight') go(1);
          else if (event.key === 'ArrowLeft') go(-1);
          else if (event.key === 'ArrowUp') setSeconds(seconds - 1);
          else if (event.key === 'ArrowDown') setSeconds(seconds + 1);
          else if (event.key === 's') shuffle();
          else if (event.key === 'f') onClose(id);
          else return;
          wake();
          event.preventDefault();
        }}
      >
        <div className={styles.stage}>
          {image && (
            <img
              key={image.id}
              className={styles.slide}
              src={image.url}
              alt={image.prompt || 'A picture without a prompt'}
            />
          )}
        </div>
        <div className={styles.bar}>
          <IconButton
            icon={ChevronLeft}
            label="Previous picture"
            tip="The picture before it (←)"
            onClick={() => go(-1)}
          />
          <IconButton
            icon={isRunning ? Pause : Play}
            label={isRunning ? 'Pause' : 'Go on'}
            tip={isRunning ? 'Stays at this picture (Space)' : 'Goes on by itself (Space)'}
            data-initial-focus
            onClick={() => setIsRunning(!isRunning)}
          />
          <IconButton
            icon={ChevronRight}
            label="Next picture"
            tip="The picture after it (→)"
            onClick={() => go(1)}
          />
          <span className={styles.count}>
            {(at + 1).toLocaleString('en')} of {index.count.toLocaleString('en')}
          </span>
          {image && id !== null && (
            <Stars
              label="Rating"
              rating={image.rating}
              onChange={(rating) => onMark(id, { rating })}
            />
          )}
          <IconButton
            icon={Shuffle}
            label="Shuffle"
            tip="Shows the pictures in another order each time (S)"
            aria-pressed={shuffles}
            onClick={shuffle}
          />
          <NumberField
            label="Seconds"
            tip="How long each picture stays (↑ ↓)"
            value={seconds}
            min={slideSeconds.min}
            max={slideSeconds.max}
            step={1}
            defaultValue={4}
            onChange={setSeconds}
          />
          <IconButton icon={X} label="End the slideshow" onClick={() => onClose(id)} />
        </div>
      </div>
    </Dialog>
  );
}
