/** Above the grid: search, order, how many, what can be done with them, how large they are. */
import {
  Download,
  PanelLeft,
  PanelRight,
  Play,
  ScanSearch,
  StepForward,
  Trash2,
  Upload,
  X,
} from 'lucide-react';
import { useState } from 'react';
import type { Album } from '../../../contract/albums.ts';
import type { ImageOrder, ImageQuery } from '../../../contract/images.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select } from '../../ui/field.tsx';
import fieldStyles from '../../ui/field.module.css';
import { formatCount } from '../../ui/format.ts';
import styles from './gallery-screen.module.css';
import { SearchField } from './search-field.tsx';
import { rowHeights } from './row-heights.ts';
import { useAlbumChanges } from './use-album-changes.ts';

interface GalleryToolsProps {
  readonly query: ImageQuery;
  /** The one that is shown. */
  readonly album: Album | null;
  /** Null until it is known. */
  readonly total: number | null;
  readonly chosen: number;
  readonly showsFacets: boolean;
  readonly showsDetails: boolean;
  readonly onToggleFacets: () => void;
  readonly onToggleDetails: () => void;
  readonly onSaveSearch: (text: string) => void;
  readonly onLeaveSearch: () => void;
  readonly onExport: (() => void) | null;
  readonly onSlideshow: () => void;
}

const orderTitles: Readonly<Record<ImageOrder, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  rating: 'Best first',
  name: 'By file name',
  largest: 'Largest first',
  similar: 'Most alike first',
  album: 'As in the album',
};

export function GalleryTools(props: GalleryToolsProps) {
  const { query, album, total, chosen, showsFacets, showsDetails, onExport } = props;
  const { galleryExtensions, galleryView, library } = useWindow();
  const { advances } = useStore(galleryView);
  const { setOrder } = useAlbumChanges();
  const orders = (Object.keys(orderTitles) as ImageOrder[]).filter(
    (order) =>
      (order !== 'similar' || query.like !== null) &&
      (order !== 'album' || album?.kind === 'album'),
  );
  const count = total === null ? '' : formatCount(total, 'picture', 'pictures');
  return (
    <div className={styles.tools} role="toolbar" aria-label="Gallery">
      <IconButton
        icon={PanelLeft}
        label="Albums and filters"
        tip="Shows or hides albums and filters ([)"
        aria-pressed={showsFacets}
        onClick={props.onToggleFacets}
      />
      {query.like !== null && (
        <span className={styles.chip}>
          <ScanSearch aria-hidden />
          Similar
          <IconButton
            icon={X}
            label="Leave similar pictures"
            tip="Goes back to all pictures"
            onClick={() => library.setQuery({ like: null, order: 'newest' })}
          />
        </span>
      )}
      <SearchField text={query.text} onSave={props.onSaveSearch} onLeave={props.onLeaveSearch} />
      <div className={styles.order}>
        <Select
          label="Order"
          bare
          tip="Which pictures come first"
          value={orders.includes(query.order) ? query.order : 'newest'}
          options={orders.map((value) => ({ value, label: orderTitles[value] }))}
          onChange={(order) => {
            library.setQuery({ order });
            if (album && order !== 'similar') void setOrder(album, order);
          }}
        />
      </div>
      <span className={styles.count} role="status">
        {chosen > 1 ? `${chosen.toLocaleString('en')} of ${count}` : count}
      </span>
      <div className={styles.toolsEnd}>
        {query.trashed && total !== null && total > 0 && <EmptyTrash total={total} />}
        <Button
          icon={Download}
          aria-label="Import"
          tip="Brings pictures into the library"
          onClick={() => galleryExtensions.importFiles(null)}
        >
          <span className={styles.word}>Import</span>
        </Button>
        {onExport && (
          <Button
            icon={Upload}
            aria-label="Export"
            disabled={total === 0}
            tip="Hands the chosen pictures over, or all that are shown (E)"
            onClick={onExport}
          >
            <span className={styles.word}>Export</span>
          </Button>
        )}
        <IconButton
          icon={StepForward}
          label="Go on after a mark"
          tip="Goes on to the next picture once one was rated, flagged or labelled"
          aria-pressed={advances}
          onClick={() => galleryView.set((now) => ({ ...now, advances: !advances }))}
        />
        <IconButton
          icon={Play}
          label="Slideshow"
          tip="Shows one picture after the other in the whole window (F)"
          disabled={total === 0}
          onClick={props.onSlideshow}
        />
        <ZoomSlider />
        <IconButton
          icon={PanelRight}
          label="Details"
          tip="Shows or hides the details of the picture (])"
          aria-pressed={showsDetails}
          onClick={props.onToggleDetails}
        />
      </div>
    </div>
  );
}

function ZoomSlider() {
  const { layout } = useWindow();
  const { galleryRowHeight } = useStore(layout);
  const fill = ((galleryRowHeight - rowHeights.min) / (rowHeights.max - rowHeights.min)) * 100;
  return (
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
      onDoubleClick={() =>
        layout.set((current) => ({ ...current, galleryRowHeight: rowHeights.usual }))
      }
      onChange={(event) => {
        const height = Number(event.currentTarget.value);
        layout.set((current) => ({ ...current, galleryRowHeight: height }));
      }}
    />
  );
}

function EmptyTrash({ total }: { readonly total: number }) {
  const { client, library, toasts } = useWindow();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button icon={Trash2} variant="danger" onClick={() => setIsAsking(true)}>
        Empty trash
      </Button>
      {isAsking && (
        <Dialog label="Empty the trash?" onClose={() => setIsAsking(false)}>
          <div className={styles.confirm}>
            <p>
              {library.state.get().query.text === ''
                ? `${formatCount(total, 'picture', 'pictures')} will be deleted for good.`
                : 'Every picture of the trash will be deleted for good, not only those found.'}{' '}
              This cannot be undone.
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
    </>
  );
}
