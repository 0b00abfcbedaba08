/** What the colours on the page mean. */
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { heatSteps } from '../document/lens.ts';
import type { SceneSession } from '../session/scene-session.ts';
import styles from './legend.module.css';

export function Legend({ session }: { readonly session: SceneSession }) {
  const { desk } = useWindow();
  const { showsOrigin, showsSurprisal } = useStore(desk.settings);
  const hasModelText = useStore(session.runs).size > 0;
  if (!showsSurprisal && !(showsOrigin && hasModelText)) return null;
  return (
    <div className={styles.legend} role="note" aria-label="What the colours mean">
      {showsOrigin && (
        <>
          <span>Yours</span>
          <span data-model="">The model’s</span>
          <span data-edited="">Yours in the model’s</span>
        </>
      )}
      {showsSurprisal && (
        <span className={styles.heat}>
          {[0, ...heatSteps].map((bits, level) => (
            <i key={bits} data-level={level}>
              {level === 0
                ? `< ${heatSteps[0]}`
                : level === heatSteps.length
                  ? `≥ ${bits}`
                  : `${bits}–${heatSteps[level]}`}
            </i>
          ))}
          bits
        </span>
      )}
    </div>
  );
}
