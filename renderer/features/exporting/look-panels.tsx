/** How an exported picture looks: format, size, sharpness and colour, watermark. */
import {
  exportPositions,
  type ExportCapabilities,
  type ExportSettings,
  type ExportSize,
  type ExportWatermark,
} from '../../../contract/exports.ts';
import { Select, Segments, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { ColourField, TextField } from '../../ui/text-field.tsx';
import {
  canBeLossless,
  colourSummary,
  formatSummary,
  formatTitles,
  hasQuality,
  positionTitles,
  sizeOfMode,
  sizeSummary,
  sizeTitles,
  watermarkSummary,
} from './setting-words.ts';

export interface PanelProps {
  readonly settings: ExportSettings;
  readonly onChange: (change: Partial<ExportSettings>) => void;
}

const formatOrder = ['original', 'png', 'jpeg', 'webp', 'avif', 'tiff', 'jxl'] as const;
const positions = exportPositions.map((value) => ({ value, label: positionTitles[value] }));

export function FormatPanel({
  settings,
  onChange,
  formats,
}: PanelProps & { readonly formats: ExportCapabilities['formats'] }) {
  const offered = formatOrder.filter(
    (format) => formats.find((known) => known.format === format)?.available === true,
  );
  return (
    <Section title="Format" summary={formatSummary(settings)} defaultOpen>
      <Select
        label="File format"
        tip="PNG and TIFF lose nothing; JPEG opens everywhere; WebP and AVIF are smaller."
        value={settings.format}
        options={offered.map((value) => ({ value, label: formatTitles[value] }))}
        onChange={(format) => onChange({ format })}
      />
      {canBeLossless(settings.format) && (
        <Switch
          label="Lose nothing"
          tip="Every pixel stays exactly as it is; files become several times larger."
          checked={settings.lossless}
          onChange={(lossless) => onChange({ lossless })}
        />
      )}
      {hasQuality(settings) && (
        <NumberField
          label="Quality"
          tip="Lower makes smaller files and visible blocks; above 90 hardly anyone sees a difference."
          slider
          value={settings.quality}
          min={1}
          max={100}
          step={1}
          defaultValue={85}
          onChange={(quality) => onChange({ quality: Math.round(clamp(quality, 1, 100)) })}
        />
      )}
      {(settings.format === 'jpeg' || settings.format === 'avif') && (
        <Segments
          label="Colour detail"
          tip="Half the colour detail saves a fifth of the bytes; full keeps thin red and blue lines crisp."
          value={settings.chroma}
          options={[
            { value: '4:2:0', label: 'Half colour detail' },
            { value: '4:4:4', label: 'Full' },
          ]}
          onChange={(chroma) => onChange({ chroma })}
        />
      )}
      {settings.format !== 'original' && (
        <NumberField
          label="Effort"
          tip="How long the encoder looks for fewer bytes; the picture stays the same."
          slider
          value={settings.effort}
          min={0}
          max={100}
          step={5}
          defaultValue={50}
          onChange={(effort) => onChange({ effort: Math.round(clamp(effort, 0, 100)) })}
        />
      )}
    </Section>
  );
}

export function SizePanel({ settings, onChange }: PanelProps) {
  const { size } = settings;
  const set = (changed: ExportSize) => onChange({ size: changed });
  return (
    <Section title="Size" summary={sizeSummary(settings)}>
      <Select
        label="Resize"
        tip="What the pixels of the exported picture are made to fit."
        value={size.mode}
        options={(Object.keys(sizeTitles) as ExportSize['mode'][]).map((value) => ({
          value,
          label: sizeTitles[value],
        }))}
        onChange={(mode) => set(sizeOfMode(size, mode))}
      />
      {(size.mode === 'fit' || size.mode === 'fill') && (
        <>
          <EdgeField
            label="Width"
            value={size.width}
            onChange={(width) => set({ ...size, width })}
          />
          <EdgeField
            label="Height"
            value={size.height}
            onChange={(height) => set({ ...size, height })}
          />
        </>
      )}
      {size.mode === 'fill' && (
        <Select
          label="Keep"
          tip="What stays where the picture is cut to the new proportions."
          value={size.position}
          options={[
            ...positions,
            { value: 'attention', label: 'What draws the eye' },
            { value: 'entropy', label: 'The busiest part' },
          ]}
          onChange={(position) => set({ ...size, position })}
        />
      )}
      {(size.mode === 'long-edge' || size.mode === 'short-edge') && (
        <EdgeField
          label={sizeTitles[size.mode]}
          value={size.pixels}
          onChange={(pixels) => set({ ...size, pixels })}
        />
      )}
      {size.mode === 'scale' && (
        <NumberField
          label="Scale"
          tip="Per cent of each edge: 50 leaves a quarter of the pixels."
          unit="%"
          value={size.percent}
          min={1}
          max={1000}
          step={5}
          defaultValue={50}
          onChange={(percent) => set({ ...size, percent: clamp(percent, 1, 1000) })}
        />
      )}
      {size.mode === 'megapixels' && (
        <NumberField
          label="Megapixels"
          tip="Millions of pixels, whatever the proportions."
          unit="MP"
          value={size.megapixels}
          min={0.01}
          max={250}
          step={0.5}
          defaultValue={2}
          onChange={(megapixels) => set({ ...size, megapixels: clamp(megapixels, 0.01, 250) })}
        />
      )}
      {size.mode !== 'none' && (
        <Switch
          label="Enlarge smaller pictures"
          tip="Small pictures are stretched to the size too, which makes them soft."
          checked={settings.enlarge}
          onChange={(enlarge) => onChange({ enlarge })}
        />
      )}
    </Section>
  );
}

function EdgeField(props: {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <NumberField
      label={props.label}
      tip="In pixels of the exported picture."
      unit="px"
      value={props.value}
      min={1}
      max={32_768}
      step={64}
      defaultValue={2048}
      onChange={(value) => props.onChange(Math.round(clamp(value, 1, 32_768)))}
    />
  );
}

export function ColourPanel({ settings, onChange }: PanelProps) {
  return (
    <Section title="Sharpness and colour" summary={colourSummary(settings)}>
      <Select
        label="Sharpen"
        tip="Brings back the crispness that resizing takes; paper needs more than a screen."
        value={settings.sharpening}
        options={[
          { value: 'off', label: 'No' },
          { value: 'screen', label: 'For screens' },
          { value: 'print', label: 'For print' },
        ]}
        onChange={(sharpening) => onChange({ sharpening })}
      />
      {settings.sharpening !== 'off' && (
        <Segments
          label="How much"
          value={settings.sharpeningStrength}
          options={[
            { value: 'low', label: 'A little' },
            { value: 'standard', label: 'Usual' },
            { value: 'high', label: 'Much' },
          ]}
          onChange={(sharpeningStrength) => onChange({ sharpeningStrength })}
        />
      )}
      <Select
        label="Colour space"
        tip="sRGB looks right everywhere; Display P3 holds stronger colours for screens that show them."
        value={settings.profile}
        options={[
          { value: 'keep', label: 'As it is' },
          { value: 'srgb', label: 'sRGB' },
          { value: 'display-p3', label: 'Display P3' },
        ]}
        onChange={(profile) => onChange({ profile })}
      />
      <Switch
        label="Put the colour profile into the file"
        tip="Lets other programs show the colours as they are meant, for some hundred bytes."
        checked={settings.embedProfile}
        onChange={(embedProfile) => onChange({ embedProfile })}
      />
      <Switch
        label="Fill what is transparent"
        tip="Puts a colour behind transparent parts; JPEG always has one, white if none is chosen."
        checked={settings.background !== null}
        onChange={(isFilled) => onChange({ background: isFilled ? '#ffffff' : null })}
      />
      {settings.background !== null && (
        <ColourField
          label="Background"
          tip="Seen wherever the picture is transparent."
          value={settings.background}
          onChange={(background) => onChange({ background })}
        />
      )}
    </Section>
  );
}

const emptyText: ExportWatermark = {
  kind: 'text',
  text: '© ',
  colour: '#ffffff',
  position: 'bottom-right',
  size: 0.035,
  opacity: 0.7,
  margin: 0.03,
};
const emptyPicture: ExportWatermark = {
  kind: 'picture',
  path: '',
  position: 'bottom-right',
  size: 0.2,
  opacity: 0.7,
  margin: 0.03,
};

interface WatermarkPanelProps extends PanelProps {
  readonly problem: string | null;
  /** Opens the system's dialog; null where there is none. */
  readonly onChoosePicture: (() => void) | null;
}

export function WatermarkPanel({
  settings,
  onChange,
  problem,
  onChoosePicture,
}: WatermarkPanelProps) {
  const { watermark } = settings;
  const set = (changed: ExportWatermark) => onChange({ watermark: changed });
  return (
    <Section title="Watermark" summary={watermarkSummary(settings)}>
      <Segments
        label="Watermark"
        tip="Drawn over each picture; the library's own files stay as they are."
        value={watermark.kind}
        options={[
          { value: 'none', label: 'None' },
          { value: 'text', label: 'Text' },
          { value: 'picture', label: 'Picture' },
        ]}
        onChange={(kind) =>
          set(kind === 'none' ? { kind } : kind === 'text' ? emptyText : emptyPicture)
        }
      />
      {watermark.kind === 'text' && (
        <>
          <TextField
            label="Text"
            tip="What stands on each picture."
            value={watermark.text}
            maxLength={200}
            error={problem}
            onChange={(text) => set({ ...watermark, text })}
          />
          <ColourField
            label="Colour"
            tip="Of the letters."
            value={watermark.colour}
            onChange={(colour) => set({ ...watermark, colour })}
          />
        </>
      )}
      {watermark.kind === 'picture' && (
        <TextField
          label="File"
          tip="A picture of this machine, best one with transparency."
          stacked
          value={watermark.path}
          error={problem}
          onChoose={onChoosePicture}
          onChange={(path) => set({ ...watermark, path })}
        />
      )}
      {watermark.kind !== 'none' && (
        <>
          <Select
            label="Place"
            tip="Where on the picture it stands."
            value={watermark.position}
            options={positions}
            onChange={(position) => set({ ...watermark, position })}
          />
          <PercentField
            label="Size"
            tip="Against the picture's short edge."
            value={watermark.size}
            min={0.5}
            max={100}
            usual={watermark.kind === 'text' ? 3.5 : 20}
            onChange={(size) => set({ ...watermark, size })}
          />
          <PercentField
            label="Strength"
            tip="100 covers the picture; less lets it shine through."
            value={watermark.opacity}
            min={0}
            max={100}
            usual={70}
            onChange={(opacity) => set({ ...watermark, opacity })}
          />
          <PercentField
            label="Distance from the edge"
            tip="Against the picture's short edge."
            value={watermark.margin}
            min={0}
            max={50}
            usual={3}
            onChange={(margin) => set({ ...watermark, margin })}
          />
        </>
      )}
    </Section>
  );
}

/** A share, shown in per cent. */
function PercentField(props: {
  readonly label: string;
  readonly tip: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly usual: number;
  readonly onChange: (share: number) => void;
}) {
  return (
    <NumberField
      label={props.label}
      tip={props.tip}
      unit="%"
      value={Number((props.value * 100).toFixed(1))}
      min={props.min}
      max={props.max}
      step={props.max > 50 ? 5 : 0.5}
      defaultValue={props.usual}
      onChange={(percent) => props.onChange(clamp(percent, props.min, props.max) / 100)}
    />
  );
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
