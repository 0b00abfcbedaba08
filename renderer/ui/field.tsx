/** Choices: a select, a row of segments, a switch. */
import { ChevronsUpDown, type LucideIcon } from 'lucide-react';
import { useId } from 'react';
import { classNames } from './class-names.ts';
import styles from './field.module.css';

interface SelectProps<T extends string> {
  readonly label: string;
  readonly tip: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    readonly disabled?: boolean;
  }[];
  readonly onChange: (value: T) => void;
  /** The label is not drawn, only read out, and the control fills its place. */
  readonly bare?: boolean;
}

export function Select<T extends string>({
  label,
  tip,
  value,
  options,
  onChange,
  bare,
}: SelectProps<T>) {
  const id = useId();
  const control = (
    <span className={classNames(styles.select, bare && styles.wide)}>
      <select
        id={id}
        value={value}
        aria-label={bare ? label : undefined}
        aria-description={tip}
        data-tip={bare ? tip : undefined}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.currentTarget.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronsUpDown aria-hidden />
    </span>
  );
  if (bare) return control;
  return (
    <div className={styles.row}>
      <label className={styles.label} htmlFor={id} data-tip={tip}>
        {label}
      </label>
      {control}
    </div>
  );
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly tip?: string;
  readonly value: T;
  readonly options: readonly {
    readonly value: T;
    readonly label: string;
    readonly icon?: LucideIcon;
  }[];
  readonly onChange: (value: T) => void;
}

export function Segments<T extends string>({
  label,
  tip,
  value,
  options,
  onChange,
}: SegmentsProps<T>) {
  const name = useId();
  return (
    <div
      role="radiogroup"
      aria-label={label}
      aria-description={tip}
      className={styles.segments}
      data-tip={tip}
    >
      {options.map(({ value: option, label: text, icon: Icon }) => (
        <label key={option}>
          <input
            type="radio"
            name={name}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          {Icon && <Icon aria-hidden />}
          {text}
        </label>
      ))}
    </div>
  );
}

interface SwitchProps {
  readonly label: string;
  readonly tip: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

export function Switch({ label, tip, checked, onChange }: SwitchProps) {
  return (
    <label className={styles.switch} data-tip={tip}>
      {label}
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        aria-description={tip}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
