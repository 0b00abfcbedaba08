/** How full the model's context is, by parts, with the room kept for the answer. */
import type { BuiltContext } from '../../../../contract/context.ts';
import { sourceTitles, tokensBySource } from './context-source.ts';
import styles from './context.module.css';

interface ContextMeterProps {
  readonly built: BuiltContext;
  readonly answerTokens: number;
}

export function ContextMeter({ built, answerTokens }: ContextMeterProps) {
  const { contextLength, tokens } = built;
  const answer = Math.min(answerTokens, contextLength / 2);
  const share = (part: number) => `${(part / contextLength) * 100}%`;
  const sums = tokensBySource(built.parts);
  return (
    <div className={styles.meter}>
      <p className={styles.sum}>
        <b>{tokens.toLocaleString('en')}</b> of {contextLength.toLocaleString('en')} tokens
        <span>{Math.round(answer).toLocaleString('en')} kept for the answer</span>
      </p>
      <div className={styles.bar} aria-hidden>
        {sums.map(({ source, tokens: part }) => (
          <i key={source} data-source={source} style={{ width: share(part) }} />
        ))}
        <i className={styles.answer} style={{ width: share(answer) }} />
      </div>
      <ul className={styles.legend} aria-label="Tokens by part">
        {sums.map(({ source, tokens: part }) => (
          <li key={source} data-source={source}>
            {sourceTitles[source]} <b>{part.toLocaleString('en')}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}
