import { ChevronLeft, ChevronRight, Columns2, X } from 'lucide-react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
import { useImage } from '../../app/queries.ts';
import { IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Stars } from '../../ui/stars.tsx';
import type { Comparison } from '../compare/comparison.ts';
import styles from './gallery-screen.module.css';

interface ViewerProps {
  readonly items: readonly ImageSummary[];
  readonly id: ImageId;
  readonly onMove: (id: ImageId) => void;
  readonly onRate: (rating: number) => void;
  readonly onCompare: (comparison: Comparison) => void;
  readonly onClose: () => void;
}

/** One picture and nothing else; arrows go on, Space or Escape go back. */
export function Viewer({ items, id, onMove, onRate, onCompare, onClose }: ViewerProps) {
  const hash = useImage(id).data?.recipe?.settings.source?.picture;
  const index = items.findIndex((item) => item.id === id);
  const image = items[index];
  if (!image) return null;
  const other = items[index + 1] ?? items[index - 1];
  const compare = () => {
    if (hash) onCompare({ after: id, before: { kind: 'source', hash } });
    else if (other) onCompare({ after: id, before: { kind: 'image', id: other.id } });
  };
  const move = (by: number) => {
    const next = items[index + by];
    if (next) onMove(next.id);
  };
  return (
    <Dialog label="Preview" shape="full" onClose={onClose}>
      <div
        className={styles.viewer}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight' || event.key === 'ArrowDown') move(1);
          else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(-1);
          else if (event.key === ' ') onClose();
          else if (event.key === 'c') compare();
          else if (/^[0-5]$/.test(event.key)) onRate(Number(event.key));
          else return;
          event.preventDefault();
        }}
      >
        <div>
          <img src={image.url} alt={image.prompt || 'A picture without a prompt'} />
        </div>
        <div className={styles.viewerBar}>
          <IconButton
            icon={ChevronLeft}
            label="Newer picture"
            disabled={index === 0}
            onClick={() => move(-1)}
          />
          <p>{image.prompt}</p>
          <Stars label="Rating" rating={image.rating} onChange={onRate} />
          <IconButton
            icon={Columns2}
            label="Compare"
            tip="Lays the picture over its source, or over its neighbour (C)"
            disabled={!hash && !other}
            onClick={compare}
          />
          <IconButton
            icon={ChevronRight}
            label="Older picture"
            disabled={index === items.length - 1}
            onClick={() => move(1)}
          />
          <IconButton icon={X} label="Close the preview" onClick={onClose} data-initial-focus />
        </div>
      </div>
    </Dialog>
  );
}
