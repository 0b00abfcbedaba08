/** What could not be taken over from the picture that was reused last. */
import { X } from 'lucide-react';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import styles from './reuse-notes.module.css';

export function ReuseNotes() {
  const { reuseNotes } = useWindow();
  const notes = useStore(reuseNotes);
  return (
    <div role="status" className={styles.place}>
      {notes.length > 0 && (
        <div className={styles.notes} role="group" aria-label="Not taken over">
          <div className={styles.head}>
            <h2>Not taken over</h2>
            <IconButton
              icon={X}
              label="Close what was not taken over"
              tip="Puts these remarks away"
              onClick={() => reuseNotes.set([])}
            />
          </div>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
