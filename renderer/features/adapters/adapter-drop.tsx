/** A place onto which adapter files and folders are dropped, with buttons that choose them; errors are shown in it. */
import { FilePlus2, FolderPlus, X } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import type { Resource, ResourceKind } from '../../../contract/resources.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import styles from './adapter-drop.module.css';
import { offeredByDrop, offeredByInput, type Offered } from './offered-files.ts';
import { sendOffered } from './send-file.ts';

interface AdapterDropProps {
  /** Null to find out. */
  readonly kind: ResourceKind | null;
  /** Null where such adapters are always folders. */
  readonly file: {
    /** Endings, as a file input takes them. */
    readonly accept: string;
    /** What the file input is called, such as "LoRA file". */
    readonly label: string;
    readonly button: string;
  } | null;
  /** Null where such adapters are never folders. */
  readonly folder: { readonly label: string; readonly button: string } | null;
  readonly onImported: (resource: Resource) => void;
  readonly children?: ReactNode;
}

export function AdapterDrop(props: AdapterDropProps) {
  const { kind, file, folder, onImported, children } = props;
  const { client } = useWindow();
  const chooser = useRef<HTMLInputElement>(null);
  const folderChooser = useRef<HTMLInputElement | null>(null);
  const sending = useRef<AbortController>(null);
  const [isOver, setIsOver] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [sent, setSent] = useState<{ name: string; fraction: number } | null>(null);

  async function add(offer: () => readonly Offered[] | Promise<readonly Offered[]>): Promise<void> {
    if (sending.current) return;
    setError(null);
    const controller = new AbortController();
    sending.current = controller;
    try {
      for (const offered of await offer()) {
        const { name } = offered;
        setSent({ name, fraction: 0 });
        const onProgress = (fraction: number) => setSent({ name, fraction });
        onImported(await sendOffered(client, offered, kind, onProgress, controller.signal));
      }
    } catch (thrown) {
      if (!controller.signal.aborted) setError(StudioError.from(thrown).message);
    } finally {
      sending.current = null;
      setSent(null);
    }
  }

  function addChosen(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])];
    input.value = '';
    void add(() => offeredByInput(files));
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
        const { files } = event.dataTransfer;
        // Pictures are for whoever lies around this place.
        if (files.length === 0 || [...files].some(({ type }) => type.startsWith('image/'))) return;
        event.preventDefault();
        event.stopPropagation();
        const offered = offeredByDrop(event.dataTransfer);
        void add(() => offered);
      }}
    >
      {children}
      {file && (
        <input
          ref={chooser}
          className={styles.chooser}
          type="file"
          accept={file.accept}
          multiple
          aria-label={file.label}
          tabIndex={-1}
          onChange={(event) => addChosen(event.currentTarget)}
        />
      )}
      {folder && (
        <input
          ref={(input) => {
            // React knows no property of this name.
            if (input) input.webkitdirectory = true;
            folderChooser.current = input;
          }}
          className={styles.chooser}
          type="file"
          aria-label={folder.label}
          tabIndex={-1}
          onChange={(event) => addChosen(event.currentTarget)}
        />
      )}
      {sent ? (
        <div className={styles.sending} role="status">
          <span>Copying {sent.name}</span>
          <IconButton icon={X} label="Stop copying" onClick={() => sending.current?.abort()} />
          <ProgressBar label={`Copying ${sent.name}`} fraction={sent.fraction} />
        </div>
      ) : (
        <div className={styles.buttons}>
          {file && (
            <Button
              icon={FilePlus2}
              tip="Copies a file into the library after checking it; it can be dropped here as well"
              onClick={() => chooser.current?.click()}
            >
              {file.button}
            </Button>
          )}
          {folder && (
            <Button
              icon={FolderPlus}
              tip="Copies a folder with model.onnx into the library after checking it; it can be dropped here as well"
              onClick={() => folderChooser.current?.click()}
            >
              {folder.button}
            </Button>
          )}
        </div>
      )}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
