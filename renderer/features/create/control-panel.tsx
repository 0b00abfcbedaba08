/** ControlNets: pictures whose edges, depth or poses the drawing follows. */
import { ImagePlus, X } from 'lucide-react';
import { useId, useState, type ClipboardEvent, type DragEvent, type ReactNode } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import type { ContentHash, ImageId } from '../../../contract/ids.ts';
import type { ControlUse } from '../../../contract/image-options.ts';
import { inputLimits } from '../../../contract/inputs.ts';
import type { Resource } from '../../../contract/resources.ts';
import { useInput, useRecentImages, useResourcesOf } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { RangeField } from '../../ui/range-field.tsx';
import { Section } from '../../ui/section.tsx';
import { familyProblem, searchAdapters } from '../adapters/adapter-family.ts';
import { addControl, changeControl, removeControl, switchControl } from './adapter-draft.ts';
import styles from './adapter-panels.module.css';
import { sentOptions, type CreateDraft } from './create-draft.ts';
import { carriedPicture, carriesPicture } from './picture-drag.ts';
import { resourceChoices } from './resource-choices.ts';

const preprocessors: readonly {
  readonly value: ControlUse['preprocessor'];
  readonly label: string;
}[] = [
  { value: 'none', label: 'As it is' },
  { value: 'canny', label: 'Its edges (Canny)' },
  { value: 'invert', label: 'Inverted' },
];
const mostControls = 8;

/** @param family of the chosen model */
export function ControlPanel({ family }: { readonly family: string | null }) {
  const { createDraft, open } = useWindow();
  const draft = useStore(createDraft);
  const installed = useResourcesOf('controlnet');
  const { controls } = draft.options;
  const sent = sentOptions(draft).controls;
  const best = searchAdapters(installed ?? [], '', family).find(({ problem }) => problem === null);

  return (
    <Section
      title="ControlNet"
      summary={sent.length > 0 ? sent.map(({ id }) => id).join(' · ') : null}
    >
      {controls.map((use, index) => (
        <Control
          // A place is all that tells two units of one model apart.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          use={use}
          index={index}
          installed={installed}
          isOn={!draft.off.controls.includes(index)}
          family={family}
        />
      ))}
      {best && controls.length < mostControls && (
        <PictureDrop
          label="Picture for a ControlNet"
          onPicture={(picture) =>
            createDraft.set((current) => addControl(current, best.id, picture))
          }
        >
          {(choose, sources) => (
            <>
              <Button
                icon={ImagePlus}
                tip="Adds a ControlNet that follows this picture; it can be dropped or pasted here as well"
                onClick={choose}
              >
                Choose, drop or paste
              </Button>
              {sources}
            </>
          )}
        </PictureDrop>
      )}
      {installed && !best && (
        <>
          <p className={styles.hint}>
            A ControlNet makes the drawing follow the edges, depth or poses of a picture. Put its
            folder (model.onnx and config.json) into the library’s adapters/controlnets, or import
            it in Models.
          </p>
          <Button tip="Shows models and adapters, and imports more" onClick={() => open('models')}>
            Open Models
          </Button>
        </>
      )}
    </Section>
  );
}

interface ControlProps {
  readonly use: ControlUse;
  readonly index: number;
  readonly installed: readonly Resource[] | undefined;
  readonly isOn: boolean;
  readonly family: string | null;
}

