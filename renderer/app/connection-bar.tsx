import { Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../ui/button.tsx';
import styles from './shell.module.css';
import { useStore } from './store.ts';
import { useWindow } from './window-model.ts';

/** After so many failed attempts the studio has probably ended. */
const manyFailures = 6;

/** A reconnect faster than this goes unseen. */
const quietMs = 600;

/** Says that the studio is out of reach, while it is. */
export function ConnectionBar() {
  const { connection } = useWindow();
  const { phase, epoch, failures } = useStore(connection.state);
  const [isLate, setIsLate] = useState(false);
  const isAway = phase !== 'connected';
  useEffect(() => {
    if (!isAway) return;
    const timer = setTimeout(() => setIsLate(true), quietMs);
    return () => {
      clearTimeout(timer);
      setIsLate(false);
    };
  }, [isAway]);

  return (
    <div role="status">
      {isAway && isLate && (
        <div className={styles.connection}>
          <Unplug aria-hidden />
          {connectionSentence(epoch, failures)}
          {phase === 'waiting' && (
            <Button variant="quiet" onClick={connection.retryNow}>
              Try now
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function connectionSentence(epoch: number, failures: number): string {
  if (failures >= manyFailures) {
    return 'The studio does not answer. If it was ended, start Atelier again and open the new address.';
  }
  return epoch === 0
    ? 'Connecting to the studio…'
    : 'Reconnecting to the studio… Nothing is lost: what you type is kept and saved once it is back.';
}
