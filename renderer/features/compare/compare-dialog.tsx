/** Two pictures of the gallery over each other, in the whole window. */
import { Check } from 'lucide-react';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ComparedPictures } from './compared-pictures.tsx';
import styles from './compare.module.css';
import type { Comparison } from './comparison.ts';

interface CompareDialogProps {
  readonly comparison: Comparison;
  readonly onClose: () => void;
}

export function CompareDialog({ comparison, onClose }: CompareDialogProps) {
  return (
    <Dialog label="Compare" shape="full" onClose={onClose}>
      <div className={styles.dialog}>
        <div className={styles.place}>
          <ComparedPictures comparison={comparison} />
        </div>
        <div className={styles.bar}>
          <Button icon={Check} data-initial-focus onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
