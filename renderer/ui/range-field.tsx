/** Two ends of a range, as shares in percent: typed, stepped, or dragged on one track. */
import { useId } from 'react';
import { NumberField } from './number-field.tsx';
import { moveRange, type Range } from './range.ts';
import styles from './range-field.module.css';

interface RangeFieldProps {
  readonly label: string;
  /** What it does to the result, in a sentence. */
  readonly tip: string;
  /** 0 to 1, start ≤ end. */
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}

const ends = [
  { end: 'start', title: 'From', usual: 0 },
  { end: 'end', title: 'To', usual: 100 },
] as const;

export function RangeField({ label, tip, range, onChange }: RangeFieldProps) {
  const id = useId();
  const percent = { start: Math.round(range.start * 100), end: Math.round(range.end * 100) };
  return (
    <div role="group" aria-labelledby={id} className={styles.range}>
      <span id={id} className={styles.label} data-tip={tip}>
        {label}
      </span>
      <div
        className={styles.track}
        style={{ '--from': `${percent.start}%`, '--to': `${percent.end}%` } as React.CSSProperties}
      >
        {ends.map(({ end, title }) => (
          <input
            key={end}
            type="range"
            aria-label={`${title}, slider`}
            min={0}
            max={100}
            step={5}
            value={percent[end]}
            onChange={(event) =>
              onChange(moveRange(range, end, Number(event.currentTarget.value) / 100))
            }
          />
        ))}
      </div>
      <div className={styles.figures}>
        {ends.map(({ end, title, usual }) => (
          <NumberField
            key={end}
            label={title}
            tip={tip}
            unit="%"
            value={percent[end]}
            min={0}
            max={100}
            step={5}
            defaultValue={usual}
            onChange={(value) => onChange(moveRange(range, end, value / 100))}
          />
        ))}
      </div>
    </div>
  );
}
