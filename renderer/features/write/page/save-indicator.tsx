/** Whether every word is safe, and if not, why. */
import { Check, CircleAlert, LoaderCircle } from 'lucide-react';
import { useStore } from '../../../app/store.ts';
import type { SceneSession } from '../session/scene-session.ts';
import styles from './desk-bar.module.css';

export function SaveIndicator({ session }: { readonly session: SceneSession }) {
  const state = useStore(session.saving);
  switch (state.kind) {
    case 'saved':
      return (
        <span className={styles.saving} data-tip="Every word is on the disk">
          <Check aria-hidden />
          Saved
        </span>
      );
    case 'saving':
      return (
        <span className={styles.saving} data-tip="The last words are on their way to the disk">
          <LoaderCircle aria-hidden />
          Saving
        </span>
      );
    case 'failed':
      return (
        <span role="alert">
          <button
            type="button"
            className={styles.saving}
            data-failed=""
            data-tip={`${state.reason} Nothing is lost while the window is open; press to try again.`}
            onClick={() => void session.flush()}
          >
            <CircleAlert aria-hidden />
            Not saved: {state.reason}
          </button>
        </span>
      );
    default:
      return state satisfies never;
  }
}
