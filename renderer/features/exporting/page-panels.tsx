/** What is asked only of contact sheets and of web galleries. */
import {
  exportPageSizes,
  type ContactSheetSettings,
  type WebGallerySettings,
} from '../../../contract/exports.ts';
import { Segments, Select } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { ColourField, TextField } from '../../ui/text-field.tsx';

const pageTitles: Readonly<Record<ContactSheetSettings['page'], string>> = {
  a3: 'A3',
  a4: 'A4',
  a5: 'A5',
  letter: 'Letter',
  tabloid: 'Tabloid',
};

const captions = [
  { value: 'none', label: 'Nothing' },
  { value: 'name', label: 'The file name' },
  { value: 'prompt', label: 'The prompt' },
  { value: 'tags', label: 'The tags' },
  { value: 'note', label: 'The note' },
] as const;

export function ContactSheetPanel({
  sheet,
  onChange,
}: {
  readonly sheet: ContactSheetSettings;
  readonly onChange: (sheet: ContactSheetSettings) => void;
}) {
  const set = (change: Partial<ContactSheetSettings>) => onChange({ ...sheet, ...change });
  return (
    <Section
      title="Contact sheet"
      summary={`${pageTitles[sheet.page]} · ${sheet.columns} × ${sheet.rows}`}
      defaultOpen
    >
      <TextField
        label="Title"
        tip="Stands at the top of each page; empty for none."
        value={sheet.title}
        maxLength={200}
        onChange={(title) => set({ title })}
      />
      <Select
        label="Page"
        tip="The size of the paper."
        value={sheet.page}
        options={exportPageSizes.map((value) => ({ value, label: pageTitles[value] }))}
        onChange={(page) => set({ page })}
      />
      <Segments
        label="Which way the page stands"
        value={sheet.orientation}
        options={[
          { value: 'portrait', label: 'Upright' },
          { value: 'landscape', label: 'Across' },
        ]}
        onChange={(orientation) => set({ orientation })}
      />
      <CountField
        label="Columns"
        value={sheet.columns}
        max={12}
        usual={4}
        onChange={(columns) => set({ columns })}
      />
      <CountField
        label="Rows"
        value={sheet.rows}
        max={16}
        usual={5}
        onChange={(rows) => set({ rows })}
      />
      <NumberField
        label="Margin"
        tip="Empty space around each page."
        unit="mm"
        value={sheet.marginMm}
        min={0}
        max={50}
        step={1}
        defaultValue={12}
        onChange={(marginMm) => set({ marginMm: Math.min(50, Math.max(0, marginMm)) })}
      />
      <Select
        label="Below each picture"
        tip="One line of text, cut where it is too long."
        value={sheet.captions}
        options={captions}
        onChange={(value) => set({ captions: value })}
      />
      <ColourField
        label="Paper"
        tip="The colour behind the pictures."
        value={sheet.background}
        onChange={(background) => set({ background })}
      />
    </Section>
  );
}

function CountField(props: {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly usual: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <NumberField
      label={props.label}
      tip="More of them make smaller pictures."
      value={props.value}
      min={1}
      max={props.max}
      step={1}
      defaultValue={props.usual}
      onChange={(value) => props.onChange(Math.min(props.max, Math.max(1, Math.round(value))))}
    />
  );
}

export function WebGalleryPanel({
  gallery,
  onChange,
}: {
  readonly gallery: WebGallerySettings;
  readonly onChange: (gallery: WebGallerySettings) => void;
}) {
  const set = (change: Partial<WebGallerySettings>) => onChange({ ...gallery, ...change });
  return (
    <Section title="Web gallery" summary={gallery.title} defaultOpen>
      <TextField
        label="Title"
        tip="The heading of the page."
        value={gallery.title}
        maxLength={200}
        onChange={(title) => set({ title })}
      />
      <TextField
        label="Introduction"
        tip="A sentence or two below the heading; empty for none."
        stacked
        value={gallery.introduction}
        maxLength={2000}
        onChange={(introduction) => set({ introduction })}
      />
      <Select
        label="Below each picture"
        tip="What visitors read with each picture."
        value={gallery.captions}
        options={captions}
        onChange={(value) => set({ captions: value })}
      />
      <NumberField
        label="Small pictures"
        tip="Long edge of the pictures on the overview page."
        unit="px"
        value={gallery.thumbnailPixels}
        min={64}
        max={1024}
        step={32}
        defaultValue={480}
        onChange={(pixels) =>
          set({ thumbnailPixels: Math.min(1024, Math.max(64, Math.round(pixels))) })
        }
      />
    </Section>
  );
}
