/** Every picture of the library: found, looked at, marked, put together, handed on. */
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { MarkChange } from '../../../contract/images.ts';
import { defaultLayout } from '../../app/layout-state.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Resizer } from '../../ui/resizer.tsx';
import { BatchPanel } from './batch-panel.tsx';
import { DetailPanel } from './detail-panel.tsx';
import { useAlbums } from './facet-queries.ts';
import { FacetsPanel } from './facets-panel.tsx';
import { galleryActions } from './gallery-actions.ts';
import { GalleryOverlays, type GalleryOverlay } from './gallery-overlays.tsx';
import styles from './gallery-screen.module.css';
import { chooseOne } from './gallery-selection.ts';
import { GalleryTools } from './gallery-tools.tsx';
import { defaultGalleryView } from './gallery-view.ts';
import { Grid } from './grid.tsx';
import { NothingHere } from './nothing-here.tsx';
import { PictureMenu } from './picture-menu.tsx';
import { useAlbumChanges } from './use-album-changes.ts';
import { useGalleryDeeds } from './use-gallery-deeds.ts';
import { useGalleryKeys } from './use-gallery-keys.ts';

/** Narrower windows start without the albums and filters. */
const wideWindowPx = 1280;

export function GalleryScreen() {
  const { gallerySelection, galleryView, layout, library } = useWindow();
  const { index, query, status, error, problems } = useStore(library.state);
  const selection = useStore(gallerySelection);
  const view = useStore(galleryView);
  const { galleryDetailWidth, galleryRowHeight } = useStore(layout);
  const rowHeight = useDeferredValue(galleryRowHeight);
  const [overlay, setOverlay] = useState<GalleryOverlay | null>(null);
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const screen = useRef<HTMLDivElement>(null);
  const { create } = useAlbumChanges();
  const album = (useAlbums() ?? []).find(({ id }) => id === query.album) ?? null;

  useEffect(() => library.open(), [library]);

  const isWide = useIsWide();
  const showsFacets = view.showsFacets ?? isWide;
  const showsDetails = (view.showsDetails ?? true) && selection.focused !== null;
  const chosen = useMemo(() => [...selection.chosen], [selection.chosen]);
  const focusGrid = () =>
    screen.current?.querySelector<HTMLElement>('[role=listbox][aria-multiselectable]')?.focus();

  const mark = (ids: readonly ImageId[], change: MarkChange) => {
    if (ids.length === 0 || query.trashed) return;
    library.mark(ids, change);
    const isTriage = 'rating' in change || 'flag' in change || 'label' in change;
    const [only] = ids;
    if (!view.advances || !isTriage || ids.length > 1 || only === undefined) return;
    const next = index.idAt(index.placeOf(only) + 1);
    if (next !== null) gallerySelection.set(chooseOne(next));
  };
  const deeds = useGalleryDeeds({
    chosen,
    selection,
    query,
    album,
    index,
    mark,
    setOverlay,
    setRenaming: (id) => {
      if (!showsFacets) galleryView.set((now) => ({ ...now, showsFacets: true }));
      setRenaming(id);
    },
  });
  const actions = galleryActions(deeds);
  const togglePanel = (panel: 'showsFacets' | 'showsDetails', shown: boolean) =>
    galleryView.set((now) => ({ ...now, [panel]: !shown }));
  useGalleryKeys({
    actions,
    chosen,
    mark,
    onToggleFacets: () => togglePanel('showsFacets', showsFacets),
    onToggleDetails: () => togglePanel('showsDetails', view.showsDetails ?? true),
  });

  return (
    <div ref={screen} className={styles.screen}>
      {showsFacets && (
        <>
          <aside
            className={styles.facets}
            style={{ width: view.facetsWidth }}
            aria-label="Albums and filters"
          >
            <FacetsPanel
              query={query}
              renaming={renaming}
              onRename={setRenaming}
              onDuplicates={() => setOverlay({ kind: 'duplicates' })}
            />
          </aside>
          <Resizer
            label="Width of albums and filters"
            panel="left"
            width={view.facetsWidth}
            min={160}
            max={360}
            defaultWidth={defaultGalleryView.facetsWidth}
            onChange={(width) => galleryView.set((now) => ({ ...now, facetsWidth: width }))}
          />
        </>
      )}
      <div className={styles.main}>
        <GalleryTools
          query={query}
          album={album}
          total={status === 'ready' ? index.count : null}
          chosen={chosen.length}
          showsFacets={showsFacets}
          showsDetails={view.showsDetails ?? true}
          onToggleFacets={() => togglePanel('showsFacets', showsFacets)}
          onToggleDetails={() => togglePanel('showsDetails', view.showsDetails ?? true)}
          onSaveSearch={(text) =>
            void create({ name: text.slice(0, 60), query: text }).then((id) => {
              if (id === null) return;
              library.show({ album: id });
              deeds.rename(id);
            })
          }
          onLeaveSearch={focusGrid}
          onExport={deeds.exportAll}
          onSlideshow={() => setOverlay({ kind: 'slideshow' })}
        />
        {index.count > 0 ? (
          <Grid
            query={query}
            index={index}
            rowHeight={rowHeight}
            selection={selection}
            canArrange={album?.kind === 'album' && query.order === 'album' && query.like === null}
            onSelect={gallerySelection.set}
            onView={() => setOverlay({ kind: 'viewer' })}
            onMenu={setMenu}
          />
        ) : (
          <div className={styles.empty}>
            <NothingHere status={status} error={error} query={query} problems={problems} />
          </div>
        )}
      </div>
      {showsDetails && selection.focused !== null && (
        <>
          <Resizer
            label="Width of the details"
            panel="right"
            width={galleryDetailWidth}
            min={260}
            max={520}
            defaultWidth={defaultLayout.galleryDetailWidth}
            onChange={(width) =>
              layout.set((current) => ({ ...current, galleryDetailWidth: width }))
            }
          />
          <aside
            className={styles.detail}
            style={{ width: galleryDetailWidth }}
            aria-label="Details of the picture"
          >
            {chosen.length > 1 ? (
              <BatchPanel
                ids={chosen}
                trashed={query.trashed}
                onMark={(change) => mark(chosen, change)}
                onRemove={deeds.removeOrRestore}
                onAlbum={() => setOverlay({ kind: 'album' })}
                onCompare={deeds.compare}
                onLeave={focusGrid}
              />
            ) : (
              <DetailPanel
                id={selection.focused}
                trashed={query.trashed}
                onMark={(change) => mark(chosen, change)}
                onRemove={deeds.removeOrRestore}
                onLineage={() => deeds.lineage?.()}
                onLeave={focusGrid}
              />
            )}
          </aside>
        </>
      )}
      {menu && <PictureMenu at={menu} actions={actions} onClose={() => setMenu(null)} />}
      {overlay && (
        <GalleryOverlays
          overlay={overlay}
          index={index}
          selection={selection}
          trashed={query.trashed}
          onMark={mark}
          onRemove={deeds.removeOrRestore}
          onOverlay={setOverlay}
        />
      )}
    </div>
  );
}

function useIsWide(): boolean {
  const [isWide, setIsWide] = useState(() => window.innerWidth >= wideWindowPx);
  useEffect(() => {
    const measure = () => setIsWide(window.innerWidth >= wideWindowPx);
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, []);
  return isWide;
}
