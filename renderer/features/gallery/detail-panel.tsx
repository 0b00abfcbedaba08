import { Columns2, Copy, FolderOpen, Repeat2, Shuffle, Trash2, Undo2 } from 'lucide-react';
import { gridFieldFacts } from '../../../contract/grid-fields.ts';
import { schedulerTitle } from '../../../contract/scheduler-names.ts';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { providerTitles } from '../../app/provider-titles.ts';
import { useImage, useStudioInfo } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { copyPicture } from '../../ui/copy-picture.ts';
import { formatBytes, formatCount, formatDate, formatDuration } from '../../ui/format.ts';
import { Stars } from '../../ui/stars.tsx';
import { useReuse } from '../create/use-reuse.ts';
import styles from './gallery-screen.module.css';

interface DetailPanelProps {
  readonly id: ImageId;
  readonly chosenCount: number;
  readonly trashed: boolean;
  readonly onRate: (rating: number) => void;
  /** Moves the chosen pictures to the trash, or out of it. */
  readonly onRemove: () => void;
  /** Lays the two chosen pictures over each other; null unless there are two. */
  readonly onCompare: (() => void) | null;
}

/** One picture with everything that made it; every value can be copied. */
export function DetailPanel({
  id,
  chosenCount,
  trashed,
  onRate,
  onRemove,
  onCompare,
}: DetailPanelProps) {
  const { client, library, open, toasts } = useWindow();
  const { items } = useStore(library.state);
  const { data: image, error } = useImage(id);
  const canReveal = useStudioInfo()?.canReveal ?? false;
  const { reuse, vary } = useReuse();
  const rating = items.find((item) => item.id === id)?.rating ?? image?.rating ?? 0;
  const copy = (text: string, what: string) =>
    void toasts
      .watch(navigator.clipboard.writeText(text))
      .then((done) => done && toasts.say(`${what} copied`));

  if (error) return <p role="alert">{error.message}</p>;
  if (!image) return <div aria-busy="true" />;
  const { recipe } = image;
  return (
    <>
      <div className={styles.detailPicture}>
        <img src={image.url} alt={image.prompt || 'A picture without a prompt'} />
      </div>
      {chosenCount > 1 && (
        <p className={styles.warning}>
          {formatCount(chosenCount, 'picture', 'pictures')} chosen: rating and deleting act on all
          of them.
        </p>
      )}
      {onCompare && (
        <div className={styles.actions}>
          <Button icon={Columns2} tip="Lays one over the other (C)" onClick={onCompare}>
            Compare the two
          </Button>
        </div>
      )}
      {image.missing && (
        <p className={styles.warning}>
          The file is gone from the library folder. Its recipe is still here, so it can be drawn
          again.
        </p>
      )}
      <div className={styles.actions}>
        {trashed ? (
          <Button variant="primary" icon={Undo2} onClick={onRemove}>
            Restore
          </Button>
        ) : (
          <>
            <Button
              variant="primary"
              icon={Repeat2}
              disabled={!recipe}
              tip="Takes the whole recipe into Create (R)"
              onClick={() => void reuse(id, 'all')}
            >
              Reuse
            </Button>
            <Button
              icon={Shuffle}
              disabled={!recipe}
              tip="Draws the same recipe again from a new seed"
              onClick={() => {
                open('create');
                void vary(id);
              }}
            >
              Vary
            </Button>
            <IconButton
              icon={Copy}
              label="Copy the picture"
              onClick={() =>
                void toasts
                  .watch(copyPicture(image.url))
                  .then((done) => done && toasts.say('Picture copied'))
              }
            />
            {canReveal && (
              <IconButton
                icon={FolderOpen}
                label="Show the file"
                onClick={() => void toasts.watch(client['images.reveal']({ id }))}
              />
            )}
            <IconButton
              icon={Trash2}
              label="Delete"
              tip="Moves it to the trash; you can undo it (Del)"
              onClick={onRemove}
            />
          </>
        )}
      </div>
      {!trashed && (
        <div className={styles.rate}>
          <Stars label="Rating" rating={rating} onChange={onRate} />
        </div>
      )}
      <TextSection title="Prompt" text={image.prompt} onCopy={copy} />
      {recipe && recipe.settings.negativePrompt !== '' && (
        <TextSection title="Left out" text={recipe.settings.negativePrompt} onCopy={copy} />
      )}
      <section className={styles.section}>
        <h2>Recipe</h2>
        <div className={styles.facts}>
          {factsOf(image).map(([name, value]) => (
            <button
              key={name}
              type="button"
              className={styles.fact}
              data-tip="Copies this value"
              aria-label={`${name}: ${value}. Copy`}
              onClick={() => copy(value, name)}
            >
              <span>{name}</span>
              <span>{value}</span>
            </button>
          ))}
        </div>
      </section>
      {image.parameters !== null && (
        <section className={styles.section}>
          <h2>
            Parameters in the file
            <IconButton
              icon={Copy}
              label="Copy the parameters"
              onClick={() => copy(image.parameters ?? '', 'Parameters')}
            />
          </h2>
          <pre
            className={styles.parameters}
            data-selectable
            tabIndex={0}
            aria-label="Parameters in the file"
          >
            {image.parameters}
          </pre>
        </section>
      )}
    </>
  );
}

interface TextSectionProps {
  readonly title: string;
  readonly text: string;
  readonly onCopy: (text: string, what: string) => void;
}

function TextSection({ title, text, onCopy }: TextSectionProps) {
  return (
    <section className={styles.section}>
      <h2>
        {title}
        {text !== '' && (
          <IconButton icon={Copy} label={`Copy: ${title}`} onClick={() => onCopy(text, title)} />
        )}
      </h2>
      <p data-selectable>{text || 'None'}</p>
    </section>
  );
}

function factsOf(image: ImageDetail): [string, string][] {
  const { recipe } = image;
  const made: [string, string][] = recipe
    ? [
        ...(recipe.sheet?.grid.axes ?? []).map(({ field, target, values }): [string, string] => [
          `Grid, ${target ?? gridFieldFacts[field].title.toLowerCase()}`,
          values,
        ]),
        ['Model', recipe.modelName],
        ['Seed', String(recipe.settings.seed)],
        ['Steps', String(recipe.settings.steps)],
        ['Guidance', String(recipe.settings.guidanceScale)],
        ['Sampler', schedulerTitle(recipe.settings.scheduler)],
        ['Schedule', recipe.settings.sigmaSchedule === 'karras' ? 'Karras' : 'Normal'],
        ['Drawn on', providerTitles[recipe.provider]],
        ['Took', formatDuration(recipe.durationMs)],
        ['Model hash', recipe.modelHash],
        ...Object.entries(recipe.versions).map(([name, version]): [string, string] => [
          name,
          version,
        ]),
      ]
    : [];
  return [
    ['Size', `${image.width} × ${image.height}`],
    ...made,
    ['Made', formatDate(image.createdAt)],
    ['File', image.fileName],
    ['File size', formatBytes(image.sizeBytes)],
  ];
}
