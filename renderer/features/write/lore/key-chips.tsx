/** Words as chips: typed, parted by commas, taken back with Backspace. */
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { keysOf } from './lore-edit.ts';
import styles from './lore.module.css';

interface KeyChipsProps {
  readonly label: string;
  readonly tip: string;
  readonly placeholder: string;
  readonly keys: readonly string[];
  readonly onChange: (keys: string[]) => void;
}

const mostKeys = 200;

export function KeyChips({ label, tip, placeholder, keys, onChange }: KeyChipsProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const add = () => {
    const added = keysOf(typed).filter((key) => !keys.includes(key));
    setTyped('');
    if (added.length > 0) onChange([...keys, ...added].slice(0, mostKeys));
  };
  return (
    <div className={styles.field}>
      <label htmlFor={id} data-tip={tip}>
        {label}
      </label>
      <div className={styles.chips}>
        {keys.map((key) => (
          <span key={key} className={styles.chip}>
            {key}
            <button
              type="button"
              aria-label={`Remove ${key}`}
              onClick={() => onChange(keys.filter((other) => other !== key))}
            >
              <X aria-hidden />
            </button>
          </span>
        ))}
        <input
          id={id}
          aria-description={tip}
          placeholder={keys.length === 0 ? placeholder : ''}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            const text = event.currentTarget.value;
            setTyped(text);
          }}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            const isPattern = typed.trimStart().startsWith('/');
            if (event.key === 'Enter' || (event.key === ',' && !isPattern)) {
              event.preventDefault();
              add();
            } else if (event.key === 'Backspace' && typed === '' && keys.length > 0) {
              event.preventDefault();
              onChange(keys.slice(0, -1));
            }
          }}
        />
      </div>
    </div>
  );
}
