/** The picture that drawing starts from: chosen, dropped, pasted or taken from a result. */
import { ImagePlus, Repeat2, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import { Source } from '../../../contract/image-options.ts';
import { inputLimits, type InputPicture } from '../../../contract/inputs.ts';
import type { ImageModel } from '../../../contract/models.ts';
import type { ReusableSettings } from '../../../contract/reuse.ts';
import { useInput } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { changeOptions, changeSettings } from './create-draft.ts';
import { MaskSettings } from './mask-settings.tsx';
import { carriedPicture, carriesPicture } from './picture-drag.ts';
import { extendedSize, sourceSummary } from './source-size.ts';
import styles from './source-panel.module.css';
import { useReuse } from './use-reuse.ts';

const fits: readonly { readonly value: Source['fit']; readonly label: string }[] = [
  { value: 'crop', label: 'Crop' },
  { value: 'pad', label: 'Pad' },
  { value: 'stretch', label: 'Stretch' },
];
const sides = ['left', 'top', 'right', 'bottom'] as const;

export function SourcePanel({ model }: { readonly model: ImageModel }) {
  const { client, createDraft } = useWindow();
  const { source } = useStore(createDraft).options;
  const { data: picture } = useInput(source?.picture ?? null);
  const { startFrom, take } = useReuse();
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const [error, setError] = useState<string | null>(null);
  /** How the chosen file was made, where it tells. */
  const [told, setTold] = useState<{ hash: string; reusable: ReusableSettings } | null>(null);
  const set = (next: Source | null) =>
    createDraft.set((current) => changeOptions(current, { source: next }));

  async function add(file: File): Promise<void> {
    setError(null);
    setTold(null);
    try {
      if (file.size > inputLimits.bytes)
        throw new StudioError('too-large', 'A picture can be at most 60 MB. Choose a smaller one.');
      const bytes = new Uint8Array(await file.arrayBuffer());
      const { hash } = await client['inputs.add']({ bytes });
      const { reusable } = await client['inputs.reusable']({ bytes });
      setTold(reusable && { hash, reusable });
      createDraft.set((current) =>
        changeOptions(current, { source: replaced(current.options.source, hash) }),
      );
    } catch (thrown) {
      setError(StudioError.from(thrown).message);
    }
  }

  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const file = pictureIn(event.clipboardData);
      if (!file) return;
      event.preventDefault();
      void add(file);
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  });

  /** The size asked for follows what is added around the picture. */
  function extend(side: (typeof sides)[number], pixels: number): void {
    if (!source || !picture) return;
    const none = { left: 0, top: 0, right: 0, bottom: 0 };
    const next = { ...none, ...source.extend, [side]: pixels };
    const isNone = sides.every((name) => next[name] === 0);
    const size = extendedSize(picture, next, model.spatialFactor);
    createDraft.set((current) =>
      changeSettings(
        changeOptions(current, { source: { ...source, extend: isNone ? null : next } }),
        model,
        size,
      ),
    );
  }

  return (
    <div
      className={styles.drop}
      data-over={isOver ? '' : undefined}
      onDragOver={(event) => {
        const { dataTransfer } = event;
        if (!dataTransfer.types.includes('Files') && !carriesPicture(dataTransfer)) return;
        event.preventDefault();
        dataTransfer.dropEffect = 'copy';
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        setIsOver(false);
        const id = carriedPicture(event.dataTransfer);
        const file = pictureIn(event.dataTransfer);
        if (id === null && !file) return;
        event.preventDefault();
        if (id !== null) void startFrom(id);
        else if (file) void add(file);
      }}
    >
      <Section title="From a picture" summary={sourceSummary(source)} defaultOpen={source !== null}>
        <input
          ref={chooser}
          className={styles.chooser}
          type="file"
          accept="image/*"
          aria-label="Picture to start from"
          tabIndex={-1}
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            if (file) void add(file);
            event.currentTarget.value = '';
          }}
        />
        {source && picture ? (
          <Chosen
            picture={picture}
            onChoose={() => chooser.current?.click()}
            onRemove={() => set(null)}
          />
        ) : (
          <Button
            icon={ImagePlus}
            tip="Drawing starts from this picture instead of from noise alone"
            onClick={() => chooser.current?.click()}
          >
            Choose, drop or paste
          </Button>
        )}
        {error !== null && (
          <p className={styles.error} role="alert">
            {error}
          </p>
        )}
        {source && told?.hash === source.picture && (
          <Button
            icon={Repeat2}
            tip="The file tells how it was made: its prompt, seed and settings come into the panels"
            onClick={() => {
              take(told.reusable, 'all');
              setTold(null);
            }}
          >
            Take its settings over
          </Button>
        )}
        {source && (
          <>
            <NumberField
              label="Strength"
              tip="How much of the picture is made anew: 0 keeps it, 1 ignores it."
              value={source.strength}
              min={0}
              max={1}
              step={0.05}
              slider
              defaultValue={0.75}
              onChange={(strength) => set({ ...source, strength })}
            />
            <Select
              label="Fit"
              tip="How a picture of another shape meets the size asked for."
              value={source.fit}
              options={fits}
              onChange={(fit) => set({ ...source, fit })}
            />
            <MaskSettings source={source} onChange={set} />
            <h3 className={styles.head}>Paint beyond its edges</h3>
            <div className={styles.sides}>
              {sides.map((side) => (
                <NumberField
                  key={side}
                  label={`${side[0]?.toUpperCase()}${side.slice(1)}`}
                  tip={`Pixels added at the ${side} and painted to match; the size follows.`}
                  unit="px"
                  value={source.extend?.[side] ?? 0}
                  min={0}
                  max={2048}
                  step={32}
                  defaultValue={0}
                  onChange={(pixels) => extend(side, pixels)}
                />
              ))}
            </div>
          </>
        )}
      </Section>
    </div>
  );
}

function Chosen({
  picture,
  onChoose,
  onRemove,
}: {
  readonly picture: InputPicture;
  readonly onChoose: () => void;
  readonly onRemove: () => void;
}) {
  return (
    <div className={styles.chosen}>
      <button
        type="button"
        className={styles.thumbnail}
        aria-label="Choose another picture"
        data-tip="Chooses another picture to start from"
        onClick={onChoose}
      >
        <img src={picture.url} alt="" />
      </button>
      <span className={styles.size}>
        {picture.width} × {picture.height}
      </span>
      <IconButton
        icon={X}
        label="Remove the picture"
        tip="Draws from noise alone again"
        onClick={onRemove}
      />
    </div>
  );
}

/** Another picture keeps strength and fit; a mask and edges belong to the one before. */
function replaced(source: Source | null, picture: Source['picture']): Source {
  return Source.parse({ ...source, picture, mask: null, extend: null });
}

function pictureIn(transfer: DataTransfer | null): File | null {
  return [...(transfer?.files ?? [])].find(({ type }) => type.startsWith('image/')) ?? null;
}
