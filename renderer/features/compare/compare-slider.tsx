/** Before at the left, after at the right; the border between them is dragged or moved by arrow keys. */
import { useState } from 'react';
import styles from './compare.module.css';
import type { Placement } from './comparison.ts';

export interface ComparedPicture {
  readonly url: string;
  readonly label: string;
  readonly placement: Placement;
}

interface CompareSliderProps {
  readonly before: ComparedPicture;
  readonly after: ComparedPicture;
}

export function CompareSlider({ before, after }: CompareSliderProps) {
  /** Where the border stands, per cent from the left. */
  const [percent, setPercent] = useState(50);
  const moveTo = (next: number) => setPercent(Math.min(100, Math.max(0, next)));

  function onKeyDown(event: React.KeyboardEvent): void {
    const next = steppedBy(percent, event.key, event.shiftKey);
    if (next === null) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(next);
  }

  function follow(event: React.PointerEvent<HTMLDivElement>): void {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    moveTo(Math.round(((event.clientX - left) / width) * 1000) / 10);
  }

  return (
    <div
      className={styles.slider}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.currentTarget.querySelector<HTMLElement>('[role=slider]')?.focus();
        event.preventDefault();
        follow(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
      }}
    >
      <Layer picture={after} clip={`inset(0 0 0 ${percent}%)`} />
      <Layer picture={before} clip={`inset(0 ${100 - percent}% 0 0)`} />
      <span className={styles.label} hidden={percent < 15}>
        {before.label}
      </span>
      <span className={styles.label} data-side="after" hidden={percent > 85}>
        {after.label}
      </span>
      <div
        role="slider"
        tabIndex={0}
        data-initial-focus
        className={styles.border}
        style={{ left: `${percent}%` }}
        aria-label={`Border between ${before.label} and ${after.label}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
        aria-valuetext={`${Math.round(percent)} % ${before.label}`}
        onKeyDown={onKeyDown}
      >
        <i aria-hidden />
      </div>
    </div>
  );
}

function Layer({ picture, clip }: { readonly picture: ComparedPicture; readonly clip: string }) {
  const { left, top, width, height } = picture.placement;
  return (
    <div className={styles.layer} style={{ clipPath: clip }}>
      <img
        src={picture.url}
        alt={picture.label}
        draggable={false}
        style={{
          left: `${left * 100}%`,
          top: `${top * 100}%`,
          width: `${width * 100}%`,
          height: `${height * 100}%`,
        }}
      />
    </div>
  );
}

/** @returns null for any other key */
function steppedBy(percent: number, key: string, far: boolean): number | null {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return percent - (far ? 10 : 1);
    case 'ArrowRight':
    case 'ArrowUp':
      return percent + (far ? 10 : 1);
    case 'PageDown':
      return percent - 10;
    case 'PageUp':
      return percent + 10;
    case 'Home':
      return 0;
    case 'End':
      return 100;
    default:
      return null;
  }
}
