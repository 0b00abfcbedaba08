/** The line between two panels: drag it, or step it with the arrow keys; a double-click resets it. */
import { useRef } from 'react';
import styles from './resizer.module.css';

interface ResizerProps {
  readonly label: string;
  readonly width: number;
  readonly onChange: (width: number) => void;
  readonly min: number;
  readonly max: number;
  readonly defaultWidth: number;
  /** On which side of the line the panel lies whose width changes. */
  readonly panel: 'left' | 'right';
}

const keyStepPx = 16;

export function Resizer({ label, width, onChange, min, max, defaultWidth, panel }: ResizerProps) {
  const drag = useRef<{ startX: number; startWidth: number } | null>(null);
  const sign = panel === 'left' ? 1 : -1;
  const resize = (next: number) => onChange(Math.round(Math.min(max, Math.max(min, next))));

  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={styles.resizer}
      onDoubleClick={() => onChange(defaultWidth)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        drag.current = { startX: event.clientX, startWidth: width };
      }}
      onPointerMove={(event) => {
        if (!drag.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
        resize(drag.current.startWidth + sign * (event.clientX - drag.current.startX));
      }}
      onKeyDown={(event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        event.preventDefault();
        resize(width + (event.key === 'ArrowRight' ? sign : -sign) * keyStepPx);
      }}
    />
  );
}
