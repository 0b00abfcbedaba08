import { useLayoutEffect, useRef, useState, type RefObject } from 'react';

interface MeasuredSize {
  readonly width: number;
  readonly height: number;
}

/** How large an element is inside, CSS pixels; 0 × 0 until it was laid out. */
export function useMeasuredSize<E extends HTMLElement>(): readonly [
  RefObject<E | null>,
  MeasuredSize,
] {
  const measured = useRef<E>(null);
  const [size, setSize] = useState<MeasuredSize>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = measured.current;
    if (!element) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [measured, size];
}
