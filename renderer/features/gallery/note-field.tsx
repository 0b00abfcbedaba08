import { useState } from 'react';
import { libraryLimits } from '../../../contract/images.ts';
import styles from './detail-panel.module.css';

interface NoteFieldProps {
  readonly note: string;
  readonly onSave: (note: string) => void;
}

/** A note on a picture; it is kept when one leaves the field. */
export function NoteField({ note, onSave }: NoteFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <textarea
      className={styles.note}
      aria-label="Note"
      placeholder="Note"
      rows={draft === null && note === '' ? 1 : 3}
      maxLength={libraryLimits.noteCharacters}
      value={draft ?? note}
      onChange={({ currentTarget }) => setDraft(currentTarget.value)}
      onBlur={() => {
        if (draft !== null && draft !== note) onSave(draft);
        setDraft(null);
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.blur();
      }}
    />
  );
}
