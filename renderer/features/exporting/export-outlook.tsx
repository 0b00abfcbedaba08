/** What the export would make: names, sizes, room on the disk, and what is in the way. */
import { CircleAlert, Info } from 'lucide-react';
import type { ExportPreview, ExportProblem } from '../../../contract/exports.ts';
import { formatBytes, formatCount } from '../../ui/format.ts';
import styles from './export-dialog.module.css';

interface ExportOutlookProps {
  readonly preview: ExportPreview | undefined;
  readonly isStale: boolean;
  /** Why nothing can be foretold. */
  readonly error: string | null;
}

export function ExportOutlook({ preview, isStale, error }: ExportOutlookProps) {
  if (error !== null)
    return (
      <ul className={styles.problems}>
        <Problem severity="error" text={error} />
      </ul>
    );
  if (!preview) return <div aria-busy="true" className={styles.outlook} />;
  const { names, total, collisions, estimatedBytes, freeBytes, problems } = preview;
  const isTight = estimatedBytes !== null && freeBytes !== null && estimatedBytes > freeBytes;
  return (
    <div className={styles.outlook} data-stale={isStale ? '' : undefined}>
      <dl className={styles.figures}>
        <div>
          <dt>Pictures</dt>
          <dd>{total.toLocaleString('en')}</dd>
        </div>
        <div>
          <dt>About</dt>
          <dd>{estimatedBytes === null ? '—' : formatBytes(estimatedBytes)}</dd>
        </div>
        <div data-warning={isTight ? '' : undefined}>
          <dt>Free there</dt>
          <dd>{freeBytes === null ? '—' : formatBytes(freeBytes)}</dd>
        </div>
      </dl>
      {problems.length > 0 && (
        <ul className={styles.problems} aria-label="What is in the way">
          {problems.map((problem) => (
            <Problem
              key={`${problem.field} ${problem.start ?? ''} ${problem.message}`}
              severity={problem.severity}
              text={`${problem.message} ${problem.remedy}`}
            />
          ))}
        </ul>
      )}
      <ol className={styles.names} aria-label="Names of the first files">
        {names.map(({ id, name, taken, collides, width, height }) => (
          <li key={id}>
            <span className={styles.name} title={name}>
              {name}
            </span>
            <span className={styles.mark}>
              {taken ? 'taken' : collides ? 'numbered' : `${width} × ${height}`}
            </span>
          </li>
        ))}
      </ol>
      {total > names.length && names.length > 0 && (
        <p className={styles.hint}>and {formatCount(total - names.length, 'more', 'more')}</p>
      )}
      {collisions > 0 && (
        <p className={styles.hint}>
          {formatCount(collisions, 'name comes', 'names come')} up twice and get a number. Add{' '}
          <code>{'{n}'}</code> or <code>{'{seed}'}</code> to tell them apart.
        </p>
      )}
    </div>
  );
}

function Problem({
  severity,
  text,
}: {
  readonly severity: ExportProblem['severity'];
  readonly text: string;
}) {
  const Icon = severity === 'error' ? CircleAlert : Info;
  return (
    <li data-severity={severity}>
      <Icon aria-hidden />
      <span data-selectable>{text}</span>
    </li>
  );
}
