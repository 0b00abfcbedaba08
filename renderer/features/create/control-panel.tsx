/** ControlNets: pictures whose edges, depth or poses the drawing follows. */
import { ImagePlus, X } from 'lucide-react';
import { StudioError } from '../../../contract/errors.ts';
import type { ControlUse } from '../../../contract/image-options.ts';
import type { Resource } from '../../../contract/resources.ts';
import { useInput, useResourcesOf } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { RangeField } from '../../ui/range-field.tsx';
import { Section } from '../../ui/section.tsx';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { familyProblem, searchAdapters } from '../adapters/adapter-family.ts';
import { addControl, changeControl, removeControl, switchControl } from './adapter-draft.ts';
import styles from './adapter-panels.module.css';
import { sentOptions, type CreateDraft } from './create-draft.ts';
import { ControlPreview, type PictureSize } from './control-preview.tsx';
import { PictureDrop } from './picture-drop.tsx';
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

interface ControlPanelProps {
  /** Of the chosen model. */
  readonly family: string | null;
  /** Of the picture that will be drawn. */
  readonly size: PictureSize;
}

export function ControlPanel({ family, size }: ControlPanelProps) {
  const { createDraft, open, toasts } = useWindow();
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
      <AdapterDrop
        kind="controlnet"
        file={null}
        folder={{ label: 'ControlNet folder', button: 'Import a folder' }}
        onImported={({ name }) => toasts.say(`${name} was added`)}
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
            size={size}
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
              folder (model.onnx and config.json) into the library’s adapters/controlnets, or drop
              it here.
            </p>
            <Button
              tip="Shows models and adapters, and imports more"
              onClick={() => open('models')}
            >
              Open Models
            </Button>
          </>
        )}
      </AdapterDrop>
    </Section>
  );
}

interface ControlProps {
  readonly use: ControlUse;
  readonly index: number;
  readonly installed: readonly Resource[] | undefined;
  readonly isOn: boolean;
  readonly family: string | null;
  readonly size: PictureSize;
}

function Control({ use, index, installed, isOn, family, size }: ControlProps) {
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
        {picture && <ControlPreview title={title} use={use} size={size} />}
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
