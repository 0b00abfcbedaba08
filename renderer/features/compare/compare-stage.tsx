/** The comparison in place of the stage. */
import { ArrowLeftRight, Check } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { ComparedPictures } from './compared-pictures.tsx';
import styles from './compare.module.css';
import type { Comparison } from './comparison.ts';

export function CompareStage({ comparison }: { readonly comparison: Comparison }) {
  const { comparison: shown } = useWindow();
  const stage = useRef<HTMLDivElement>(null);
  const { after, before } = comparison;
  useEffect(() => stage.current?.querySelector<HTMLElement>('[data-done]')?.focus(), []);
  return (
    <div
      ref={stage}
      className={styles.stage}
      role="group"
      aria-label="Compare"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        shown.set(null);
      }}
    >
      <div className={styles.place}>
        <ComparedPictures comparison={comparison} />
      </div>
      <div className={styles.bar}>
        <span className={styles.note}>
          Drag the border. Another picture below takes the left side.
        </span>
        {before.kind === 'image' && (
          <Button
            icon={ArrowLeftRight}
            tip="The two pictures change sides"
            onClick={() => shown.set({ after: before.id, before: { kind: 'image', id: after } })}
          >
            Swap
          </Button>
        )}
        <Button
          icon={Check}
          tip="Goes back to the picture (Esc)"
          data-done
          onClick={() => shown.set(null)}
        >
          Done
        </Button>
      </div>
    </div>
  );
}
