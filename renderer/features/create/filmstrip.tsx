import type { ImageSummary } from '../../../contract/images.ts';
import { useQueue } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import styles from './filmstrip.module.css';
import { carryPicture } from './picture-drag.ts';
import { PreviewCanvas } from './preview-canvas.tsx';
import { SheetMark } from '../../ui/sheet-mark.tsx';
import { jobFraction, queuedJobs, runningJob, type Stage } from './stage.ts';

const frameHeightPx = 70;

/** The newest pictures; what is being drawn comes first. */
export function Filmstrip({
  stage,
  recent,
}: {
  readonly stage: Stage;
  readonly recent: readonly ImageSummary[];
}) {
  const { comparison, exploration, open, previews, selection } = useWindow();
  const history = useStore(previews);
  const queue = useQueue();
  const running = runningJob(queue);
  const waiting = queuedJobs(queue).reduce(
    (pictures, job) => pictures + job.request.count - job.imageIds.length,
    0,
  );
  const preview = running
    ? history
        .findLast(
          ({ jobId, picture }) =>
            jobId === running.id && picture === (running.progress?.picture ?? 0),
        )
        ?.previews.at(-1)
    : undefined;

  return (
    <div className={styles.strip} role="group" aria-label="Newest pictures" tabIndex={-1}>
      {waiting > 0 && (
        <button
          type="button"
          className={classNames(styles.frame, styles.live, styles.waiting)}
          data-tip="Opens the queue"
          onClick={() => open('activity')}
        >
          <span>{waiting.toLocaleString('en')} waiting</span>
        </button>
      )}
      {running && (
        <button
          type="button"
          className={classNames(styles.frame, styles.live)}
          aria-label="The picture being drawn"
          aria-current={stage.kind === 'drawing'}
          onClick={() => selection.set({ kind: 'newest' })}
        >
          {preview && <PreviewCanvas preview={preview} longSide={140} label="Preview" />}
          <ProgressBar label="Running job" fraction={jobFraction(running)} />
        </button>
      )}
      {recent.map((image) => (
        <button
          key={image.id}
          type="button"
          className={styles.frame}
          style={{
            width: Math.round(
              frameHeightPx * Math.min(1.8, Math.max(0.56, image.width / image.height)),
            ),
          }}
          aria-label={`${image.isSheet ? 'Grid: ' : ''}${image.prompt || 'A picture without a prompt'}`}
          aria-current={stage.kind === 'image' && stage.id === image.id}
          data-tip={image.prompt}
          draggable
          onDragStart={(event) => carryPicture(event.dataTransfer, image.id)}
          onClick={() => {
            const compared = comparison.get();
            if (compared) comparison.set({ ...compared, before: { kind: 'image', id: image.id } });
            else selection.set({ kind: 'image', id: image.id });
            exploration.set(null);
          }}
        >
          <img src={image.thumbnailUrl} alt="" loading="lazy" decoding="async" draggable={false} />
          {image.isSheet && <SheetMark />}
        </button>
      ))}
      {recent.length === 0 && !running && <p className={styles.note}>Your pictures gather here.</p>}
    </div>
  );
}
