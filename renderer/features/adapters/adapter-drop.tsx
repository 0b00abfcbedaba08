/** A place onto which adapter files are dropped, with a button that chooses them; errors are shown in it. */
import { FilePlus2, X } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import type { Resource, ResourceKind } from '../../../contract/resources.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import styles from './adapter-drop.module.css';
import { sendFile } from './send-file.ts';

interface AdapterDropProps {
  /** Null to find out. */
  readonly kind: ResourceKind | null;
  /** Endings, as a file input takes them. */
  readonly accept: string;
  /** What the file input is called, such as "LoRA file". */
  readonly label: string;
  readonly button: string;
  readonly onImported: (resource: Resource) => void;
  readonly children?: ReactNode;
}

export function AdapterDrop(props: AdapterDropProps) {
  const { kind, accept, label, button, onImported, children } = props;
  const { client } = useWindow();
  const chooser = useRef<HTMLInputElement>(null);
  const sending = useRef<AbortController>(null);
  const [isOver, setIsOver] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [sent, setSent] = useState<{ name: string; fraction: number } | null>(null);

  async function add(files: readonly File[]): Promise<void> {
    if (sending.current) return;
    setError(null);
    const controller = new AbortController();
    sending.current = controller;
    try {
      for (const file of files) {
        const { name } = file;
        setSent({ name, fraction: 0 });
        const onProgress = (fraction: number) => setSent({ name, fraction });
        onImported(await sendFile(client, file, kind, onProgress, controller.signal));
      }
    } catch (thrown) {
      if (!controller.signal.aborted) setError(StudioError.from(thrown).message);
    } finally {
      sending.current = null;
      setSent(null);
    }
  }

  return (
    <div
      className={styles.drop}
      data-over={isOver ? '' : undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        const files = [...event.dataTransfer.files].filter(
          ({ type }) => !type.startsWith('image/'),
        );
        if (files.length === 0) return;
        event.preventDefault();
        void add(files);
      }}
    >
      {children}
      <input
        ref={chooser}
        className={styles.chooser}
        type="file"
        accept={accept}
        multiple
        aria-label={label}
        tabIndex={-1}
        onChange={(event) => {
          const files = [...(event.currentTarget.files ?? [])];
          event.currentTarget.value = '';
          void add(files);
        }}
      />
      {sent ? (
        <div className={styles.sending} role="status">
          <span>Copying {sent.name}</span>
          <IconButton icon={X} label="Stop copying" onClick={() => sending.current?.abort()} />
          <ProgressBar label={`Copying ${sent.name}`} fraction={sent.fraction} />
        </div>
      ) : (
        <Button
          icon={FilePlus2}
          tip="Copies a file into the library after checking it; it can be dropped here as well"
          onClick={() => chooser.current?.click()}
        >
          {button}
        </Button>
      )}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
