import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import styles from './stage-view.module.css';

/** Small pictures are shown larger than they are, up to this many pixels along the longer side. */
const mostEnlargedPx = 720;

interface FittedFrameProps {
  readonly width: number;
  readonly height: number;
  readonly children: ReactNode;
}

/** A box of a picture's shape, as large as the place allows. */
export function FittedFrame({ width, height, children }: FittedFrameProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [scale, setScale] = useState(0);
  useLayoutEffect(() => {
    const place = frame.current?.parentElement;
    if (!place) return;
    const fit = () =>
      setScale(
        Math.min(
          place.clientWidth / width,
          place.clientHeight / height,
          Math.max(1, mostEnlargedPx / Math.max(width, height)),
        ),
      );
    fit();
    const observer = new ResizeObserver(fit);
    observer.observe(place);
    return () => observer.disconnect();
  }, [width, height]);
  return (
    <div
      ref={frame}
      className={styles.frame}
      style={{ width: Math.floor(width * scale), height: Math.floor(height * scale) }}
    >
      {children}
    </div>
  );
}
