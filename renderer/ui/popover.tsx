/** A small surface attached to a button; closes on Escape, on a press outside and when focus leaves. */
import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Keys } from './keys.tsx';
import styles from './popover.module.css';

interface PopoverProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly button: ReactNode;
  readonly label: string;
  readonly align?: 'start' | 'end';
  readonly side?: 'below' | 'above';
  readonly role?: 'dialog' | 'menu';
  readonly children: ReactNode;
}

export function Popover({
  open,
  onClose,
  button,
  label,
  align = 'end',
  side = 'below',
  role = 'dialog',
  children,
}: PopoverProps) {
  const anchor = useRef<HTMLSpanElement>(null);
  const surface = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !anchor.current?.contains(event.target)) onClose();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      event.preventDefault();
      onClose();
      anchor.current?.querySelector('button')?.focus();
    };
    document.addEventListener('pointerdown', onPointerDown);
    document.addEventListener('keydown', onKeyDown, true);
    surface.current?.querySelector<HTMLElement>('button, input, select, [tabindex]')?.focus();
    return () => {
      document.removeEventListener('pointerdown', onPointerDown);
      document.removeEventListener('keydown', onKeyDown, true);
    };
  }, [open, onClose]);

  return (
    <span
      ref={anchor}
      className={styles.anchor}
      onBlur={(event) => {
        if (open && event.relatedTarget && !event.currentTarget.contains(event.relatedTarget))
          onClose();
      }}
    >
      {button}
      {open && (
        <div
          ref={surface}
          role={role}
          aria-label={label}
          tabIndex={-1}
          className={classNames(
            styles.popover,
            align === 'end' ? styles.alignEnd : styles.alignStart,
            side === 'below' ? styles.below : styles.above,
          )}
          onKeyDown={role === 'menu' ? moveInMenu : undefined}
        >
          {children}
        </div>
      )}
    </span>
  );
}

function moveInMenu(event: React.KeyboardEvent<HTMLDivElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const current = items.findIndex((item) => item === document.activeElement);
  items[(current + step + items.length) % items.length]?.focus();
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly keys?: string;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon: Icon, keys, onSelect, children }: MenuItemProps) {
  return (
    <button type="button" role="menuitem" tabIndex={-1} className={styles.item} onClick={onSelect}>
      {Icon && <Icon aria-hidden />}
      {children}
      {keys && <Keys keys={keys} />}
    </button>
  );
}
