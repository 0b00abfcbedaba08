/** Puts a picture of the library into the text. */
import { Images } from 'lucide-react';
import { useState } from 'react';
import type { ImageSummary } from '../../../../contract/images.ts';
import { useRecentImages } from '../../../app/queries.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { insertPicture, replacePicture, selectedPicture } from '../document/insert-picture.ts';
import type { SceneSession } from '../session/scene-session.ts';
import styles from './files.module.css';

interface PictureDialogProps {
  readonly session: SceneSession;
  readonly onClose: () => void;
}

export function PictureDialog({ session, onClose }: PictureDialogProps) {
  const { open } = useWindow();
  const images = useRecentImages().data;
  const [placed] = useState(() => selectedPicture(session));
  const [hash, setHash] = useState(placed?.contentHash ?? null);
  const [alt, setAlt] = useState(placed?.alt ?? '');
  const [caption, setCaption] = useState(placed?.caption ?? '');
  const choose = (image: ImageSummary) => {
    setHash(image.contentHash);
    setAlt(image.prompt.slice(0, 300));
  };
  const place = () => {
    if (hash === null) return;
    const picture = { contentHash: hash, alt: alt.trim(), caption: caption.trim() };
    if (placed === null) insertPicture(session, picture);
    else replacePicture(session, picture);
    onClose();
    session.view()?.focus();
  };

  return (
    <Dialog
      label={placed === null ? 'Place a picture' : 'The picture in the text'}
      shape="wide"
      onClose={onClose}
    >
      {images?.length === 0 ? (
        <EmptyState
          icon={Images}
          title="No pictures yet"
          action={
            <Button
              variant="primary"
              onClick={() => {
                onClose();
                open('create');
              }}
            >
              Go to Create
            </Button>
          }
        >
          What you draw in Create can be placed in the text.
        </EmptyState>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            place();
          }}
        >
          <div className={styles.pictures} role="radiogroup" aria-label="Newest pictures">
            {images?.map((image, index) => (
              <label key={image.id}>
                <input
                  type="radio"
                  name="picture"
                  aria-label={image.prompt || `Picture ${index + 1}`}
                  checked={hash === image.contentHash}
                  onChange={() => choose(image)}
                />
                <img src={image.thumbnailUrl} alt="" loading="lazy" draggable={false} />
              </label>
            ))}
          </div>
          <div className={styles.words}>
            <label htmlFor="picture-caption">Caption</label>
            <input
              id="picture-caption"
              placeholder="Stands below the picture"
              maxLength={2000}
              value={caption}
              onChange={(event) => setCaption(event.currentTarget.value)}
            />
            <label htmlFor="picture-alt">Description</label>
            <input
              id="picture-alt"
              placeholder="Read out to those who cannot see it"
              maxLength={2000}
              value={alt}
              onChange={(event) => setAlt(event.currentTarget.value)}
            />
          </div>
          <div className={styles.actions}>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={hash === null}>
              {placed === null ? 'Place' : 'Save'}
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
