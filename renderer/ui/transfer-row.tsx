/** A row of the lists of imports and exports: what, how far, what went wrong and what was left out. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './job-row.module.css';

interface TransferRowProps {
  readonly icon: LucideIcon;
  /** Colours the icon. */
  readonly state: string;
  readonly title: string;
  readonly facts: string;
  /** Why it ended or stands still; null while all is well. */
  readonly trouble: string | null;
  readonly progress: ReactNode;
  readonly actions: ReactNode;
  /** Single files that did not make it; null for none. */
  readonly losses: {
    readonly title: string;
    readonly rows: readonly { readonly name: string; readonly reason: string }[];
    /** Beyond those rows. */
    readonly more: number;
    readonly action: ReactNode;
  } | null;
}

export function TransferRow(props: TransferRowProps) {
  const { icon: Icon, state, title, facts, trouble, progress, actions, losses } = props;
  return (
    <li className={styles.job} data-state={state}>
      <Icon aria-hidden />
      <div className={styles.title}>{title}</div>
      <div className={styles.facts}>{facts}</div>
      <span className={styles.actions}>{actions}</span>
      {progress !== null && <div className={styles.progress}>{progress}</div>}
      {trouble !== null && (
        <p className={styles.trouble} role="alert" data-selectable>
          {trouble}
        </p>
      )}
      {losses && (
        <details className={styles.failures}>
          <summary>{losses.title}</summary>
          <ul>
            {losses.rows.map(({ name, reason }) => (
              <li key={name}>
                <b>{name}</b> <span data-selectable>{reason}</span>
              </li>
            ))}
          </ul>
          {losses.more > 0 && <p>and {losses.more} more</p>}
          {losses.action}
        </details>
      )}
    </li>
  );
}

interface TransferListProps {
  readonly label: string;
  readonly children: ReactNode;
}

export function TransferList({ label, children }: TransferListProps) {
  return (
    <ol className={styles.jobs} aria-label={label}>
      {children}
    </ol>
  );
}