function Control({ use, index, installed, isOn, family }: ControlProps) {
  const { createDraft } = useWindow();
  const { data: picture, error } = useInput(use.picture);
  const adapter = installed?.find(({ id }) => id === use.id);
  const mismatch = adapter ? familyProblem(adapter, family) : null;
  const update = (change: (draft: CreateDraft) => CreateDraft) => createDraft.set(change);
  const set = (change: Partial<ControlUse>) =>
    update((draft) => changeControl(draft, index, change));
  const title = `ControlNet ${index + 1}`;
  return (
    <div className={styles.unit} role="group" aria-label={title} data-off={isOn ? undefined : ''}>
      <div className={styles.head}>
        <Switch
          label={title}
          tip="Whether this ControlNet takes part; it keeps its picture and settings while it is off."
          checked={isOn}
          onChange={(on) => update((draft) => switchControl(draft, index, on))}
        />
        <IconButton
          icon={X}
          label={`Remove ${title}`}
          tip="Takes this ControlNet out of the list"
          onClick={() => update((draft) => removeControl(draft, index))}
        />
      </div>
      {installed && !adapter && (
        <p className={styles.error}>“{use.id}” is not in the library any more. Choose another.</p>
      )}
      {error && <p className={styles.error}>{StudioError.from(error).message}</p>}
      {mismatch !== null && <p className={styles.warning}>{mismatch}</p>}
      <div className={styles.body}>
        <PictureDrop label={`Picture of ${title}`} onPicture={(hash) => set({ picture: hash })}>
          {(choose, sources) => (
            <>
              <div className={styles.head}>
                <Select
                  bare
                  label={`Model of ${title}`}
                  tip="What it follows in the picture: each ControlNet was trained on one kind."
                  value={use.id}
                  options={resourceChoices(installed, use.id)}
                  onChange={(id) => set({ id })}
                />
                <button
                  type="button"
                  className={styles.thumbnail}
                  aria-label={`Choose another picture for ${title}`}
                  data-tip="Chooses another picture; one can be dropped or pasted here as well"
                  onClick={choose}
                >
                  {picture && <img src={picture.url} alt="" />}
                </button>
              </div>
              {sources}
            </>
          )}
        </PictureDrop>
        <Select
          label="Read as"
          tip="What is made of the picture first: an edge ControlNet wants its edges, a finished map is taken as it is."
          value={use.preprocessor}
          options={preprocessors}
          onChange={(preprocessor) => set({ preprocessor })}
        />
        <NumberField
          label="Weight"
          tip="How strictly the drawing follows it: 0 not at all, 1 as it was trained."
          value={use.weight}
          min={0}
          max={4}
          sliderMax={2}
          step={0.05}
          slider
          defaultValue={1}
          onChange={(weight) => set({ weight })}
        />
        <RangeField
          label="Steps"
          tip="Between which shares of the steps it has a say: only early fixes the composition and leaves detail free."
          range={use}
          onChange={({ start, end }) => set({ start, end })}
        />
      </div>
    </div>
  );
}

interface PictureDropProps {
  readonly label: string;
  readonly onPicture: (hash: ContentHash) => void;
  readonly children: (choose: () => void, sources: ReactNode) => ReactNode;
}

/** Takes a picture that is chosen, dropped or pasted, the source picture or the shown result. */
function PictureDrop({ label, onPicture, children }: PictureDropProps) {
  const { client, createDraft } = useWindow();
  const { source } = useStore(createDraft).options;
  const result = useShownImage();
  const chooserId = useId();
  const [error, setError] = useState<string | null>(null);
  const [isOver, setIsOver] = useState(false);

  async function take(read: () => Promise<{ readonly hash: ContentHash }>): Promise<void> {
    setError(null);
    try {
      onPicture((await read()).hash);
    } catch (thrown) {
      setError(StudioError.from(thrown).message);
    }
  }
  const add = (file: File) =>
    void take(async () => {
      if (file.size > inputLimits.bytes)
        throw new StudioError('too-large', 'A picture can be at most 60 MB. Choose a smaller one.');
      return client['inputs.add']({ bytes: new Uint8Array(await file.arrayBuffer()) });
    });
  const takeFrom = (event: ClipboardEvent | DragEvent, transfer: DataTransfer) => {
    setIsOver(false);
    const id = carriedPicture(transfer);
    const file = [...transfer.files].find(({ type }) => type.startsWith('image/'));
    if (id === null && !file) return;
    event.preventDefault();
    // The source picture would take it as well.
    event.stopPropagation();
    if (id !== null) void take(() => client['inputs.fromImage']({ id }));
    else if (file) add(file);
  };

  const sources = (source || result) && (
    <div className={styles.actions}>
      {source && (
        <Button
          variant="quiet"
          tip="Follows the picture that drawing starts from"
          onClick={() => onPicture(source.picture)}
        >
          Use the source
        </Button>
      )}
      {result && (
        <Button
          variant="quiet"
          tip="Follows the picture that is shown in the middle"
          onClick={() => void take(() => client['inputs.fromImage']({ id: result }))}
        >
          Use the result
        </Button>
      )}
    </div>
  );

  return (
    <div
      className={styles.drop}
      data-over={isOver ? '' : undefined}
      onPaste={(event) => takeFrom(event, event.clipboardData)}
      onDragOver={(event) => {
        const { dataTransfer } = event;
        if (!dataTransfer.types.includes('Files') && !carriesPicture(dataTransfer)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => takeFrom(event, event.dataTransfer)}
    >
      <input
        id={chooserId}
        className={styles.chooser}
        type="file"
        accept="image/*"
        aria-label={label}
        tabIndex={-1}
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) add(file);
        }}
      />
      {children(() => document.getElementById(chooserId)?.click(), sources)}
      {error !== null && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function useShownImage(): ImageId | null {
  const { selection } = useWindow();
  const shown = useStore(selection);
  const { data: recent } = useRecentImages();
  return shown.kind === 'image' ? shown.id : (recent?.[0]?.id ?? null);
}
