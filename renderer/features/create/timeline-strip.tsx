/** The steps of a finished picture: pointing shows one, a click or the arrow keys stay at it. */
import type { TimelineStep } from '../../../contract/timeline.ts';
import { PreviewCanvas } from './preview-canvas.tsx';
import { sampleEvenly } from './sample-evenly.ts';
import styles from './stage-view.module.css';
import { nextStep } from './timeline-steps.ts';

interface TimelineStripProps {
  readonly steps: readonly TimelineStep[];
  /** Pointed at or stayed at; null shows the picture itself. */
  readonly shownStep: number | null;
  readonly pinnedStep: number | null;
  readonly onPoint: (step: number | null) => void;
  readonly onPin: (step: number | null) => void;
}

const mostStepsShown = 40;

export function TimelineStrip({
  steps,
  shownStep,
  pinnedStep,
  onPoint,
  onPin,
}: TimelineStripProps) {
  const last = steps.at(-1)?.step ?? 0;
  if (last === 0) return <div className={styles.steps} />;
  return (
    <div
      className={styles.steps}
      role="slider"
      tabIndex={0}
      aria-label="Steps of the picture"
      aria-description="Arrow keys go through the steps; Escape goes back to the picture."
      aria-valuemin={1}
      aria-valuemax={last}
      aria-valuenow={pinnedStep ?? last}
      aria-valuetext={pinnedStep === null ? 'Finished' : `Step ${pinnedStep} of ${last}`}
      onPointerLeave={() => onPoint(null)}
      onKeyDown={(event) => {
        const next = nextStep(
          steps.map(({ step }) => step),
          pinnedStep,
          event.key,
        );
        if (next === undefined) return;
        // The same keys go from picture to picture elsewhere on the screen.
        event.preventDefault();
        onPin(next);
      }}
    >
      {sampleEvenly(steps, mostStepsShown).map((preview) => (
        <PreviewCanvas
          key={preview.step}
          preview={preview}
          longSide={60}
          label={`Step ${preview.step}`}
          isCurrent={preview.step === shownStep}
          onPointerEnter={() => onPoint(preview.step)}
          onClick={() => onPin(preview.step === pinnedStep ? null : preview.step)}
        />
      ))}
    </div>
  );
}
