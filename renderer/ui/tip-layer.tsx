/** One tooltip for the whole window: any element with `data-tip` shows it on hover or keyboard focus. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import styles from './tip-layer.module.css';

const hoverDelayMs = 450;
const gapPx = 6;

interface Tip {
  readonly text: string;
  readonly anchor: DOMRect;
  readonly toTheRight: boolean;
}

export function TipLayer() {
  const [tip, setTip] = useState<Tip | null>(null);
  const [position, setPosition] = useState({ left: 0, top: 0 });
  const element = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let shownFor: Element | null = null;

    const hide = () => {
      clearTimeout(timer);
      shownFor = null;
      setTip(null);
    };
    const showFor = (target: EventTarget | null, delayMs: number) => {
      const owner = target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
      if (owner === shownFor) return;
      hide();
      if (!owner?.dataset.tip) return;
      shownFor = owner;
      timer = setTimeout(() => {
        if (!owner.isConnected || !owner.dataset.tip) return;
        setTip({
          text: owner.dataset.tip,
          anchor: owner.getBoundingClientRect(),
          toTheRight: owner.dataset.tipSide === 'right',
        });
      }, delayMs);
    };
    const onPointerOver = (event: PointerEvent) => showFor(event.target, hoverDelayMs);
    const onFocusIn = (event: FocusEvent) => {
      if (event.target instanceof Element && event.target.matches(':focus-visible'))
        showFor(event.target, hoverDelayMs);
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' || event.key.length === 1) hide();
    };
    document.addEventListener('pointerover', onPointerOver);
    document.addEventListener('pointerdown', hide);
    document.addEventListener('focusin', onFocusIn);
    document.addEventListener('focusout', hide);
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('scroll', hide, true);
    return () => {
      hide();
      document.removeEventListener('pointerover', onPointerOver);
      document.removeEventListener('pointerdown', hide);
      document.removeEventListener('focusin', onFocusIn);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('scroll', hide, true);
    };
  }, []);

  useLayoutEffect(() => {
    if (!tip || !element.current) return;
    const { width, height } = element.current.getBoundingClientRect();
    const { anchor, toTheRight } = tip;
    const within = (value: number, size: number, limit: number) =>
      Math.max(gapPx, Math.min(value, limit - size - gapPx));
    if (toTheRight) {
      setPosition({
        left: anchor.right + gapPx,
        top: within(anchor.top + (anchor.height - height) / 2, height, window.innerHeight),
      });
      return;
    }
    const below = anchor.bottom + gapPx;
    const fitsBelow = below + height + gapPx < window.innerHeight;
    setPosition({
      left: within(anchor.left + (anchor.width - width) / 2, width, window.innerWidth),
      top: fitsBelow ? below : anchor.top - height - gapPx,
    });
  }, [tip]);

  if (!tip) return null;
  // Screen readers get the same sentence from the control's own aria-description.
  return (
    <div ref={element} className={styles.tip} style={position} aria-hidden>
      {tip.text}
    </div>
  );
}
