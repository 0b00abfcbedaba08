import {
  Blend,
  Brush,
  Check,
  Contrast,
  Eraser,
  Lasso,
  PaintBucket,
  Redo2,
  SquareDashed,
  Undo2,
  type LucideIcon,
} from 'lucide-react';
import { useCallback, useState } from 'react';
import { Button, IconButton } from '../../ui/button.tsx';
import { Segments, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Popover } from '../../ui/popover.tsx';
import { brushSizes, defaultCanvasTools, type CanvasTools, type ToolName } from './canvas-tools.ts';
import styles from './mask-stage.module.css';
import type { MaskStatus, PaintedMask } from './painted-mask.ts';

const tools: readonly {
  readonly name: ToolName;
  readonly icon: LucideIcon;
  readonly label: string;
  readonly tip: string;
}[] = [
  { name: 'brush', icon: Brush, label: 'Brush', tip: 'Brush: paints what is made anew (B)' },
  { name: 'eraser', icon: Eraser, label: 'Eraser', tip: 'Eraser: keeps the picture again (E)' },
  { name: 'lasso', icon: Lasso, label: 'Lasso', tip: 'Lasso: fills what you draw around (L)' },
  {
    name: 'fill',
    icon: PaintBucket,
    label: 'Fill',
    tip: 'Fill: turns a connected area over (F)',
  },
];

interface ToolColumnProps {
  readonly mask: PaintedMask;
  readonly status: MaskStatus;
  readonly settings: CanvasTools;
  readonly onChange: (change: Partial<CanvasTools>) => void;
  readonly onInvert: () => void;
  readonly onClear: () => void;
  readonly onFeather: (sigmaPx: number) => void;
}

/** Tools, and what acts on the whole mask. */
export function ToolColumn(props: ToolColumnProps) {
  const { mask, status, settings, onChange, onInvert, onClear, onFeather } = props;
  const [isOpen, setIsOpen] = useState(false);
  const close = useCallback(() => setIsOpen(false), []);
  return (
    <div
      className={styles.tools}
      role="toolbar"
      aria-label="Mask tools"
      aria-orientation="vertical"
    >
      {tools.map(({ name, icon, label, tip }) => (
        <IconButton
          key={name}
          icon={icon}
          label={label}
          tip={tip}
          aria-pressed={settings.tool === name}
          data-tip-side="right"
          onClick={() => onChange({ tool: name })}
        />
      ))}
      <span className={styles.rule} />
      <IconButton
        icon={Undo2}
        label="Undo the stroke"
        tip="Takes the last change of the mask back (Ctrl or ⌘ Z)"
        disabled={!status.canUndo}
        data-tip-side="right"
        onClick={mask.undo}
      />
      <IconButton
        icon={Redo2}
        label="Redo the stroke"
        tip="Makes the change again (Ctrl or ⌘ ⇧ Z)"
        disabled={!status.canRedo}
        data-tip-side="right"
        onClick={mask.redo}
      />
      <span className={styles.rule} />
      <IconButton
        icon={Contrast}
        label="Invert the mask"
        tip="Paints what was kept, and keeps what was painted (I)"
        data-tip-side="right"
        onClick={onInvert}
      />
      <Popover
        open={isOpen}
        onClose={close}
        label="Feather"
        align="start"
        button={
          <IconButton
            icon={Blend}
            label="Feather the mask"
            tip="Softens the mask's edge"
            aria-expanded={isOpen}
            data-tip-side="right"
            onClick={() => setIsOpen(!isOpen)}
          />
        }
      >
        <div className={styles.feather}>
          <NumberField
            label="Radius"
            tip="How far the edge spreads: the standard deviation of a Gaussian."
            unit="px"
            value={settings.featherPx}
            min={1}
            max={256}
            step={1}
            defaultValue={defaultCanvasTools.featherPx}
            onChange={(pixels) => onChange({ featherPx: Math.min(256, Math.max(1, pixels)) })}
          />
          <Button
            onClick={() => {
              onFeather(settings.featherPx);
              close();
            }}
          >
            Feather
          </Button>
        </div>
      </Popover>
      <IconButton
        icon={SquareDashed}
        label="Clear the mask"
        tip="Keeps the whole picture; you can undo it (Del)"
        data-tip-side="right"
        onClick={onClear}
      />
    </div>
  );
}

interface ToolOptionsProps {
  readonly settings: CanvasTools;
  readonly onChange: (change: Partial<CanvasTools>) => void;
  readonly onDone: () => void;
}

/** What the chosen tool can be told. */
export function ToolOptions({ settings, onChange, onDone }: ToolOptionsProps) {
  return (
    <div className={styles.head}>
      <div className={styles.options} role="group" aria-label="Settings of the tool">
        <OptionsOf settings={settings} onChange={onChange} />
      </div>
      <Button
        variant="primary"
        icon={Check}
        tip="Keeps the mask and goes back to the picture (Esc)"
        onClick={onDone}
      >
        Done
      </Button>
    </div>
  );
}

function OptionsOf({ settings, onChange }: Pick<ToolOptionsProps, 'settings' | 'onChange'>) {
  switch (settings.tool) {
    case 'brush':
    case 'eraser':
      return (
        <>
          <NumberField
            label="Size"
            tip="Diameter on the picture. [ and ] change it."
            unit="px"
            value={settings.sizePx}
            {...brushSizes}
            step={1}
            defaultValue={defaultCanvasTools.sizePx}
            onChange={(pixels) =>
              onChange({ sizePx: Math.min(brushSizes.max, Math.max(brushSizes.min, pixels)) })
            }
          />
          <NumberField
            label="Hardness"
            tip="How much of the brush is solid before its edge fades."
            unit="%"
            value={Math.round(settings.hardness * 100)}
            min={0}
            max={100}
            step={5}
            defaultValue={defaultCanvasTools.hardness * 100}
            onChange={(percent) => onChange({ hardness: Math.min(1, Math.max(0, percent / 100)) })}
          />
          <Switch
            label="Pressure"
            tip="A pen that presses harder paints wider."
            checked={settings.usesPressure}
            onChange={(usesPressure) => onChange({ usesPressure })}
          />
        </>
      );
    case 'lasso':
      return (
        <>
          <Segments
            label="What the lasso does"
            tip="Whether what you draw around is painted or kept (X)"
            value={settings.lassoBlend}
            options={[
              { value: 'add', label: 'Paint' },
              { value: 'subtract', label: 'Keep' },
            ]}
            onChange={(lassoBlend) => onChange({ lassoBlend })}
          />
          <Switch
            label="Leave holes"
            tip="Where the line crosses itself, every second area stays free."
            checked={settings.fillRule === 'evenodd'}
            onChange={(leaves) => onChange({ fillRule: leaves ? 'evenodd' : 'nonzero' })}
          />
        </>
      );
    case 'fill':
      return (
        <>
          <Segments
            label="What is filled"
            tip="What an outline of the mask encloses, or what has a similar colour in the picture"
            value={settings.fillBy}
            options={[
              { value: 'mask', label: 'Enclosed' },
              { value: 'colour', label: 'By colour' },
            ]}
            onChange={(fillBy) => onChange({ fillBy })}
          />
          {settings.fillBy === 'colour' && (
            <NumberField
              label="Tolerance"
              tip="How far colours may differ and still be filled."
              value={settings.tolerance}
              min={0}
              max={255}
              step={1}
              defaultValue={defaultCanvasTools.tolerance}
              onChange={(tolerance) =>
                onChange({ tolerance: Math.min(255, Math.max(0, tolerance)) })
              }
            />
          )}
        </>
      );
    default:
      return settings.tool satisfies never;
  }
}
