/** A modal dialog on the platform's own `<dialog>`: focus is kept inside and given back afterwards. */
import { X } from 'lucide-react';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import styles from './dialog.module.css';

interface DialogProps {
  readonly label: string;
  readonly onClose: () => void;
  /** `titled` has a heading and a close button; `top` is a bare surface near the top; `wide` has more room; `full` fills the window. */
  readonly shape?: 'titled' | 'wide' | 'top' | 'full';
  readonly children: ReactNode;
}

export function Dialog({ label, onClose, shape = 'titled', children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // A passive effect's clean-up would find the dialog taken out of the page already, and focus lost.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // `showModal` looks for the attribute that React's autoFocus does not write.
    element?.querySelector<HTMLElement>('[data-initial-focus]')?.focus();
    return () => element?.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      aria-label={label}
      className={classNames(
        styles.dialog,
        shape === 'wide' && styles.wide,
        shape === 'top' && styles.top,
        shape === 'full' && styles.bare,
      )}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // A press on the backdrop is reported on the dialog itself.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      {shape === 'titled' || shape === 'wide' ? (
        <>
          <div className={styles.head}>
            <h2>{label}</h2>
            <IconButton icon={X} label="Close" onClick={onClose} />
          </div>
          <div className={styles.body}>{children}</div>
        </>
      ) : (
        children
      )}
    </dialog>
  );
}
