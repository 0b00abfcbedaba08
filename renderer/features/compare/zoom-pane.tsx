/** One picture that is zoomed by wheel and moved by dragging. */
import { useEffect, useEffectEvent } from 'react';
import { useMeasuredSize } from '../../ui/use-measured-size.ts';
import {
  actualZoom,
  panned,
  placedPicture,
  wholeView,
  zoomed,
  type LinkedView,
  type Size,
} from './linked-view.ts';
import styles from './zoom-pane.module.css';

export interface PanePicture extends Size {
  readonly url: string;
  readonly alt: string;
}

interface ZoomPaneProps {
  readonly picture: PanePicture;
  readonly view: LinkedView;
  readonly onView: (view: LinkedView) => void;
}

const wheelFactor = 1.0016;
/** Beyond this, pixels are shown as squares. */
const squarePixelScale = 2.5;

export function ZoomPane({ picture, view, onView }: ZoomPaneProps) {
  const [pane, place] = useMeasuredSize<HTMLDivElement>();

  const onWheel = useEffectEvent((event: WheelEvent) => {
    event.preventDefault();
    const { left, top } = pane.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
    const at = { x: event.clientX - left, y: event.clientY - top };
    onView(zoomed(view, wheelFactor ** -event.deltaY, at, picture, place));
  });
  // React's own listeners for the wheel cannot keep the page from scrolling.
  useEffect(() => {
    const element = pane.current;
    const listener = (event: WheelEvent) => onWheel(event);
    element?.addEventListener('wheel', listener, { passive: false });
    return () => element?.removeEventListener('wheel', listener);
  }, [pane]);

  const { left, top, scale } = placedPicture(view, picture, place);
  return (
    <div
      ref={pane}
      className={styles.pane}
      data-zoomed={view.zoom > 1 ? '' : undefined}
      onDoubleClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const at = { x: event.clientX - box.left, y: event.clientY - box.top };
        const actual = Math.max(2, actualZoom(picture, place, devicePixelRatio));
        onView(view.zoom > 1 ? wholeView : zoomed(view, actual, at, picture, place));
      }}
      onPointerDown={(event) => {
        if (event.button === 0) event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId))
          onView(panned(view, event.movementX, event.movementY, picture, place));
      }}
    >
      {place.width > 0 && (
        <img
          src={picture.url}
          alt={picture.alt}
          draggable={false}
          style={{
            width: picture.width,
            height: picture.height,
            transform: `translate(${left}px, ${top}px) scale(${scale})`,
            imageRendering: scale * devicePixelRatio > squarePixelScale ? 'pixelated' : 'auto',
          }}
        />
      )}
    </div>
  );
}

/**
 * The keys of every zoomed picture.
 * @param place of one of them, CSS pixels @returns null for another key
 */
export function viewAfterKey(
  key: string,
  view: LinkedView,
  picture: Size,
  place: Size,
): LinkedView | null {
  switch (key) {
    case '+':
    case '=':
      return zoomed(view, 1.5, null, picture, place);
    case '-':
      return zoomed(view, 1 / 1.5, null, picture, place);
    case 'z':
      return view.zoom > 1
        ? wholeView
        : { ...view, zoom: actualZoom(picture, place, devicePixelRatio) };
    default:
      return null;
  }
}

/** Moves a zoomed view by an arrow key. @returns null for another key, or where all is in sight */
export function viewAfterArrow(key: string, view: LinkedView): LinkedView | null {
  if (view.zoom <= 1) return null;
  const step = 0.15 / view.zoom;
  const [dx, dy] = [
    key === 'ArrowRight' ? step : key === 'ArrowLeft' ? -step : 0,
    key === 'ArrowDown' ? step : key === 'ArrowUp' ? -step : 0,
  ];
  if (dx === 0 && dy === 0) return null;
  const margin = 0.5 / view.zoom;
  const within = (share: number) => Math.min(1 - margin, Math.max(margin, share));
  return { ...view, x: within(view.x + dx), y: within(view.y + dy) };
}
