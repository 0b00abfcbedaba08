/** A menu at a point of the window: arrow keys walk it, a first letter jumps, Escape leaves. */
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import styles from './popover.module.css';

interface ContextMenuProps {
  readonly label: string;
  /** CSS pixels of the window. */
  readonly at: { readonly x: number; readonly y: number };
  readonly onClose: () => void;
  /** `MenuItem`s, and separators. */
  readonly children: ReactNode;
}

const marginPx = 6;

export function ContextMenu({ label, at, onClose, children }: ContextMenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: at.x, top: at.y });
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    setPlace({
      left: Math.max(marginPx, Math.min(at.x, window.innerWidth - width - marginPx)),
      top: Math.max(marginPx, Math.min(at.y, window.innerHeight - height - marginPx)),
    });
    const before = document.activeElement;
    element.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    };
  }, [at]);
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !menu.current?.contains(event.target)) onClose();
    };
    document.addEventListener('pointerdown', onPointerDown);
    window.addEventListener('blur', onClose);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown);
      window.removeEventListener('blur', onClose);
    };
  }, [onClose]);

  return (
    <div
      ref={menu}
      role="menu"
      aria-label={label}
      tabIndex={-1}
      className={styles.context}
      style={place}
      onClick={onClose}
      onKeyDown={(event) => {
        event.stopPropagation();
        const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
        const current = items.findIndex((item) => item === document.activeElement);
        const next = nextItem(event.key, items, current);
        if (event.key === 'Escape' || event.key === 'Tab') onClose();
        else if (next) next.focus();
        else return;
        event.preventDefault();
      }}
    >
      {children}
    </div>
  );
}

function nextItem(
  key: string,
  items: readonly HTMLElement[],
  current: number,
): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return items[(current + 1) % items.length];
    case 'ArrowUp':
      return items[(current - 1 + items.length) % items.length];
    case 'Home':
      return items[0];
    case 'End':
      return items.at(-1);
    default: {
      if (key.length !== 1 || key === ' ') return undefined;
      const starts = (item: HTMLElement) =>
        (item.textContent ?? '').toLowerCase().startsWith(key.toLowerCase());
      return [...items.slice(current + 1), ...items.slice(0, current + 1)].find(starts);
    }
  }
}
