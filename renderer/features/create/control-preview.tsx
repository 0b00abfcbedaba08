/** What a ControlNet will see of its picture, at the size that is drawn: small, and larger when clicked. */
import { useEffect, useState } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import type { ControlUse } from '../../../contract/image-options.ts';
import { ImageSettings } from '../../../contract/image-request.ts';
import { useControlPicture } from '../../app/queries.ts';
import { Dialog } from '../../ui/dialog.tsx';
import styles from './control-preview.module.css';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

interface ControlPreviewProps {
  /** Of the unit, such as "ControlNet 1". */
  readonly title: string;
  readonly use: ControlUse;
  readonly size: PictureSize;
}

/** A number that is still being typed or dragged asks for nothing. */
const settleMs = 150;
const Size = ImageSettings.pick({ width: true, height: true });

export function ControlPreview({ title, use, size }: ControlPreviewProps) {
  const settled = useSettled(size);
  const { picture: hash, preprocessor } = use;
  const possible = Size.safeParse(settled).data;
  const {
    data: url = null,
    error,
    isPlaceholderData,
  } = useControlPicture(possible ? { hash, preprocessor, ...possible } : null);
  const [isLarge, setIsLarge] = useState(false);
  const label = `What ${title} sees`;

  if (error) return <p className={styles.error}>{StudioError.from(error).message}</p>;
  return (
    <>
      <button
        type="button"
        className={styles.preview}
        aria-label={`${label}, show it larger`}
        aria-busy={url === null || isPlaceholderData}
        data-tip="What the ControlNet is shown, at the size that is drawn. Click to see it larger."
        style={{ aspectRatio: `${settled.width} / ${settled.height}` }}
        disabled={url === null}
        onClick={() => setIsLarge(true)}
      >
        {url !== null && <img src={url} alt="" data-old={isPlaceholderData ? '' : undefined} />}
      </button>
      {isLarge && url !== null && (
        <Dialog label={label} onClose={() => setIsLarge(false)}>
          <img
            className={styles.large}
            src={url}
            alt={`${label}, ${settled.width} × ${settled.height}`}
          />
        </Dialog>
      )}
    </>
  );
}

function useSettled({ width, height }: PictureSize): PictureSize {
  const [settled, setSettled] = useState<PictureSize>({ width, height });
  useEffect(() => {
    const timer = setTimeout(() => setSettled({ width, height }), settleMs);
    return () => clearTimeout(timer);
  }, [width, height]);
  return settled;
}
