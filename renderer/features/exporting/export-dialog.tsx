/**
 * The export of chosen pictures. Starting one closes the dialog: the job goes on in Activity and in the
 * status line, and everything that was set is here again the next time.
 */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import { exportKinds, ExportOptions, type ExportPreset } from '../../../contract/exports.ts';
import { useFolders, useStudioInfo } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Segments } from '../../ui/field.tsx';
import { formatCount } from '../../ui/format.ts';
import { TextField } from '../../ui/text-field.tsx';
import { type ExportSubject, optionsOf, separatorOf } from './export-draft.ts';
import { ExportOutlook } from './export-outlook.tsx';
import styles from './export-dialog.module.css';
import { ColourPanel, FormatPanel, SizePanel, WatermarkPanel } from './look-panels.tsx';
import { NamePanel } from './name-panel.tsx';
import { ContactSheetPanel, WebGalleryPanel } from './page-panels.tsx';
import { PresetBar } from './preset-bar.tsx';
import { kindTitles } from './setting-words.ts';
import { ToldPanel } from './told-panel.tsx';
import { useExportPreview } from './use-export-preview.ts';

interface ExportDialogProps {
  readonly subject: ExportSubject;
  readonly onClose: () => void;
}

const presetsKey = ['exports', 'presets'] as const;

export function ExportDialog({ subject, onClose }: ExportDialogProps) {
  const { client, exportDraft, toasts, open } = useWindow();
  const queries = useQueryClient();
  const info = useStudioInfo();
  const kept = useStore(exportDraft);
  const [isStarting, setIsStarting] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const capabilities = useQuery({
    queryKey: ['exports', 'capabilities'],
    queryFn: ({ signal }) => client['exports.capabilities']({}, { signal }),
  }).data;
  const presets = useQuery({
    queryKey: presetsKey,
    queryFn: ({ signal }) => client['exports.presets.list']({}, { signal }),
  }).data;
  const separator = separatorOf(info?.platform ?? '');
  const usualFolder = info ? `${info.libraryFolder}${separator}exports` : '';
  const draft = kept.folder === '' ? { ...kept, folder: usualFolder } : kept;
  const folders = useFolders(draft.folder);
  const wanted = info ? optionsOf(draft, subject.source, separator) : null;
  const checked = wanted && ExportOptions.safeParse(wanted);
  const preview = useExportPreview(checked?.success ? checked.data : null);
  if (!capabilities || !presets || !info) return null;

  const { settings } = draft;
  const change = (part: Partial<typeof draft>) => {
    setRefusal(null);
    exportDraft.set((now) => ({ ...now, folder: draft.folder, ...part }));
  };
  const panel = {
    settings,
    onChange: (part: Partial<typeof settings>) => change({ settings: { ...settings, ...part } }),
  };
  const issue = checked?.success === false ? (checked.error.issues[0] ?? null) : null;
  const problems = preview.data?.problems ?? [];
  const isBlocked =
    issue !== null ||
    problems.some(({ severity }) => severity === 'error') ||
    preview.data?.total === 0;
  const watermarkProblem =
    issue?.path[0] === 'settings' && issue.path[1] === 'watermark'
      ? settings.watermark.kind === 'text'
        ? 'Type what is to stand on the pictures.'
        : 'Choose the picture that is to stand on the others.'
      : null;
  const choose = (kind: 'folder' | 'file', title: string, startAt: string) =>
    toasts.watch(
      client['system.choosePath']({ kind, title, startAt }).then(({ path }) => {
        if (path === null) return;
        if (kind === 'folder') change({ folder: path });
        else if (settings.watermark.kind === 'picture')
          panel.onChange({ watermark: { ...settings.watermark, path } });
      }),
    );

  const start = async () => {
    if (!checked?.success || isBlocked || isStarting) return;
    setIsStarting(true);
    try {
      await client['exports.start'](checked.data);
      onClose();
      toasts.say(`Exporting ${subject.title}. Activity shows how far it is.`);
    } catch (error) {
      setRefusal(StudioError.from(error).message);
    } finally {
      setIsStarting(false);
    }
  };

  return (
    <Dialog label={`Export ${subject.title}`} shape="wide" onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
          event.preventDefault();
          void start();
        }}
      >
        <div className={styles.top}>
          <Segments
            label="Make"
            value={draft.kind}
            options={exportKinds.map((value) => ({ value, label: kindTitles[value] }))}
            onChange={(kind) => change({ kind })}
          />
          <PresetBar
            presets={presets}
            draft={draft}
            onChange={change}
            onPresets={(list) => queries.setQueryData<ExportPreset[]>(presetsKey, list)}
          />
        </div>
        <div className={styles.columns}>
          <div className={styles.settings}>
            {draft.kind === 'contact-sheet' && (
              <ContactSheetPanel
                sheet={settings.sheet}
                onChange={(sheet) => panel.onChange({ sheet })}
              />
            )}
            {draft.kind === 'web-gallery' && (
              <WebGalleryPanel
                gallery={settings.gallery}
                onChange={(gallery) => panel.onChange({ gallery })}
              />
            )}
            {draft.kind !== 'contact-sheet' && (
              <FormatPanel {...panel} formats={capabilities.formats} />
            )}
            {draft.kind !== 'contact-sheet' && <SizePanel {...panel} />}
            <ColourPanel {...panel} />
            <WatermarkPanel
              {...panel}
              problem={watermarkProblem}
              onChoosePicture={
                info.canChoosePath
                  ? () => void choose('file', 'Choose a watermark', draft.folder)
                  : null
              }
            />
            {draft.kind !== 'contact-sheet' && (
              <NamePanel {...panel} tokens={capabilities.tokens} problems={problems} />
            )}
            <ToldPanel {...panel} credentials={capabilities.contentCredentials} />
          </div>
          <div className={styles.result}>
            <TextField
              label="Into the folder"
              tip="Where on this machine the files go; it is made if need be."
              stacked
              value={draft.folder}
              suggestions={folders}
              error={draft.folder.trim() === '' ? 'Name a folder.' : null}
              onChoose={
                info.canChoosePath ? () => void choose('folder', 'Export to', draft.folder) : null
              }
              onChange={(folder) => change({ folder })}
            />
            {draft.kind !== 'folder' && (
              <TextField
                label={draft.kind === 'web-gallery' ? 'Name of the gallery' : 'Name of the file'}
                tip="Its ending is added."
                stacked
                value={draft.fileName}
                maxLength={200}
                onChange={(fileName) => change({ fileName })}
              />
            )}
            <ExportOutlook
              preview={preview.data}
              isStale={preview.isPlaceholderData || preview.isFetching}
              error={
                issue && watermarkProblem === null
                  ? issue.message
                  : (preview.error?.message ?? null)
              }
            />
          </div>
        </div>
        <div className={styles.foot}>
          {refusal !== null ? (
            <p className={styles.refusal} role="alert" data-selectable>
              {refusal}
            </p>
          ) : (
            <Button
              variant="quiet"
              tip="Exports that run, and those that ran"
              onClick={() => {
                onClose();
                open('activity');
              }}
            >
              Earlier exports
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="primary"
            data-initial-focus
            disabled={isBlocked || isStarting}
          >
            {preview.data
              ? `Export ${formatCount(preview.data.total, 'picture', 'pictures')}`
              : 'Export'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
