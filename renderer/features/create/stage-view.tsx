/** The middle of Create: the picture, or what stands in for it. */
import { GitBranch, Sparkles } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { Preview } from '../../../contract/queue.ts';
import { useImage, useQueue, useTimeline } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { JobFailure } from '../activity/job-failure.tsx';
import { FittedFrame } from './fitted-frame.tsx';
import { GridStrip } from './grid-strip.tsx';
import { phaseTitle } from './phase-title.ts';
import { pictureInProgress } from './picture-in-progress.ts';
import { carryPicture } from './picture-drag.ts';
import { PreviewCanvas } from './preview-canvas.tsx';
import { ResultBar } from './result-bar.tsx';
import { sampleEvenly } from './sample-evenly.ts';
import { jobFraction, originOf, type Stage } from './stage.ts';
import styles from './stage-view.module.css';
import { TimelineStrip } from './timeline-strip.tsx';
import { useGenerate } from './use-generate.ts';
import { useReuse } from './use-reuse.ts';

interface StageViewProps {
  readonly stage: Stage;
  readonly model: ImageModel | null;
  readonly recent: readonly ImageSummary[];
  readonly onDelete: () => void;
}

export function StageView({ stage, model, recent, onDelete }: StageViewProps) {
  switch (stage.kind) {
    case 'empty':
      return <Welcome model={model} />;
    case 'drawing':
      return <Drawing stage={stage} />;
    case 'failed':
      return (
        <div className={styles.stage}>
          <div className={styles.picture}>
            <div className={styles.failure}>
              <JobFailure job={stage.job} />
            </div>
          </div>
        </div>
      );
    case 'image':
      return (
        <Result
          key={stage.id}
          id={stage.id}
          summary={recent.find(({ id }) => id === stage.id)}
          onDelete={onDelete}
        />
      );
    default:
      return stage satisfies never;
  }
}

function Drawing({ stage: { job } }: { readonly stage: Extract<Stage, { kind: 'drawing' }> }) {
  const { previews } = useWindow();
  const history = useStore(previews);
  const [shownStep, setShownStep] = useState<number | null>(null);
  const picture = job.progress?.picture ?? 0;
  const steps =
    history.find((entry) => entry.jobId === job.id && entry.picture === picture)?.previews ?? [];
  const shown = steps.find(({ step }) => step === shownStep) ?? steps.at(-1);
  const { title, width, height } = useMemo(
    () => pictureInProgress(job.request, picture),
    [job.request, picture],
  );
  return (
    <div className={styles.stage}>
      <div className={styles.picture}>
        <FittedFrame width={width} height={height}>
          {shown ? (
            <PreviewCanvas
              preview={shown}
              longSide={768}
              label={`Preview after step ${shown.step}`}
            />
          ) : (
            <div className={styles.waiting}>{phaseTitle(job)}…</div>
          )}
        </FittedFrame>
      </div>
      <StepStrip steps={steps} shownStep={shownStep} onShow={setShownStep} />
      <div className={styles.bar}>
        <div className={styles.progress}>
          {title !== null && <span className={styles.pictureTitle}>{title}</span>}
          <span>{phaseTitle(job)}</span>
          <ProgressBar label="Picture in progress" fraction={jobFraction(job)} />
        </div>
      </div>
    </div>
  );
}

interface ResultProps {
  readonly id: ImageId;
  /** What is known before the details arrive. */
  readonly summary: ImageSummary | undefined;
  readonly onDelete: () => void;
}

