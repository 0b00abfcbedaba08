import { useLayoutEffect, useRef } from 'react';
import type { TimelineStep } from '../../../contract/timeline.ts';
import { paintPreview } from './paint-preview.ts';

interface PreviewCanvasProps {
  readonly preview: TimelineStep;
  /** Pixels along the longer side of the canvas. */
  readonly longSide: number;
  readonly label: string;
  readonly isCurrent?: boolean;
  readonly onPointerEnter?: () => void;
  readonly onClick?: () => void;
}

export function PreviewCanvas({
  preview,
  longSide,
  label,
  isCurrent,
  onPointerEnter,
  onClick,
}: PreviewCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) paintPreview(canvas.current, preview, longSide);
  }, [preview, longSide]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label={label}
      data-current={isCurrent ? '' : undefined}
      onPointerEnter={onPointerEnter}
      onClick={onClick}
    />
  );
}
