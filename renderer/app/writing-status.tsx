/** In the status line while a model writes: how far it is, how fast, for how long, and a way to stop it. */
import { CircleStop } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { WritingProgress } from '../features/write/writing-progress.ts';
import { IconButton } from '../ui/button.tsx';
import { formatCount, formatDuration, formatRate } from '../ui/format.ts';
import { ProgressBar } from '../ui/progress-bar.tsx';
import styles from './shell.module.css';

interface WritingStatusProps {
  readonly progress: WritingProgress;
  readonly onStop: () => void;
}

const tickMs = 250;

export function WritingStatus({ progress, onStop }: WritingStatusProps) {
  const { tokens, maxTokens, tokensPerSecond, read, startedAtMs } = progress;
  const isReading = tokens === 0;
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), tickMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <span className={styles.statusBar}>
        <ProgressBar label="Writing" fraction={isReading ? read : tokens / maxTokens} />
      </span>
      <strong>{isReading ? readingTitle(read) : 'Writing'}</strong>
      <span>
        {tokens.toLocaleString('en')} of {formatCount(maxTokens, 'token', 'tokens')}
      </span>
      {tokensPerSecond !== null && <span>{formatRate(tokensPerSecond, 'tokens')}</span>}
      <span data-tip="Since it was asked for">{elapsed(nowMs - startedAtMs)}</span>
      <IconButton
        icon={CircleStop}
        label="Stop writing"
        tip="Stops here and keeps what was written (Esc)"
        onClick={onStop}
      />
    </>
  );
}

const readingTitle = (read: number | null): string =>
  read === null || read >= 1 ? 'Reading' : `Reading ${Math.round(read * 100)} %`;

/** In whole seconds: a clock that runs beside a text should not flicker. */
const elapsed = (milliseconds: number): string =>
  milliseconds < 60_000
    ? `${Math.max(0, Math.floor(milliseconds / 1000))} s`
    : formatDuration(milliseconds);
