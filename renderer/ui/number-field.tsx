/** A number that can be typed, dragged at its label, stepped with arrows and reset by a double-click. */
import { useId, useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import styles from './field.module.css';
import { parseNumber, scrub, snap, stepBy } from './number-scrub.ts';

interface NumberFieldProps {
  readonly label: string;
  /** What it does to the result, in a sentence. */
  readonly tip: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly defaultValue: number;
  /** Range of the slider when it is narrower than what may be typed. */
  readonly sliderMax?: number;
  readonly sliderMin?: number;
  readonly slider?: boolean;
  readonly unit?: string;
  readonly error?: string | null | undefined;
}

export function NumberField(props: NumberFieldProps) {
  const { label, tip, value, onChange, min, max, step, defaultValue, slider, unit, error } = props;
  const id = useId();
  const range = { min, max, step };
  /** What is being typed and is not a number yet; null while the value is shown. */
  const [typed, setTyped] = useState<string | null>(null);
  const drag = useRef<{ startX: number; startValue: number; moved: boolean } | null>(null);
  const reset = () => {
    setTyped(null);
    onChange(defaultValue);
  };
  const sliderMax = props.sliderMax ?? max;
  const sliderMin = props.sliderMin ?? min;
  const fill = ((Math.min(value, sliderMax) - sliderMin) / (sliderMax - sliderMin)) * 100;

  return (
    <div className={styles.field}>
      <div className={styles.row}>
        <label
          htmlFor={id}
          className={classNames(styles.label, styles.scrub)}
          data-tip={tip}
          onDoubleClick={reset}
          onClick={(event) => {
            if (drag.current?.moved) event.preventDefault();
          }}
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            event.currentTarget.setPointerCapture(event.pointerId);
            drag.current = { startX: event.clientX, startValue: value, moved: false };
          }}
          onPointerMove={(event) => {
            if (!drag.current || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
            const dragged = event.clientX - drag.current.startX;
            if (Math.abs(dragged) > 2) drag.current.moved = true;
            if (!drag.current.moved) return;
            setTyped(null);
            onChange(scrub(drag.current.startValue, dragged, event.shiftKey, range));
          }}
        >
          {label}
        </label>
        <span className={styles.numberBox} data-invalid={error ? '' : undefined}>
          <input
            id={id}
            className={styles.number}
            type="text"
            inputMode="decimal"
            autoComplete="off"
            spellCheck={false}
            role="spinbutton"
            aria-valuenow={value}
            aria-valuemin={min}
            aria-valuemax={max}
            aria-description={tip}
            aria-invalid={error ? true : undefined}
            aria-errormessage={error ? `${id}-error` : undefined}
            value={typed ?? String(value)}
            onFocus={(event) => event.currentTarget.select()}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              const parsed = parseNumber(event.currentTarget.value);
              if (parsed !== null) onChange(parsed);
            }}
            onBlur={() => setTyped(null)}
            onDoubleClick={reset}
            onKeyDown={(event) => {
              if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
                event.preventDefault();
                setTyped(null);
                onChange(stepBy(value, event.key === 'ArrowUp' ? 1 : -1, event.shiftKey, range));
              } else if (event.key === 'Enter' && !event.metaKey && !event.ctrlKey) {
                setTyped(null);
                event.currentTarget.select();
              }
            }}
          />
          {unit && <span className={styles.unit}>{unit}</span>}
        </span>
      </div>
      {slider && (
        <input
          type="range"
          className={styles.slider}
          aria-label={`${label}, slider`}
          min={sliderMin}
          max={sliderMax}
          step={step}
          value={Math.max(sliderMin, Math.min(value, sliderMax))}
          style={{ '--fill': `${Math.max(0, Math.min(100, fill))}%` } as React.CSSProperties}
          onChange={(event) => {
            setTyped(null);
            onChange(snap(Number(event.currentTarget.value), range));
          }}
          onDoubleClick={reset}
          onKeyDown={(event) => {
            if (!event.shiftKey || !event.key.startsWith('Arrow')) return;
            event.preventDefault();
            const up = event.key === 'ArrowUp' || event.key === 'ArrowRight';
            onChange(
              stepBy(value, up ? 1 : -1, true, { ...range, min: sliderMin, max: sliderMax }),
            );
          }}
        />
      )}
      {error && (
        <p className={styles.error} id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
