import { Search, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Segments, Select } from '../../ui/field.tsx';
import fieldStyles from '../../ui/field.module.css';
import { formatCount } from '../../ui/format.ts';
import styles from './gallery-screen.module.css';
import type { LibraryState } from './library-pages.ts';

const searchDelayMs = 180;
const rowHeights = { min: 80, max: 420 } as const;

const ratings = ['0', '1', '2', '3', '4', '5'] as const;

export function GalleryTools({ state }: { readonly state: LibraryState }) {
  const { client, layout, library, toasts } = useWindow();
  const { galleryRowHeight } = useStore(layout);
  const { query, total, status } = state;
  const [text, setText] = useState(query.text);
  const [isAsking, setIsAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  // The search may also be set from elsewhere, such as the command palette.
  const [lastText, setLastText] = useState(query.text);
  if (lastText !== query.text) {
    setLastText(query.text);
    setText(query.text);
  }
  useEffect(() => {
    if (text === query.text) return;
    const timer = setTimeout(() => library.setQuery({ text }), searchDelayMs);
    return () => clearTimeout(timer);
  }, [text, query.text, library]);
  useShortcut('gallery.search', () => field.current?.select());

  const fill = ((galleryRowHeight - rowHeights.min) / (rowHeights.max - rowHeights.min)) * 100;
  return (
    <div className={styles.tools} role="toolbar" aria-label="Gallery">
      <div className={styles.search}>
        <Search aria-hidden />
        <input
          ref={field}
          className={fieldStyles.text}
          type="search"
          placeholder="Search prompts and models"
          aria-label="Search pictures"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            if (text === '') event.currentTarget.blur();
            else setText('');
          }}
        />
      </div>
      {!query.trashed && (
        <div className={styles.rated}>
          <Select
            label="Rating"
            bare
            tip="Shows only pictures with at least this many stars"
            value={ratings.find((rating) => Number(rating) === query.minRating) ?? '0'}
            options={ratings.map((value) => ({
              value,
              label:
                value === '0'
                  ? 'Any rating'
                  : `${'★'.repeat(Number(value))}${value === '5' ? '' : ' and up'}`,
            }))}
            onChange={(value) => library.setQuery({ minRating: Number(value) })}
          />
        </div>
      )}
      <span className={styles.count} role="status">
        {status === 'ready' ? formatCount(total, 'picture', 'pictures') : ''}
      </span>
      <div className={styles.toolsEnd}>
        {query.trashed && total > 0 && (
          <Button icon={Trash2} variant="danger" onClick={() => setIsAsking(true)}>
            Empty trash
          </Button>
        )}
        <Segments
          label="Which pictures"
          value={query.trashed ? 'trash' : 'library'}
          options={[
            { value: 'library', label: 'Library' },
            { value: 'trash', label: 'Trash' },
          ]}
          onChange={(place) => library.setQuery({ trashed: place === 'trash', minRating: 0 })}
        />
        <input
          type="range"
          className={`${fieldStyles.slider} ${styles.zoom}`}
          aria-label="Size of the pictures"
          data-tip="Shows more pictures at once, or larger ones"
          min={rowHeights.min}
          max={rowHeights.max}
          step={10}
          value={galleryRowHeight}
          style={{ '--fill': `${fill}%` } as React.CSSProperties}
          onChange={(event) => {
            const height = Number(event.currentTarget.value);
            layout.set((current) => ({ ...current, galleryRowHeight: height }));
          }}
        />
      </div>
      {isAsking && (
        <Dialog label="Empty the trash?" onClose={() => setIsAsking(false)}>
          <div className={styles.confirm}>
            <p>
              {formatCount(total, 'picture', 'pictures')} will be deleted for good. This cannot be
              undone.
            </p>
            <div>
              <Button onClick={() => setIsAsking(false)}>Keep them</Button>
              <Button
                variant="primary"
                onClick={() => {
                  setIsAsking(false);
                  const emptied = client['images.emptyTrash']({}).then(({ deleted }) => {
                    toasts.say(`${formatCount(deleted, 'picture', 'pictures')} deleted`);
                    library.reload();
                  });
                  void toasts.watch(emptied);
                }}
              >
                Delete for good
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </div>
  );
}
