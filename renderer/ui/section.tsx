/** A part of a panel that folds away; closed, it says in a few words what it is set to. */
import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './section.module.css';

interface SectionProps {
  readonly title: string;
  /** What is set, such as "2× · 0.55"; null where nothing is. */
  readonly summary: string | null;
  readonly defaultOpen?: boolean;
  readonly children: ReactNode;
}

export function Section({ title, summary, defaultOpen, children }: SectionProps) {
  return (
    <details className={styles.section} open={defaultOpen}>
      <summary>
        <ChevronRight aria-hidden />
        <span>{title}</span>
        {summary !== null && <span className={styles.summary}>{summary}</span>}
      </summary>
      <div className={styles.body}>{children}</div>
    </details>
  );
}
