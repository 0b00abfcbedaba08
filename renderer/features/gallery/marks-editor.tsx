/** Stars, flag and label of one picture or of many: what differs shows as unset. */
import { Flag as FlagIcon, X } from 'lucide-react';
import type { MarkChange } from '../../../contract/images.ts';
import { labelNames, type ColourLabel, type Flag } from '../../../contract/picture-facts.ts';
import { Stars } from '../../ui/stars.tsx';
import styles from './marks-editor.module.css';
import { keyOfLabel } from './triage-keys.ts';

/** Undefined where the pictures differ. */
export interface CommonMarks {
  readonly rating: number | undefined;
  readonly flag: Flag | null | undefined;
  readonly label: ColourLabel | null | undefined;
}

interface MarksEditorProps {
  readonly marks: CommonMarks;
  readonly onMark: (change: MarkChange) => void;
}

export function MarksEditor({ marks: { rating, flag, label }, onMark }: MarksEditorProps) {
  return (
    <div className={styles.marks}>
      <Stars label="Rating" rating={rating ?? 0} onChange={(stars) => onMark({ rating: stars })} />
      <div className={styles.flags} role="group" aria-label="Flag">
        <button
          type="button"
          aria-label="Pick"
          data-tip="Marks it as one to keep (P, U takes it back)"
          aria-pressed={flag === 'pick'}
          onClick={() => onMark({ flag: flag === 'pick' ? null : 'pick' })}
        >
          <FlagIcon aria-hidden />
        </button>
        <button
          type="button"
          aria-label="Reject"
          data-tip="Marks it as one to drop (X, U takes it back)"
          aria-pressed={flag === 'reject'}
          onClick={() => onMark({ flag: flag === 'reject' ? null : 'reject' })}
        >
          <X aria-hidden />
        </button>
      </div>
      <div className={styles.labels} role="group" aria-label="Label">
        {labelNames.map((name) => {
          const key = keyOfLabel(name);
          return (
            <button
              key={name}
              type="button"
              aria-label={`Label ${name}`}
              data-tip={`Labels it ${name}${key === null ? '' : ` (${key})`}`}
              aria-pressed={label === name}
              data-label={name}
              onClick={() => onMark({ label: label === name ? null : name })}
            >
              <i aria-hidden />
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** @returns what all of them have in common */
export function commonMarks(
  pictures: readonly {
    readonly rating: number;
    readonly flag: Flag | null;
    readonly label: ColourLabel | null;
  }[],
): CommonMarks {
  const [first] = pictures;
  const common = <Key extends 'rating' | 'flag' | 'label'>(key: Key) =>
    first && pictures.every((picture) => picture[key] === first[key]) ? first[key] : undefined;
  return { rating: common('rating'), flag: common('flag'), label: common('label') };
}
