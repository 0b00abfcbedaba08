/** The mask of the source picture, and how what it covers is painted. */
import { Brush, Contrast, X } from 'lucide-react';
import type { Mask, Source } from '../../../contract/image-options.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import styles from './source-panel.module.css';

const areas: readonly { readonly value: Mask['area']; readonly label: string }[] = [
  { value: 'whole', label: 'Whole picture' },
  { value: 'masked', label: 'Only masked' },
];
const fills: readonly { readonly value: Mask['fill']; readonly label: string }[] = [
  { value: 'original', label: 'Original' },
  { value: 'blurred', label: 'Blurred' },
  { value: 'noise', label: 'Noise' },
  { value: 'blank', label: 'Blank' },
];

interface MaskSettingsProps {
  readonly source: Source;
  readonly onChange: (source: Source) => void;
}

export function MaskSettings({ source, onChange }: MaskSettingsProps) {
  const { maskEditor } = useWindow();
  const { mask } = source;
  const set = (change: Partial<Mask>) =>
    mask && onChange({ ...source, mask: { ...mask, ...change } });
  return (
    <>
      <div className={styles.mask}>
        <Button
          id="paint-mask"
          icon={Brush}
          tip="Only what you paint over is made anew; the rest is kept"
          onClick={() => void maskEditor.open()}
        >
          {mask ? 'Edit mask…' : 'Paint a mask…'}
        </Button>
        {mask && (
          <>
            <IconButton
              icon={Contrast}
              label="Turn the mask over"
              tip="Paints what was kept, and keeps what was painted"
              onClick={() => void maskEditor.invert()}
            />
            <IconButton
              icon={X}
              label="Remove the mask"
              tip="The whole picture is made anew again"
              onClick={() => onChange({ ...source, mask: null })}
            />
          </>
        )}
      </div>
      {mask && (
        <>
          <NumberField
            label="Mask blur"
            tip="How softly what is painted goes over into what is kept."
            unit="px"
            value={mask.blurPx}
            min={0}
            max={128}
            step={1}
            defaultValue={4}
            onChange={(blurPx) => set({ blurPx })}
          />
          <Select
            label="Masked content"
            tip="What the masked area holds before it is painted: the picture itself, its surroundings, noise or nothing."
            value={mask.fill}
            options={fills}
            onChange={(fill) => set({ fill })}
          />
          <Select
            label="Area"
            tip="The whole picture at once, or only the masked part at full resolution, which shows more detail."
            value={mask.area}
            options={areas}
            onChange={(area) => set({ area })}
          />
          {mask.area === 'masked' && (
            <NumberField
              label="Padding"
              tip="How much around the mask is seen while it is painted, so that it fits in."
              unit="px"
              value={mask.paddingPx}
              min={0}
              max={512}
              step={8}
              defaultValue={32}
              onChange={(paddingPx) => set({ paddingPx })}
            />
          )}
        </>
      )}
    </>
  );
}
