import { classNames } from './class-names.ts';
import { isMac, keyNames } from './key-match.ts';
import styles from './keys.module.css';

interface KeysProps {
  readonly keys: string;
  /** They lie on a button in the accent colour. */
  readonly onAccent?: boolean;
}

/** A key combination drawn as keys. */
export function Keys({ keys, onAccent }: KeysProps) {
  return (
    <kbd className={classNames(styles.keys, onAccent && styles.onAccent)}>
      {keyNames(keys, isMac(navigator.platform)).map((name) => (
        <span key={name} className={styles.key}>
          {name}
        </span>
      ))}
    </kbd>
  );
}