function Result({ id, summary, onDelete }: ResultProps) {
  const { previews } = useWindow();
  const history = useStore(previews);
  const queue = useQueue();
  const { data: detail, error } = useImage(id);
  const image = detail ?? summary;
  const timeline = useTimeline(id);
  const { branch } = useReuse();
  const [pointedStep, setPointedStep] = useState<number | null>(null);
  const [pinnedStep, setPinnedStep] = useState<number | null>(null);
  const shownStep = pointedStep ?? pinnedStep;
  const origin = originOf(id, queue);
  const drawn =
    (origin &&
      history.find((entry) => entry.jobId === origin.jobId && entry.picture === origin.picture)
        ?.previews) ??
    [];
  const steps = timeline && timeline.steps.length > 0 ? timeline.steps : drawn;
  const branchable = timeline?.branchable ?? 0;
  const [isLoaded, setIsLoaded] = useState(false);
  // Until the file is there the last preview stands in for it.
  const shown =
    steps.find(({ step }) => step === shownStep) ?? (isLoaded ? undefined : steps.at(-1));
  const shape = image ?? shown;
  return (
    <div className={styles.stage}>
      <div className={styles.picture}>
        {shape && (
          <FittedFrame width={shape.width} height={shape.height}>
            {image && (
              <img
                src={image.url}
                alt={image.prompt || 'A picture without a prompt'}
                hidden={shown !== undefined}
                draggable
                onLoad={() => setIsLoaded(true)}
                onDragStart={(event) => {
                  const address = new URL(image.url, location.href).href;
                  event.dataTransfer.setData(
                    'DownloadURL',
                    `image/png:${detail?.fileName ?? 'picture.png'}:${address}`,
                  );
                  carryPicture(event.dataTransfer, image.id);
                }}
              />
            )}
            {shown && (
              <PreviewCanvas
                preview={shown}
                longSide={768}
                label={`Preview after step ${shown.step}`}
              />
            )}
          </FittedFrame>
        )}
        {error && !image && <p role="alert">{error.message}</p>}
      </div>
      {detail?.recipe?.sheet ? (
        <GridStrip sheet={detail.recipe.sheet} settings={detail.recipe.settings} />
      ) : (
        <TimelineStrip
          steps={steps}
          shownStep={shownStep}
          pinnedStep={pinnedStep}
          onPoint={setPointedStep}
          onPin={setPinnedStep}
        />
      )}
      <div className={styles.bar}>
        {pinnedStep !== null && (
          <>
            <span className={styles.stepNote}>
              Step {pinnedStep} of {steps.at(-1)?.step}
            </span>
            <Button
              icon={GitBranch}
              disabled={pinnedStep > branchable}
              tip={
                pinnedStep > branchable
                  ? 'Only steps of the first pass that are still kept can be branched from.'
                  : 'Goes on from this step with another prompt, seed or sampler'
              }
              onClick={() => {
                setPinnedStep(null);
                void branch(id, pinnedStep);
              }}
            >
              Branch from step {pinnedStep}
            </Button>
            <Button variant="quiet" onClick={() => setPinnedStep(null)}>
              Back to the picture
            </Button>
          </>
        )}
        {pinnedStep === null && detail && <ResultBar image={detail} onDelete={onDelete} />}
      </div>
    </div>
  );
}

interface StepStripProps {
  readonly steps: readonly Preview[];
  readonly shownStep: number | null;
  readonly onShow: (step: number | null) => void;
}

const mostStepsShown = 40;

/** How the picture came about; pointing at a step shows it large. */
function StepStrip({ steps, shownStep, onShow }: StepStripProps) {
  return (
    <div
      className={styles.steps}
      role="group"
      aria-label="Steps"
      onPointerLeave={() => onShow(null)}
    >
      {sampleEvenly(steps, mostStepsShown).map((preview) => (
        <PreviewCanvas
          key={preview.step}
          preview={preview}
          longSide={60}
          label={`Step ${preview.step}`}
          isCurrent={preview.step === shownStep}
          onPointerEnter={() => onShow(preview.step)}
        />
      ))}
    </div>
  );
}

function Welcome({ model }: { readonly model: ImageModel | null }) {
  const { createDraft } = useWindow();
  const generate = useGenerate();
  if (!model) return <div className={styles.stage} aria-busy />;
  return (
    <div className={styles.welcome}>
      <h2>What would you like to see?</h2>
      <p>
        {model.name} is ready on this machine. Type a prompt at the left, or start with one of
        these.
      </p>
      <div className={styles.prompts}>
        {model.examplePrompts.slice(0, 3).map((example) => (
          <button
            key={example}
            type="button"
            className={styles.promptButton}
            onClick={() => {
              const change = { prompt: example, style: null };
              createDraft.set((draft) => ({ ...draft, ...change }));
              void generate(change);
            }}
          >
            <Sparkles aria-hidden />
            {example}
          </button>
        ))}
      </div>
    </div>
  );
}
