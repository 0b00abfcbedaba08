/** In the corner of a thumbnail: this one shows the pictures of a grid. */
import { Grid3x3 } from 'lucide-react';
import styles from './sheet-mark.module.css';

export function SheetMark() {
  return (
    <span className={styles.mark}>
      <Grid3x3 aria-hidden />
    </span>
  );
}
