import { CircleAlert, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { useStore } from './store.ts';
import styles from './toast-layer.module.css';
import type { Toast } from './toasts.ts';
import { useWindow } from './window-model.ts';

const shownMs = { done: 7_000, error: 14_000 } as const;

export function ToastLayer() {
  const { toasts } = useWindow();
  const list = useStore(toasts.list);
  return (
    <div className={styles.layer} role="status" aria-label="Messages">
      {list.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { readonly toast: Toast }) {
  const { toasts } = useWindow();
  const { id, kind, text, details, canUndo } = toast;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const wait = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => toasts.dismiss(id), shownMs[kind]);
  };
  useEffect(() => {
    timer.current = setTimeout(() => toasts.dismiss(id), shownMs[kind]);
    return () => clearTimeout(timer.current);
  }, [toasts, id, kind]);

  return (
    // Reading or reaching for a button takes as long as it takes.
    <div
      className={styles.toast}
      data-kind={kind}
      onPointerEnter={() => clearTimeout(timer.current)}
      onPointerLeave={wait}
      onFocus={() => clearTimeout(timer.current)}
      onBlur={wait}
    >
      {kind === 'error' && <CircleAlert aria-label="Error" />}
      <span className={styles.text} data-selectable>
        {text}
      </span>
      {details !== null && (
        <Button variant="quiet" onClick={() => void navigator.clipboard.writeText(details)}>
          Copy details
        </Button>
      )}
      {canUndo && <Button onClick={() => toasts.undo(id)}>Undo</Button>}
      <IconButton icon={X} label="Dismiss" onClick={() => toasts.dismiss(id)} />
    </div>
  );
}
