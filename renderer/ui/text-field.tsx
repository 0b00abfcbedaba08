/** One line of text, with what is wrong with it below; a path completes from what it is given. */
import { FolderOpen } from 'lucide-react';
import { useId, type Ref } from 'react';
import { IconButton } from './button.tsx';
import { classNames } from './class-names.ts';
import styles from './field.module.css';

interface TextFieldProps {
  readonly label: string;
  /** What it does to the result, in a sentence. */
  readonly tip: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder?: string;
  readonly error?: string | null | undefined;
  /** Offered while typing. */
  readonly suggestions?: readonly string[];
  /** Opens a dialog that chooses the text; null where there is none. */
  readonly onChoose?: (() => void) | null;
  /** The field fills the row below its label. */
  readonly stacked?: boolean;
  readonly mono?: boolean;
  readonly maxLength?: number;
  readonly ref?: Ref<HTMLInputElement>;
}

export function TextField({
  label,
  tip,
  value,
  onChange,
  placeholder,
  error,
  suggestions,
  onChoose,
  stacked,
  mono,
  maxLength,
  ref,
}: TextFieldProps) {
  const id = useId();
  return (
    <div className={styles.field}>
      <div className={classNames(styles.row, stacked && styles.stacked)}>
        <label id={`${id}-label`} htmlFor={id} className={styles.label} data-tip={tip}>
          {label}
        </label>
        <span className={styles.textBox}>
          <input
            ref={ref}
            id={id}
            className={classNames(styles.text, mono && styles.mono)}
            type="text"
            aria-labelledby={`${id}-label`}
            autoComplete="off"
            spellCheck={false}
            list={suggestions ? `${id}-list` : undefined}
            maxLength={maxLength}
            placeholder={placeholder}
            value={value}
            aria-description={tip}
            aria-invalid={error ? true : undefined}
            aria-errormessage={error ? `${id}-error` : undefined}
            onChange={(event) => onChange(event.currentTarget.value)}
          />
          {suggestions && (
            <datalist id={`${id}-list`}>
              {suggestions.map((suggestion) => (
                <option key={suggestion} value={suggestion}>
                  {suggestion}
                </option>
              ))}
            </datalist>
          )}
          {onChoose && (
            <IconButton
              icon={FolderOpen}
              variant="plain"
              label={`Choose: ${label}`}
              tip="Opens the system's dialog"
              onClick={onChoose}
            />
          )}
        </span>
      </div>
      {error && (
        <p className={styles.error} id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

interface ColourFieldProps {
  readonly label: string;
  readonly tip: string;
  /** `#rrggbb` */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function ColourField({ label, tip, value, onChange }: ColourFieldProps) {
  const id = useId();
  return (
    <div className={styles.row}>
      <label htmlFor={id} className={styles.label} data-tip={tip}>
        {label}
      </label>
      <span className={styles.colour}>
        <span>{value}</span>
        <input
          id={id}
          type="color"
          value={value}
          aria-description={tip}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </span>
    </div>
  );
}
