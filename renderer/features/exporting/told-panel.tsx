/** What exported files tell of their making, and what lies beside them. */
import {
  exportMetadataProfiles,
  exportSidecars,
  type ExportCapabilities,
  type ExportSettings,
} from '../../../contract/exports.ts';
import { Segments, Select, Switch } from '../../ui/field.tsx';
import { Section } from '../../ui/section.tsx';
import styles from './export-dialog.module.css';
import type { PanelProps } from './look-panels.tsx';
import { metadataHints, metadataTitles, toldSummary } from './setting-words.ts';

const sidecarTips: Readonly<Record<ExportSettings['sidecars'][number], string>> = {
  txt: 'A caption for training a model or for a person: prompt, tags or note.',
  json: 'Everything the library knows of the picture, for programs; importing reads it back.',
  xmp: 'Stars, label and tags, for Lightroom, Bridge, darktable and digiKam.',
};

export function ToldPanel({
  settings,
  onChange,
  credentials,
}: PanelProps & { readonly credentials: ExportCapabilities['contentCredentials'] }) {
  const { sidecars } = settings;
  return (
    <Section title="What files tell" summary={toldSummary(settings)} defaultOpen>
      <Segments
        label="What files tell of their making"
        value={settings.metadata}
        options={exportMetadataProfiles.map((value) => ({ value, label: metadataTitles[value] }))}
        onChange={(metadata) => onChange({ metadata })}
      />
      <p className={styles.hint}>{metadataHints[settings.metadata]}</p>
      {settings.metadata !== 'clean' && credentials.available && (
        <Switch
          label="Sign the disclosure (C2PA)"
          tip="Content Credentials: a signed statement of how the file was made that shows any later change."
          checked={settings.contentCredentials}
          onChange={(contentCredentials) => onChange({ contentCredentials })}
        />
      )}
      {settings.metadata !== 'clean' && !credentials.available && credentials.reason !== '' && (
        <p className={styles.hint}>{credentials.reason}</p>
      )}
      {exportSidecars.map((ending) => (
        <Switch
          key={ending}
          label={`A .${ending} file beside each picture`}
          tip={sidecarTips[ending]}
          checked={sidecars.includes(ending)}
          onChange={(isWanted) =>
            onChange({
              sidecars: exportSidecars.filter((other) =>
                other === ending ? isWanted : sidecars.includes(other),
              ),
            })
          }
        />
      ))}
      {sidecars.includes('txt') && (
        <Select
          label="The .txt file holds"
          tip="What training programs read as the picture's caption."
          value={settings.caption}
          options={[
            { value: 'prompt', label: 'The prompt' },
            { value: 'tags', label: 'The tags' },
            { value: 'note', label: 'The note' },
          ]}
          onChange={(caption) => onChange({ caption })}
        />
      )}
    </Section>
  );
}
