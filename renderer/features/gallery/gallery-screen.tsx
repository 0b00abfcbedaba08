/** Every picture of the library. */
import { ImageOff, Images, SearchX, Trash2 } from 'lucide-react';
import { useDeferredValue, useEffect, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { defaultLayout } from '../../app/layout-state.ts';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Resizer } from '../../ui/resizer.tsx';
import { CompareDialog } from '../compare/compare-dialog.tsx';
import type { Comparison } from '../compare/comparison.ts';
import { useReuse } from '../create/use-reuse.ts';
import { DetailPanel } from './detail-panel.tsx';
import { Grid } from './grid.tsx';
import { chooseOne, selectionAfterRemoval } from './gallery-selection.ts';
import styles from './gallery-screen.module.css';
import type { LibraryState } from './library-pages.ts';
import { GalleryTools } from './tools.tsx';
import { Viewer } from './viewer.tsx';

export function GalleryScreen() {
  const { gallerySelection, layout, library } = useWindow();
  const state = useStore(library.state);
  const selection = useStore(gallerySelection);
  const setSelection = gallerySelection.set;
  const { galleryDetailWidth, galleryRowHeight } = useStore(layout);
  const [isViewing, setIsViewing] = useState(false);
  const [comparison, setComparison] = useState<Comparison | null>(null);
  const { reuse } = useReuse();
  const rowHeight = useDeferredValue(galleryRowHeight);
  const { items, query } = state;

  useEffect(() => library.open(), [library]);

  const chosen = [...selection.chosen];
  const remove = (ids: readonly ImageId[]) => {
    if (ids.length === 0) return;
    setSelection(
      selectionAfterRemoval(
        items.map(({ id }) => id),
        new Set(ids),
      ),
    );
    if (query.trashed) library.restore(ids);
    else library.trash(ids);
  };
  const rate = (rating: number) => {
    if (chosen.length > 0 && !query.trashed) library.rate(chosen, rating);
  };
  const [newer, older] = items.filter(({ id }) => selection.chosen.has(id));
  const canCompare = chosen.length === 2 && newer !== undefined && older !== undefined;
  const compareChosen = () => {
    if (newer && older) setComparison({ after: newer.id, before: { kind: 'image', id: older.id } });
  };
  useShortcut('gallery.compare', () => {
    if (!canCompare || isViewing) return false;
    compareChosen();
    return true;
  });
  const reuseFocused = () => {
    if (selection.focused) void reuse(selection.focused, 'all');
  };

  return (
    <div className={styles.screen}>
      <div className={styles.main}>
        <GalleryTools state={state} />
        {items.length > 0 ? (
          <Grid
            items={items}
            total={state.total}
            rowHeight={rowHeight}
            selection={selection}
            onSelect={setSelection}
            onView={() => setIsViewing(true)}
            onRate={rate}
            onReuse={reuseFocused}
            onRemove={() => remove(chosen)}
            onNeed={library.ensure}
          />
        ) : (
          <div className={styles.empty}>
            <Nothing state={state} />
          </div>
        )}
      </div>
      {selection.focused && (
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
            <DetailPanel
              id={selection.focused}
              chosenCount={chosen.length}
              trashed={query.trashed}
              onRate={rate}
              onRemove={() => remove(chosen)}
              onCompare={canCompare ? compareChosen : null}
            />
          </aside>
        </>
      )}
      {isViewing && selection.focused && (
        <Viewer
          items={items}
          id={selection.focused}
          onMove={(id) => setSelection(chooseOne(id))}
          onRate={rate}
          onCompare={setComparison}
          onClose={() => setIsViewing(false)}
        />
      )}
      {comparison && <CompareDialog comparison={comparison} onClose={() => setComparison(null)} />}
    </div>
  );
}

function Nothing({ state: { status, error, query } }: { readonly state: LibraryState }) {
  const { library, open } = useWindow();
  switch (status) {
    case 'untouched':
    case 'loading':
      return <div aria-busy="true" aria-label="Loading pictures" role="status" />;
    case 'failed':
      return (
        <EmptyState
          icon={ImageOff}
          title="The library could not be read"
          action={<Button onClick={library.reload}>Try again</Button>}
        >
          {error?.message}
        </EmptyState>
      );
    case 'ready':
      break;
    default:
      status satisfies never;
  }
  if (query.text !== '' || query.minRating > 0) {
    return (
      <EmptyState
        icon={SearchX}
        title="No picture matches"
        action={
          <Button onClick={() => library.setQuery({ text: '', minRating: 0 })}>Show all</Button>
        }
      >
        Words are looked for in prompts and model names. Use fewer of them, or lower the rating.
      </EmptyState>
    );
  }
  if (query.trashed) {
    return (
      <EmptyState icon={Trash2} title="The trash is empty">
        Deleted pictures wait here until you restore them or empty the trash.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Images}
      title="No pictures yet"
      action={
        <Button variant="primary" onClick={() => open('create')}>
          Draw the first one
        </Button>
      }
    >
      Everything you draw is kept here, with the recipe to draw it again.
    </EmptyState>
  );
}
