/** Paints the mask of the source picture, in place of the stage. */
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useSyncExternalStore } from 'react';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { useMeasuredSize } from '../../ui/use-measured-size.ts';
import { resizeBrush, swapBlend, type CanvasTools } from './canvas-tools.ts';
import { fitView, keepInSight, panBy, zoomAt, type CanvasView } from './canvas-view.ts';
import { viewOf } from './kept-view.ts';
import type { Point } from './lasso.ts';
import type { MaskSession } from './mask-editor.ts';
import styles from './mask-stage.module.css';
import { MaskSurface } from './mask-surface.tsx';
import { ToolColumn, ToolOptions } from './mask-toolbar.tsx';
import { createPen } from './pen.ts';
import { useMaskWork, type MaskWork } from './use-mask-work.ts';

const zoomStep = 1.25;
const toolTitles: Readonly<Record<CanvasTools['tool'], string>> = {
  brush: 'Brush',
  eraser: 'Eraser',
  lasso: 'Lasso',
  fill: 'Fill',
};

export function MaskStage({ session }: { readonly session: MaskSession }) {
  const { canvasTools, canvasView, maskEditor, toasts } = useWindow();
  const { mask, picture } = session;
  const tools = useStore(canvasTools);
  const status = useSyncExternalStore(mask.subscribe, () => mask.status);
  const pen = useMemo(() => createPen(mask, canvasTools.get), [mask, canvasTools]);
  const [frame, place] = useMeasuredSize<HTMLDivElement>();
  /** Null shows the whole picture, however large the place is. */
  const chosenView = viewOf(useStore(canvasView), picture.hash);
  const setChosenView = useCallback(
    (next: CanvasView | null | ((current: CanvasView | null) => CanvasView | null)) =>
      canvasView.set((kept) => {
        const view = typeof next === 'function' ? next(viewOf(kept, picture.hash)) : next;
        return { picture: picture.hash, isOpen: true, view };
      }),
    [canvasView, picture.hash],
  );
  const [cursor, setCursor] = useState<Point | null>(null);
  const [said, setSaid] = useState('');
  const work = useMaskWork();
  const view = chosenView ?? fitView(picture, place);

  // Whoever leaves in the middle of a stroke keeps it.
  useEffect(() => () => pen.up(), [pen]);

  const change = (next: Partial<CanvasTools>) =>
    canvasTools.set((current) => ({ ...current, ...next }));
  // Several gestures may arrive before the next frame.
  const moveView = useCallback(
    (next: (view: CanvasView) => CanvasView) =>
      setChosenView((current) =>
        keepInSight(next(current ?? fitView(picture, place)), picture, place),
      ),
    [picture, place, setChosenView],
  );
  const zoom = (at: Point, factor: number) => moveView((current) => zoomAt(current, at, factor));
  const zoomMiddle = (factor: number) => zoom({ x: place.width / 2, y: place.height / 2 }, factor);
  const close = () => {
    if (work.cancel()) return;
    void toasts
      .watch(maskEditor.close())
      .then((done) => done && document.getElementById('paint-mask')?.focus());
  };
  const fill = (at: Point) => {
    const { fillBy, tolerance } = canvasTools.get();
    void work
      .run('Filling', async () =>
        mask.flood(
          at,
          fillBy === 'mask'
            ? { kind: 'mask' }
            : { kind: 'colour', pixels: await session.pixels(), tolerance },
        ),
      )
      .then((done) => setSaid(done ? 'Filled' : ''));
  };
  const invert = () => void work.run('Turning over', mask.invert);
  const clear = () => void work.run('Clearing', mask.clear);
  const feather = (sigmaPx: number) => void work.run('Feathering', () => mask.feather(sigmaPx));

  useShortcut('mask.brush', () => change({ tool: 'brush' }));
  useShortcut('mask.eraser', () => change({ tool: 'eraser' }));
  useShortcut('mask.lasso', () => change({ tool: 'lasso' }));
  useShortcut('mask.fill', () => change({ tool: 'fill' }));
  useShortcut('mask.swap', () => canvasTools.set(swapBlend));
  useShortcut('mask.smaller', () => canvasTools.set((current) => resizeBrush(current, -1)));
  useShortcut('mask.larger', () => canvasTools.set((current) => resizeBrush(current, 1)));
  useShortcut('mask.undo', () => {
    if (!pen.cancel()) mask.undo();
  });
  useShortcut('mask.redo', mask.redo);
  useShortcut('mask.invert', invert);
  useShortcut('mask.clear', clear);
  useShortcut('mask.zoomIn', () => zoomMiddle(zoomStep));
  useShortcut('mask.zoomOut', () => zoomMiddle(1 / zoomStep));
  useShortcut('mask.fit', () => setChosenView(null));

  const isBrush = tools.tool === 'brush' || tools.tool === 'eraser';
  return (
    <div className={styles.stage} role="group" aria-label="Mask editor">
      <ToolOptions settings={tools} onChange={change} onDone={close} />
      <div className={styles.middle}>
        <ToolColumn
          mask={mask}
          status={status}
          settings={tools}
          onChange={change}
          onInvert={invert}
          onClear={clear}
          onFeather={feather}
        />
        <div className={styles.place} ref={frame}>
          {place.width > 0 && (
            <MaskSurface
              session={session}
              pen={pen}
              tools={tools}
              view={view}
              place={place}
              cursor={cursor}
              onCursor={setCursor}
              onPan={(dx, dy) => moveView((current) => panBy(current, dx, dy))}
              onZoom={zoom}
              onView={setChosenView}
              onFill={fill}
              onSay={setSaid}
              onClose={close}
            />
          )}
          {work.shown && <WorkNote work={work.shown} onCancel={work.cancel} />}
        </div>
      </div>
      <div className={styles.foot}>
        <span>
          {toolTitles[tools.tool]}
          {isBrush && ` ${tools.sizePx} px`}
        </span>
        <span>
          {picture.width} × {picture.height}
        </span>
        <span className={styles.position}>
          {cursor && `${Math.floor(cursor.x)}, ${Math.floor(cursor.y)}`}
        </span>
        <IconButton
          icon={ZoomOut}
          label="Zoom out"
          tip="Shows more of the picture (−)"
          onClick={() => zoomMiddle(1 / zoomStep)}
        />
        <output className={styles.zoom} aria-label="Zoom">
          {Math.round(view.scale * 100)} %
        </output>
        <IconButton
          icon={ZoomIn}
          label="Zoom in"
          tip="Shows the picture larger (+)"
          onClick={() => zoomMiddle(zoomStep)}
        />
        <IconButton
          icon={Maximize}
          label="Show the whole picture"
          tip="Fits the picture into its place (0)"
          onClick={() => setChosenView(null)}
        />
        <span role="status" className="visually-hidden">
          {said}
        </span>
      </div>
    </div>
  );
}

function WorkNote({
  work: { title, fraction, secondsLeft },
  onCancel,
}: {
  readonly work: MaskWork;
  readonly onCancel: () => void;
}) {
  return (
    <div className={styles.work}>
      <span>
        {title} · {Math.round(fraction * 100)} %{secondsLeft !== null && ` · ${secondsLeft} s left`}
      </span>
      <Button tip="Stops and leaves the mask as it was (Esc)" onClick={onCancel}>
        Cancel
      </Button>
      <ProgressBar label={title} fraction={fraction} />
    </div>
  );
}
