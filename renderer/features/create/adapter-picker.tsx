/** A search field whose list adds adapters of the library, by pointer or keyboard. */
import { useId, useState, type KeyboardEvent } from 'react';
import type { Resource } from '../../../contract/resources.ts';
import fieldStyles from '../../ui/field.module.css';
import { formatBytes } from '../../ui/format.ts';
import { familyTitle, searchAdapters, suitsFamily } from '../adapters/adapter-family.ts';
import styles from './adapter-panels.module.css';

interface AdapterPickerProps {
  readonly label: string;
  readonly adapters: readonly Resource[];
  /** Of the model. */
  readonly family: string | null;
  readonly onPick: (adapter: Resource) => void;
}

export function AdapterPicker({ label, adapters, family, onPick }: AdapterPickerProps) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const found = searchAdapters(adapters, typed, family);
  const current = found[Math.min(active, found.length - 1)];

  const pick = (adapter: Resource | undefined) => {
    if (!adapter || adapter.problem !== null) return;
    onPick(adapter);
    setTyped('');
    setIsOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (isOpen) setActive((active + step + found.length) % Math.max(1, found.length));
      else setIsOpen(true);
    } else if (event.key === 'Enter') pick(current);
    else if (event.key === 'Escape' && isOpen) setIsOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.picker} onBlur={() => setIsOpen(false)}>
      <input
        className={fieldStyles.text}
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && current ? `${id}-${found.indexOf(current)}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={`${label}…`}
        value={typed}
        onClick={() => setIsOpen(true)}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
          setIsOpen(true);
        }}
      />
      {isOpen && (
        <div id={id} role="listbox" aria-label={label} className={styles.options}>
          {found.map((adapter, index) => (
            <div
              key={adapter.id}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              className={styles.option}
              aria-selected={adapter === current}
              aria-disabled={adapter.problem !== null}
              onPointerDown={(event) => {
                event.preventDefault();
                pick(adapter);
              }}
            >
              {adapter.id}
              <small>{remark(adapter, family)}</small>
            </div>
          ))}
        </div>
      )}
      {isOpen && found.length === 0 && <p className={styles.hint}>Nothing is called so.</p>}
    </div>
  );
}

function remark({ family, problem, sizeBytes }: Resource, modelFamily: string | null): string {
  if (problem !== null) return `Cannot be used. ${problem}`;
  const made = family === null ? [] : [familyTitle(family)];
  if (!suitsFamily(family, modelFamily)) made.push('not for this model');
  return [...made, formatBytes(sizeBytes)].join(' · ');
}
