import { isMac, keyNames } from './key-match.ts';
import styles from './keys.module.css';

/** A key combination drawn as keys. */
export function Keys({ keys }: { readonly keys: string }) {
  return (
    <kbd className={styles.keys}>
      {keyNames(keys, isMac(navigator.platform)).map((name) => (
        <span key={name} className={styles.key}>
          {name}
        </span>
      ))}
    </kbd>
  );
}
