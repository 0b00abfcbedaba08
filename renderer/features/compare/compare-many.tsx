/** Two to four pictures side by side: zoomed and moved together, their recipes compared, rated in place. */
import {
  ArrowLeftRight,
  Check,
  Minus,
  Plus,
  SplitSquareHorizontal,
  TableProperties,
  X,
} from 'lucide-react';
import { useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { useImages } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { MarksEditor } from '../gallery/marks-editor.tsx';
import { markOfKey } from '../gallery/triage-keys.ts';
import { useSummary } from '../gallery/use-summary.ts';
import styles from './compare-many.module.css';
import { ComparedPictures } from './compared-pictures.tsx';
import { actualZoom, wholeView, zoomed, type LinkedView, type Size } from './linked-view.ts';
import { RecipeTable } from './recipe-table.tsx';
import { viewAfterArrow, viewAfterKey, ZoomPane } from './zoom-pane.tsx';

interface CompareManyProps {
  /** Two to four. */
  readonly ids: readonly ImageId[];
  readonly onClose: () => void;
}

export function CompareMany({ ids: asked, onClose }: CompareManyProps) {
  const { library } = useWindow();
  const [ids, setIds] = useState(asked);
  const [active, setActive] = useState(0);
  const [view, setView] = useState<LinkedView>(wholeView);
  const [isOver, setIsOver] = useState(false);
  const [showsRecipes, setShowsRecipes] = useState(true);
  const panes = useRef<HTMLDivElement>(null);
  const images = useImages(ids)?.filter((image) => image !== null) ?? [];
  const current = images[active];

  const placeOf = (): Size => {
    const pane = panes.current?.querySelector('[data-pane]');
    return { width: pane?.clientWidth ?? 1, height: pane?.clientHeight ?? 1 };
  };
  const swap = () => {
    const other = (active + 1) % ids.length;
    const next = [...ids];
    [next[active], next[other]] = [ids[other] ?? '', ids[active] ?? ''];
    setIds(next);
    setActive(other);
  };
  const takeOut = (at: number) => {
    const next = ids.filter((_, place) => place !== at);
    if (next.length < 2) {
      onClose();
      return;
    }
    setIds(next);
    setActive(Math.min(active, next.length - 1));
  };
  const zoomBy = (factor: number) =>
    current && setView(zoomed(view, factor, null, current, placeOf()));

  const onKeyDown = (event: React.KeyboardEvent) => {
    const mark =
      current && !event.defaultPrevented
        ? markOfKey(event, library.summaries.get(current.id))
        : null;
    const next =
      current &&
      (viewAfterKey(event.key, view, current, placeOf()) ?? viewAfterArrow(event.key, view));
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (mark && current) library.mark([current.id], mark);
    else if (next) setView(next);
    else if (event.key === 'ArrowRight') setActive((active + 1) % ids.length);
    else if (event.key === 'ArrowLeft') setActive((active - 1 + ids.length) % ids.length);
    else if (event.key === 's') swap();
    else if (event.key === 'o' && ids.length === 2) setIsOver(!isOver);
    else if (event.key === 'i') setShowsRecipes(!showsRecipes);
    else if (event.key === 'Backspace' || event.key === 'Delete') takeOut(active);
    else if (event.key === 'c') onClose();
    else return;
    event.preventDefault();
  };

  const [after, before] = ids;
  return (
    <Dialog label="Compare" shape="full" onClose={onClose}>
      <div className={styles.compare} onKeyDown={onKeyDown}>
        <div ref={panes} className={styles.panes} data-count={images.length}>
          {isOver && after !== undefined && before !== undefined ? (
            <div className={styles.over}>
              <ComparedPictures comparison={{ after, before: { kind: 'image', id: before } }} />
            </div>
          ) : (
            images.map((image, at) => (
              <ComparePane
                key={image.id}
                image={image}
                isActive={at === active}
                view={view}
                onView={setView}
                onActivate={() => setActive(at)}
                onTakeOut={() => takeOut(at)}
              />
            ))
          )}
        </div>
        {showsRecipes && images.length > 0 && <RecipeTable images={images} />}
        <div className={styles.bar} role="toolbar" aria-label="Compare">
          {!isOver && (
            <>
              <Button
                variant="quiet"
                tip="Shows the whole pictures (Z)"
                onClick={() => setView(wholeView)}
              >
                Fit
              </Button>
              <Button
                variant="quiet"
                tip="One pixel of the picture on one of the screen (Z)"
                onClick={() =>
                  current &&
                  setView({ ...view, zoom: actualZoom(current, placeOf(), devicePixelRatio) })
                }
              >
                1:1
              </Button>
              <IconButton
                icon={Minus}
                label="Zoom out"
                tip="Zooms all of them out (-)"
                onClick={() => zoomBy(1 / 1.5)}
              />
              <IconButton
                icon={Plus}
                label="Zoom in"
                tip="Zooms all of them in (+)"
                onClick={() => zoomBy(1.5)}
              />
              <span className={styles.divider} />
            </>
          )}
          <IconButton
            icon={ArrowLeftRight}
            label="Swap"
            tip="The marked picture changes places with the next (S)"
            onClick={swap}
          />
          {ids.length === 2 && (
            <IconButton
              icon={SplitSquareHorizontal}
              label="Lay over each other"
              tip="Lays one over the other with a border to drag (O)"
              aria-pressed={isOver}
              onClick={() => setIsOver(!isOver)}
            />
          )}
          <IconButton
            icon={TableProperties}
            label="Recipes"
            tip="Shows or hides in what the recipes differ (I)"
            aria-pressed={showsRecipes}
            onClick={() => setShowsRecipes(!showsRecipes)}
          />
          <span className={styles.divider} />
          <Button
            icon={Check}
            data-initial-focus
            tip="Goes back to the gallery (Esc)"
            onClick={onClose}
          >
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

interface ComparePaneProps {
  readonly image: ImageDetail;
  readonly isActive: boolean;
  readonly view: LinkedView;
  readonly onView: (view: LinkedView) => void;
  readonly onActivate: () => void;
  readonly onTakeOut: () => void;
}

function ComparePane(props: ComparePaneProps) {
  const { image, isActive, view, onView, onActivate, onTakeOut } = props;
  const { library } = useWindow();
  const summary = useSummary(image.id);
  return (
    <figure
      className={styles.pane}
      aria-label={image.prompt || 'A picture without a prompt'}
      aria-current={isActive ? 'true' : undefined}
      onPointerDown={onActivate}
      onFocus={onActivate}
    >
      <div className={styles.picture} data-pane>
        <ZoomPane
          picture={{ ...image, alt: image.prompt || 'A picture without a prompt' }}
          view={view}
          onView={onView}
        />
      </div>
      <figcaption className={styles.caption}>
        <MarksEditor
          marks={summary ?? image}
          onMark={(change) => library.mark([image.id], change)}
        />
        <IconButton
          icon={X}
          label="Take out of the comparison"
          tip="Goes on without this picture (Del)"
          onClick={onTakeOut}
        />
      </figcaption>
    </figure>
  );
}
