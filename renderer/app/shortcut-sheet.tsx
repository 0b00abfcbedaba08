import { Dialog } from '../ui/dialog.tsx';
import { Keys } from '../ui/keys.tsx';
import styles from './shortcut-sheet.module.css';
import { shortcuts, type Shortcut } from './shortcuts.ts';

export function ShortcutSheet({ onClose }: { readonly onClose: () => void }) {
  const groups = Map.groupBy(Object.values<Shortcut>(shortcuts), ({ group }) => group);
  return (
    <Dialog label="Keyboard shortcuts" onClose={onClose}>
      <div className={styles.sheet}>
        {[...groups].map(([group, entries]) => (
          <section key={group} className={styles.group}>
            <h3>{group}</h3>
            <dl>
              {entries.map(({ keys, label }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>
                    <Keys keys={keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
