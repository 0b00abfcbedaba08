/** Takes a picture that is chosen, dropped or pasted, the source picture or the shown result. */
import { useId, useState, type ClipboardEvent, type DragEvent, type ReactNode } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import type { ContentHash, ImageId } from '../../../contract/ids.ts';
import { inputLimits } from '../../../contract/inputs.ts';
import { useRecentImages } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import styles from './adapter-panels.module.css';
import { carriedPicture, carriesPicture } from './picture-drag.ts';

interface PictureDropProps {
  readonly label: string;
  readonly onPicture: (hash: ContentHash) => void;
  readonly children: (choose: () => void, sources: ReactNode) => ReactNode;
}

export function PictureDrop({ label, onPicture, children }: PictureDropProps) {
  const { client, createDraft } = useWindow();
  const { source } = useStore(createDraft).options;
  const result = useShownImage();
  const chooserId = useId();
  const [error, setError] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);

  async function take(read: () => Promise<{ readonly hash: ContentHash }>): Promise<void> {
    setError(null);
    try {
      onPicture((await read()).hash);
    } catch (thrown) {
      setError(StudioError.from(thrown).message);
    }
  }
  const add = (file: File) =>
    void take(async () => {
      if (file.size > inputLimits.bytes)
        throw new StudioError('too-large', 'A picture can be at most 60 MB. Choose a smaller one.');
      return client['inputs.add']({ bytes: new Uint8Array(await file.arrayBuffer()) });
    });
  const takeFrom = (event: ClipboardEvent | DragEvent, transfer: DataTransfer) => {
    setIsOver(false);
    const id = carriedPicture(transfer);
    const file = [...transfer.files].find(({ type }) => type.startsWith('image/'));
    if (id === null && !file) return;
    event.preventDefault();
    // The source picture would take it as well.
    event.stopPropagation();
    if (id !== null) void take(() => client['inputs.fromImage']({ id }));
    else if (file) add(file);
  };

  const sources = (source || result) && (
    <div className={styles.actions}>
      {source && (
        <Button
          variant="quiet"
          tip="Follows the picture that drawing starts from"
          onClick={() => onPicture(source.picture)}
        >
          Use the source
        </Button>
      )}
      {result && (
        <Button
          variant="quiet"
          tip="Follows the picture that is shown in the middle"
          onClick={() => void take(() => client['inputs.fromImage']({ id: result }))}
        >
          Use the result
        </Button>
      )}
    </div>
  );

  return (
    <div
      className={styles.drop}
      data-over={isOver ? '' : undefined}
      onPaste={(event) => takeFrom(event, event.clipboardData)}
      onDragOver={(event) => {
        const { dataTransfer } = event;
        if (!dataTransfer.types.includes('Files') && !carriesPicture(dataTransfer)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => takeFrom(event, event.dataTransfer)}
    >
      <input
        id={chooserId}
        className={styles.chooser}
        type="file"
        accept="image/*"
        aria-label={label}
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) add(file);
        }}
      />
      {children(() => document.getElementById(chooserId)?.click(), sources)}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function useShownImage(): ImageId | null {
  const { selection } = useWindow();
  const shown = useStore(selection);
  const { data: recent } = useRecentImages();
  return shown.kind === 'image' ? shown.id : (recent?.[0]?.id ?? null);
}
