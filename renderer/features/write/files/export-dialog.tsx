/** The project as a file of another program. */
import { Download, FolderOpen } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { DocumentExport, DocumentExportEvent } from '../../../../contract/document-files.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Project } from '../../../../contract/projects.ts';
import { useStudioInfo } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Segments, Select } from '../../../ui/field.tsx';
import { formatBytes } from '../../../ui/format.ts';
import { ProgressBar } from '../../../ui/progress-bar.tsx';
import styles from './files.module.css';

type Format = DocumentExport['format'];
type Done = Extract<DocumentExportEvent, { kind: 'done' }>;
type State =
  | { readonly kind: 'choosing'; readonly problem: string | null }
  | { readonly kind: 'writing'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly file: Done };

const formatTitles: Readonly<Record<Format, string>> = {
  epub: 'EPUB',
  pdf: 'PDF',
  docx: 'Word',
  html: 'HTML',
  markdown: 'Markdown',
  text: 'Text',
};
const formatOrder = ['epub', 'pdf', 'docx', 'html', 'markdown', 'text'] as const;
const formatHints: Readonly<Record<Format, string>> = {
  epub: 'For reading programs and e-readers, with chapters and pictures.',
  pdf: 'Pages as they are printed.',
  docx: 'For Word and LibreOffice, with headings, pictures and a table of contents.',
  html: 'One page for a browser, pictures within it.',
  markdown: 'Plain text with its form, which Atelier reads back with who wrote what.',
  text: 'The words alone.',
};
const origins: Readonly<Record<DocumentExport['origins'], string>> = {
  none: 'Nothing',
  colophon: 'A sentence at the end',
  spans: 'Each stretch, and a sentence at the end',
};

interface ExportDialogProps {
  readonly project: Project;
  readonly onClose: () => void;
}

export function ExportDialog({ project, onClose }: ExportDialogProps) {
  const { client, desk } = useWindow();
  const session = useStore(desk.scene);
  const [wanted, setWanted] = useState<Pick<DocumentExport, 'format' | 'origins' | 'pageSize'>>({
    format: 'epub',
    origins: 'colophon',
    pageSize: 'a5',
  });
  const [leftOut, setLeftOut] = useState<ReadonlySet<string>>(new Set());
  const [state, setState] = useState<State>({ kind: 'choosing', problem: null });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const chosen = project.chapters.filter(({ id }) => !leftOut.has(id));

  const write = async () => {
    const controller = new AbortController();
    running.current = controller;
    setState({ kind: 'writing', done: 0, total: chosen.length });
    try {
      // What was typed last is part of it.
      await session?.flush();
      const chapters = leftOut.size === 0 ? null : chosen.map(({ id }) => id);
      for await (const event of client['documents.export'](
        { projectId: project.id, ...wanted, chapters },
        { signal: controller.signal },
      )) {
        if (event.kind === 'done') setState({ kind: 'done', file: event });
        else setState({ kind: 'writing', done: event.done, total: event.total });
      }
    } catch (thrown) {
      const { code, message } = StudioError.from(thrown);
      setState({ kind: 'choosing', problem: code === 'cancelled' ? null : message });
    } finally {
      running.current = null;
    }
  };

  return (
    <Dialog label="Export the project" onClose={onClose}>
      {state.kind === 'done' ? (
        <Result file={state.file} onAgain={() => setState({ kind: 'choosing', problem: null })} />
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (state.kind === 'choosing' && chosen.length > 0) void write();
          }}
        >
          <fieldset className={styles.fields} disabled={state.kind === 'writing'}>
            <Segments
              label="Format"
              value={wanted.format}
              options={formatOrder.map((value) => ({ value, label: formatTitles[value] }))}
              onChange={(format) => setWanted((now) => ({ ...now, format }))}
            />
            <p className={styles.hint}>{formatHints[wanted.format]}</p>
            <Select
              label="About text by models"
              tip="What the file tells of what models wrote; spans need a format that can mark them."
              value={wanted.origins}
              options={(['none', 'colophon', 'spans'] as const).map((value) => ({
                value,
                label: origins[value],
              }))}
              onChange={(value) => setWanted((now) => ({ ...now, origins: value }))}
            />
            {wanted.format === 'pdf' && (
              <Select
                label="Page size"
                tip="A5 is a paperback's page; A4 and Letter are what printers hold."
                value={wanted.pageSize}
                options={[
                  { value: 'a5', label: 'A5' },
                  { value: 'a4', label: 'A4' },
                  { value: 'letter', label: 'Letter' },
                ]}
                onChange={(pageSize) => setWanted((now) => ({ ...now, pageSize }))}
              />
            )}
            {project.chapters.length > 1 && (
              <Chapters project={project} leftOut={leftOut} onChange={setLeftOut} />
            )}
          </fieldset>
          {state.kind === 'choosing' && state.problem !== null && (
            <p className={styles.problem} role="alert">
              {state.problem}
            </p>
          )}
          {state.kind === 'writing' ? (
            <div className={styles.progress}>
              <p>
                Chapter {Math.min(state.total, state.done + 1)} of {state.total}
              </p>
              <ProgressBar
                label="Chapters written"
                fraction={state.total === 0 ? null : state.done / state.total}
              />
              <Button data-initial-focus onClick={() => running.current?.abort()}>
                Cancel
              </Button>
            </div>
          ) : (
            <div className={styles.actions}>
              <Button onClick={onClose}>Cancel</Button>
              <Button
                type="submit"
                variant="primary"
                data-initial-focus
                disabled={chosen.length === 0}
              >
                Export
              </Button>
            </div>
          )}
        </form>
      )}
    </Dialog>
  );
}

function Chapters({
  project,
  leftOut,
  onChange,
}: {
  readonly project: Project;
  readonly leftOut: ReadonlySet<string>;
  readonly onChange: (leftOut: ReadonlySet<string>) => void;
}) {
  const { chapters } = project;
  return (
    <fieldset className={styles.chapters}>
      <legend>Chapters</legend>
      {chapters.map(({ id, title }, index) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={!leftOut.has(id)}
            onChange={(event) => {
              const next = new Set(leftOut);
              if (event.currentTarget.checked) next.delete(id);
              else next.add(id);
              onChange(next);
            }}
          />
          {title || `Chapter ${index + 1}`}
        </label>
      ))}
    </fieldset>
  );
}

function Result({ file, onAgain }: { readonly file: Done; readonly onAgain: () => void }) {
  const { client, toasts } = useWindow();
  const canReveal = useStudioInfo()?.canReveal === true;
  return (
    <div className={styles.form}>
      <p className={styles.file}>
        <b>{file.fileName}</b> {formatBytes(file.sizeBytes)}
      </p>
      <p className={styles.path} data-selectable>
        {file.path}
      </p>
      {file.warnings.length > 0 && (
        <ul
          className={styles.warnings}
          aria-label="What the file does not hold as the page shows it"
        >
          {file.warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <div className={styles.actions}>
        <Button onClick={onAgain}>Another format</Button>
        {canReveal ? (
          <Button
            variant="primary"
            icon={FolderOpen}
            data-initial-focus
            onClick={() => void toasts.watch(client['documents.reveal']({ url: file.url }))}
          >
            Show in folder
          </Button>
        ) : (
          <a className={styles.download} href={file.url} download={file.fileName}>
            <Download aria-hidden />
            Download
          </a>
        )}
      </div>
    </div>
  );
}
