/** One picture with everything that made it and everything that was said of it. */
import { Copy, FolderOpen, Repeat2, Shuffle, Trash2, Undo2, X } from 'lucide-react';
import type { AlbumId, ImageId } from '../../../contract/ids.ts';
import type { ImageDetail, MarkChange } from '../../../contract/images.ts';
import { toggleTerm } from '../../../contract/search/edit.ts';
import { useImage, useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { copyPicture } from '../../ui/copy-picture.ts';
import { Section } from '../../ui/section.tsx';
import { useReuse } from '../create/use-reuse.ts';
import { LineageStrip } from '../lineage/lineage-strip.tsx';
import styles from './detail-panel.module.css';
import { useAlbums } from './facet-queries.ts';
import { programTitle } from './facet-terms.ts';
import { MarksEditor } from './marks-editor.tsx';
import { NoteField } from './note-field.tsx';
import { fileFacts, promptsOf, recipeFacts, type Fact } from './picture-facts.ts';
import { TagChips } from './tag-chips.tsx';
import { TagInput } from './tag-input.tsx';
import { useAlbumChanges } from './use-album-changes.ts';
import { useSummary } from './use-summary.ts';

interface DetailPanelProps {
  readonly id: ImageId;
  readonly trashed: boolean;
  readonly onMark: (change: MarkChange) => void;
  /** Moves the picture to the trash, or out of it. */
  readonly onRemove: () => void;
  readonly onLineage: () => void;
  /** Gives the keyboard back to the pictures. */
  readonly onLeave: () => void;
}

export function DetailPanel(props: DetailPanelProps) {
  const { id, trashed, onMark, onRemove, onLineage, onLeave } = props;
  const { data: image, error } = useImage(id);
  const summary = useSummary(id);
  const copy = useCopy();
  if (error) return <p role="alert">{error.message}</p>;
  if (!image) return <div aria-busy="true" />;
  const { prompt, negativePrompt } = promptsOf(image);
  const facts = recipeFacts(image);
  const program = image.program;
  return (
    <>
      <div className={styles.picture}>
        <img src={image.url} alt={image.prompt || 'A picture without a prompt'} />
      </div>
      {image.missing && (
        <p className={styles.warning}>
          The file is gone from the library folder. Its recipe is still here, so it can be drawn
          again.
        </p>
      )}
      {image.problems.map((problem) => (
        <p key={problem} className={styles.warning}>
          {problem}
        </p>
      ))}
      <DetailActions image={image} trashed={trashed} onRemove={onRemove} />
      {!trashed && (
        <>
          <MarksEditor marks={summary ?? image} onMark={onMark} />
          <section className={styles.section} aria-label="Tags and note">
            <TagChips
              tags={image.tags.map((name) => ({ name, isOfAll: true }))}
              onRemove={(tag) => onMark({ removeTags: [tag] })}
            />
            <TagInput
              present={image.tags}
              onAdd={(tag) => onMark({ addTags: [tag] })}
              onLeave={onLeave}
            />
            <NoteField key={id} note={image.note} onSave={(note) => onMark({ note })} />
          </section>
        </>
      )}
      <TextSection title="Prompt" text={prompt} onCopy={copy} />
      {negativePrompt !== '' && (
        <TextSection title="Left out" text={negativePrompt} onCopy={copy} />
      )}
      {facts.length > 0 && (
        <section className={styles.section}>
          <h2>
            Recipe
            {program !== null && program !== 'atelier' && (
              <span className={styles.program}>from {programTitle(program)}</span>
            )}
          </h2>
          <Facts facts={facts} onCopy={copy} />
        </section>
      )}
      <Colours image={image} />
      <InAlbums image={image} />
      <LineageStrip id={id} onOpen={onLineage} />
      <section className={styles.section}>
        <h2>File</h2>
        <Facts facts={fileFacts(image)} onCopy={copy} />
      </section>
      <RawTexts image={image} onCopy={copy} />
    </>
  );
}

function useCopy(): (text: string, what: string) => void {
  const { toasts } = useWindow();
  return (text, what) =>
    void toasts
      .watch(navigator.clipboard.writeText(text))
      .then((done) => done && toasts.say(`${what} copied`));
}

interface DetailActionsProps {
  readonly image: ImageDetail;
  readonly trashed: boolean;
  readonly onRemove: () => void;
}

function DetailActions({ image, trashed, onRemove }: DetailActionsProps) {
  const { client, open, toasts } = useWindow();
  const canReveal = useStudioInfo()?.canReveal ?? false;
  const { reuse, vary } = useReuse();
  const { id, recipe, understood } = image;
  if (trashed) {
    return (
      <div className={styles.actions}>
        <Button variant="primary" icon={Undo2} onClick={onRemove}>
          Restore
        </Button>
      </div>
    );
  }
  const canReuse = recipe !== null || understood !== null || image.parameters !== null;
  return (
    <div className={styles.actions}>
      <Button
        variant="primary"
        icon={Repeat2}
        disabled={!canReuse}
        tip="Sends the whole recipe to Create, and says there what could not be taken over (R)"
        onClick={() => void reuse(id, 'all')}
      >
        Reuse
      </Button>
      <Button
        disabled={!canReuse}
        tip="Sends only the prompt to Create"
        onClick={() => void reuse(id, 'prompt')}
      >
        Prompt
      </Button>
      <Button
        disabled={!canReuse}
        tip="Sends only the seed to Create"
        onClick={() => void reuse(id, 'seed')}
      >
        Seed
      </Button>
      <span className={styles.icons}>
        <IconButton
          icon={Shuffle}
          disabled={!canReuse}
          label="Vary"
          tip="Draws the same recipe again from a new seed"
          onClick={() => {
            open('create');
            void vary(id);
          }}
        />
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
      </span>
    </div>
  );
}

interface FactsProps {
  readonly facts: readonly Fact[];
  readonly onCopy: (text: string, what: string) => void;
}

function Facts({ facts, onCopy }: FactsProps) {
  return (
    <div className={styles.facts}>
      {facts.map(([name, value], at) => (
        <button
          key={`${name} ${at}`}
          type="button"
          className={styles.fact}
          data-tip="Copies this value"
          aria-label={`${name}: ${value}. Copy`}
          onClick={() => onCopy(value, name)}
        >
          <span>{name}</span>
          <span>{value}</span>
        </button>
      ))}
    </div>
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

function Colours({ image }: { readonly image: ImageDetail }) {
  const { library } = useWindow();
  if (image.colours.length === 0) return null;
  return (
    <section className={styles.section}>
      <h2>Colours</h2>
      <div className={styles.colours}>
        {image.colours.map(({ hex, share }) => (
          <button
            key={hex}
            type="button"
            style={{ background: hex, flexGrow: Math.max(0.06, share) }}
            aria-label={`Find pictures of the colour ${hex}`}
            data-tip={`Finds pictures of this colour, ${hex}`}
            onClick={() => library.show({ text: toggleTerm('', 'colour', hex) })}
          />
        ))}
      </div>
    </section>
  );
}

function InAlbums({ image }: { readonly image: ImageDetail }) {
  const { library } = useWindow();
  const { takeOut } = useAlbumChanges();
  const albums = useAlbums() ?? [];
  const orderOf = (album: AlbumId) => albums.find(({ id }) => id === album)?.order ?? 'album';
  if (image.albums.length === 0) return null;
  return (
    <section className={styles.section}>
      <h2>Albums</h2>
      <ul>
        {image.albums.map(({ id, name }) => (
          <li key={id} className={styles.albumRow}>
            <button
              type="button"
              data-tip="Opens the album"
              onClick={() => library.show({ album: id, order: orderOf(id) })}
            >
              {name}
            </button>
            <IconButton
              icon={X}
              label={`Take out of ${name}`}
              tip="Takes the picture out of this album; it stays in the library"
              onClick={() => void takeOut({ id, name }, [image.id])}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function RawTexts({ image, onCopy }: { readonly image: ImageDetail } & Pick<FactsProps, 'onCopy'>) {
  const texts =
    image.rawTexts.length > 0 || image.parameters === null
      ? image.rawTexts
      : [{ where: 'png:parameters', text: image.parameters }];
  if (texts.length === 0) return null;
  return (
    <div className={styles.section}>
      {texts.map(({ where, text }) => {
        const title = titleOfText(where);
        return (
          <Section key={where} title={title} summary={null}>
            <pre className={styles.raw} data-selectable tabIndex={0} aria-label={title}>
              {text}
            </pre>
            <Button
              icon={Copy}
              tip="Copies this text as it stands"
              onClick={() => onCopy(text, title)}
            >
              Copy
            </Button>
          </Section>
        );
      })}
    </div>
  );
}

/** @param where such as `png:parameters` or `exif:UserComment` */
function titleOfText(where: string): string {
  return where === 'png:parameters' ? 'Parameters in the file' : `In the file, ${where}`;
}
