/** One picture and nothing else; arrows go on, Space or Escape go back. */
import { ChevronLeft, ChevronRight, Columns2, Info, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageSummary, MarkChange } from '../../../contract/images.ts';
import { useImage } from '../../app/queries.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { actualZoom, wholeView, type LinkedView, type Size } from '../compare/linked-view.ts';
import { viewAfterArrow, viewAfterKey, ZoomPane } from '../compare/zoom-pane.tsx';
import { MarksEditor } from './marks-editor.tsx';
import { fileFacts, promptsOf, recipeFacts } from './picture-facts.ts';
import type { PictureIndex } from './picture-index.ts';
import { markOfKey } from './triage-keys.ts';
import { useSummaries } from './use-summary.ts';
import styles from './viewer.module.css';

interface ViewerProps {
  readonly index: PictureIndex;
  readonly id: ImageId;
  readonly onMove: (id: ImageId) => void;
  readonly onMark: (change: MarkChange) => void;
  readonly onCompare: () => void;
  /** Opens what tags it, notes on it or puts it into an album; null in the trash. */
  readonly onOver: ((what: 'tag' | 'note' | 'album') => void) | null;
  /** Null in the trash. */
  readonly onExport: (() => void) | null;
  readonly onRemove: () => void;
  readonly onClose: () => void;
}

export function Viewer(props: ViewerProps) {
  const { index, id, onMove, onMark, onCompare, onOver, onExport, onRemove, onClose } = props;
  const place = index.placeOf(id);
  const stage = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<LinkedView>(wholeView);
  const [showsInfo, setShowsInfo] = useState(false);
  const near = [id, index.idAt(place + 1), index.idAt(place - 1)].filter((other) => other !== null);
  const [image, ...beside] = useSummaries(near) ?? [];
  usePreloaded(beside);

  const [lastId, setLastId] = useState(id);
  if (lastId !== id) {
    setLastId(id);
    setView(wholeView);
  }

  const move = (by: number) => {
    const next = index.idAt(place + by);
    if (next !== null) onMove(next);
  };
  const sizeOf = (): Size => ({
    width: stage.current?.clientWidth ?? 1,
    height: stage.current?.clientHeight ?? 1,
  });
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    const { key } = event;
    const mark = markOfKey(event, image);
    const next = image && (viewAfterKey(key, view, image, sizeOf()) ?? viewAfterArrow(key, view));
    if (mark) onMark(mark);
    else if (next) setView(next);
    else if (key === 'ArrowRight' || key === 'ArrowDown' || key === 'PageDown') move(1);
    else if (key === 'ArrowLeft' || key === 'ArrowUp' || key === 'PageUp') move(-1);
    else if (key === 'Home') move(-place);
    else if (key === 'End') move(index.count - 1 - place);
    else if (key === ' ') onClose();
    else if (key === 'i') setShowsInfo(!showsInfo);
    else if (key === 'c') onCompare();
    else if (key === 't') onOver?.('tag');
    else if (key === 'n') onOver?.('note');
    else if (key === 'a') onOver?.('album');
    else if (key === 'e') onExport?.();
    else if (key === 'Delete' || key === 'Backspace') onRemove();
    else return;
    event.preventDefault();
  };
  return (
    <Dialog label="Preview" shape="full" onClose={onClose}>
      <div className={styles.viewer} onKeyDown={onKeyDown}>
        <div ref={stage} className={styles.stage}>
          {image && (
            <ZoomPane
              key={id}
              picture={{ ...image, alt: image.prompt || 'A picture without a prompt' }}
              view={view}
              onView={setView}
            />
          )}
          {showsInfo && <InfoOverlay id={id} />}
        </div>
        <div className={styles.bar}>
          <IconButton
            icon={ChevronLeft}
            label="Previous picture"
            tip="The picture before it (←)"
            disabled={place <= 0}
            onClick={() => move(-1)}
          />
          <span className={styles.count}>
            {(place + 1).toLocaleString('en')} of {index.count.toLocaleString('en')}
          </span>
          <p>{image?.prompt}</p>
          {image && <MarksEditor marks={image} onMark={onMark} />}
          <Button
            variant="quiet"
            tip="Shows the whole picture, or one pixel of it on one of the screen (Z)"
            onClick={() =>
              image &&
              setView(
                view.zoom > 1
                  ? wholeView
                  : { ...view, zoom: actualZoom(image, sizeOf(), devicePixelRatio) },
              )
            }
          >
            {view.zoom > 1 ? 'Fit' : '1:1'}
          </Button>
          <IconButton
            icon={Columns2}
            label="Compare"
            tip="Lays the picture over its source, or beside its neighbour (C)"
            onClick={onCompare}
          />
          <IconButton
            icon={Info}
            label="Recipe"
            tip="Shows or hides how the picture was made (I)"
            aria-pressed={showsInfo}
            onClick={() => setShowsInfo(!showsInfo)}
          />
          <IconButton
            icon={ChevronRight}
            label="Next picture"
            tip="The picture after it (→)"
            disabled={place >= index.count - 1}
            onClick={() => move(1)}
          />
          <IconButton icon={X} label="Close the preview" onClick={onClose} data-initial-focus />
        </div>
      </div>
    </Dialog>
  );
}

function InfoOverlay({ id }: { readonly id: ImageId }) {
  const { data: image } = useImage(id);
  if (!image) return null;
  const { prompt, negativePrompt } = promptsOf(image);
  return (
    <dl className={styles.info} aria-label="How the picture was made">
      {[
        ['Prompt', prompt] as const,
        ...(negativePrompt === '' ? [] : [['Left out', negativePrompt] as const]),
        ...recipeFacts(image),
        ...fileFacts(image).slice(0, 4),
      ].map(([name, value], at) => (
        <div key={`${name} ${at}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Has the browser decode pictures that are likely to be shown next. */
export function usePreloaded(pictures: readonly (ImageSummary | undefined)[]): void {
  const urls = pictures.flatMap((picture) => picture?.url ?? []).join(' ');
  useEffect(() => {
    const loading = urls.split(' ').map((url) => {
      const image = new Image();
      if (url !== '') image.src = url;
      return image;
    });
    return () => loading.splice(0).forEach((image) => image.removeAttribute('src'));
  }, [urls]);
}
