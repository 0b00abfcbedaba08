/** Nine variations around a picture: pick one, and there are nine around that. */
import { ArrowLeft, Maximize2, RefreshCw, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ImageDetail } from '../../../contract/images.ts';
import type { Job } from '../../../contract/queue.ts';
import { useImage, useImages, useQueue } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { FittedFrame } from './fitted-frame.tsx';
import { phaseTitle } from './phase-title.ts';
import { PreviewCanvas } from './preview-canvas.tsx';
import {
  defaultWallStrength,
  earlierWalls,
  nextTile,
  shownWall,
  wallTiles,
  type SeedWalls,
} from './seed-walls.ts';
import styles from './seed-wall.module.css';
import { useExplore } from './use-explore.ts';

const centreTile = Math.floor(wallTiles / 2);

export function SeedWallStage({ walls }: { readonly walls: SeedWalls }) {
  const { exploration, selection } = useWindow();
  const { around, stop } = useExplore();
  const wall = shownWall(walls);
  const origin = useImage(wall.originId).data;
  const queue = useQueue();
  const job = queue?.jobs.find(({ id }) => id === wall.jobId);
  const pictures = useImages(job?.imageIds ?? []) ?? [];
  const [strength, setStrength] = useState(wall.strength);
  const [current, setCurrent] = useState(centreTile);
  const tiles = useRef<(HTMLButtonElement | null)[]>([]);
  const earlier = earlierWalls(walls);
  const chosen = pictures[current] ?? null;

  useEffect(() => tiles.current[centreTile]?.focus(), []);

  const close = () => {
    void stop();
    exploration.set(null);
  };
  const back = () => {
    if (!earlier) return;
    void stop();
    exploration.set(earlier);
  };
  const show = (picture: ImageDetail | null) => {
    if (!picture) return;
    close();
    selection.set({ kind: 'image', id: picture.id });
  };
  const pick = (picture: ImageDetail | null | undefined) => {
    if (picture) void around(picture.id, strength);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const next = nextTile(current, event.key);
    if (next !== undefined) {
      setCurrent(next);
      tiles.current[next]?.focus();
    } else if (event.key === 'Enter' && event.shiftKey) show(chosen);
    else if (event.key === 'Backspace') back();
    else return;
    event.preventDefault();
  };

  return (
    <div
      className={styles.stage}
      role="region"
      aria-label="Explore"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // Elsewhere on the screen this key cancels what is drawn.
        event.preventDefault();
        close();
      }}
    >
      <div className={styles.head}>
        {origin && <img src={origin.thumbnailUrl} alt="What is varied" />}
        <div className={styles.title}>
          <h2>{walls.length === 1 ? 'Around this one' : `Around pick ${walls.length - 1}`}</h2>
          <p role="status">{stateOf(job)}</p>
        </div>
        <div className={styles.strength}>
          <NumberField
            label="Variation"
            tip="How far the nine stray from the picture they surround: low stays close, high is almost another picture."
            value={strength}
            min={0.02}
            max={0.8}
            step={0.02}
            slider
            defaultValue={defaultWallStrength}
            onChange={setStrength}
          />
        </div>
        <IconButton
          icon={RefreshCw}
          label="Draw another nine"
          tip="Nine other variations of the same picture, this far from it"
          onClick={() => void around(wall.originId, strength)}
        />
        <IconButton
          icon={ArrowLeft}
          label="Earlier wall"
          tip="Back to the wall before this one (Backspace)"
          disabled={!earlier}
          onClick={back}
        />
        <IconButton
          icon={Maximize2}
          label="Show the chosen picture"
          tip="Leaves the wall with the chosen picture (Shift+Enter)"
          disabled={!chosen}
          onClick={() => show(chosen)}
        />
        <IconButton
          icon={X}
          label="Close the wall"
          tip="Back to the newest picture (Esc)"
          onClick={close}
        />
      </div>
      <div className={styles.space}>
        <FittedFrame width={origin?.width ?? 1} height={origin?.height ?? 1}>
          <div
            className={styles.wall}
            role="group"
            aria-label="Variations"
            aria-description="Arrow keys choose, Enter goes on from the chosen one, Backspace goes back."
            onKeyDown={onKeyDown}
          >
            {Array.from({ length: wallTiles }, (_, index) => (
              <button
                key={index}
                ref={(tile) => {
                  tiles.current[index] = tile;
                }}
                type="button"
                className={styles.tile}
                tabIndex={index === current ? 0 : -1}
                aria-label={`Variation ${index + 1}${pictures[index] ? '' : ', not drawn yet'}`}
                aria-disabled={pictures[index] ? undefined : true}
                onFocus={() => setCurrent(index)}
                onClick={() => pick(pictures[index])}
              >
                <Tile job={job} index={index} picture={pictures[index] ?? null} />
              </button>
            ))}
          </div>
        </FittedFrame>
      </div>
      <p className={styles.keys}>
        <Button
          variant="quiet"
          disabled={!chosen}
          tip="Draws nine variations around the chosen one (Enter)"
          onClick={() => pick(chosen)}
        >
          Go on from variation {current + 1}
        </Button>
      </p>
    </div>
  );
}

/** The picture, or how far it is. */
function Tile({
  job,
  index,
  picture,
}: {
  readonly job: Job | undefined;
  readonly index: number;
  readonly picture: ImageDetail | null;
}) {
  const { previews } = useWindow();
  const history = useStore(previews);
  if (picture) return <img src={picture.url} alt="" draggable={false} />;
  const preview = history
    .find((entry) => entry.jobId === job?.id && entry.picture === index)
    ?.previews.at(-1);
  return preview && job?.state === 'running' ? (
    <PreviewCanvas preview={preview} longSide={256} label={`Preview of variation ${index + 1}`} />
  ) : null;
}

function stateOf(job: Job | undefined): string {
  if (!job) return '';
  const made = `${job.imageIds.length} of ${wallTiles}`;
  switch (job.state) {
    case 'queued':
      return 'Waiting for its turn';
    case 'running':
      return `${made} · ${phaseTitle(job)}`;
    case 'done':
      return 'Pick one to go on';
    case 'cancelled':
      return `${made}, then stopped`;
    case 'failed':
      return job.error?.message ?? 'This did not work.';
    default:
      return job.state satisfies never;
  }
}
