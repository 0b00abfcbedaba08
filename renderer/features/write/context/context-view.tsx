/** Exactly what the model will read, part by part, what it costs, and what found no room. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { BuiltContext } from '../../../../contract/context.ts';
import { Switch } from '../../../ui/field.tsx';
import { formatCount } from '../../../ui/format.ts';
import { ContextMeter } from './context-meter.tsx';
import {
  cutReasonTitle,
  mostShownTokens,
  shownParts,
  sourceTitles,
  tokensOfPart,
  type ShownPart,
  type ShownToken,
} from './context-source.ts';
import { useTokens } from './use-tokens.ts';
import styles from './context.module.css';

interface ContextViewProps {
  readonly modelId: string;
  readonly built: BuiltContext;
  readonly answerTokens: number;
  /** Where there is nothing to read. */
  readonly emptyHint: string;
}

export function ContextView({ modelId, built, answerTokens, emptyHint }: ContextViewProps) {
  const [byToken, setByToken] = useState(false);
  const tokens = useTokens(modelId, byToken ? built.text : null);
  const parts = shownParts(built);
  return (
    <>
      <ContextMeter built={built} answerTokens={answerTokens} />
      <p className={styles.cost} role="status">
        {costOf(built)}
      </p>
      {built.cut.length > 0 && (
        <ul className={styles.cut} aria-label="What found no room">
          {built.cut.map(({ source, label, tokens, reason }, index) => (
            <li key={index} data-source={source}>
              <b>{label}</b>
              <span>
                {tokens > 0 ? `${counted(tokens)}: ` : ''}
                {cutReasonTitle(source, reason)}
              </span>
            </li>
          ))}
        </ul>
      )}
      {parts.length === 0 ? (
        <p className={styles.hint}>{emptyHint}</p>
      ) : (
        <>
          <div className={styles.switch}>
            <Switch
              label="Token by token"
              tip="Shows where one token of the model ends and the next begins; the number of each is its tooltip."
              checked={byToken}
              onChange={setByToken}
            />
          </div>
          <ol className={styles.parts} aria-label="Parts in the order in which they are read">
            {parts.map((part, index) => (
              <li key={`${part.source} ${index}`}>
                <Part
                  part={part}
                  tokens={tokens && tokensOfPart(built.text, part, tokens, built.keptCharacters)}
                />
              </li>
            ))}
          </ol>
        </>
      )}
    </>
  );
}

interface PartProps {
  readonly part: ShownPart;
  /** Null while the text is shown whole. */
  readonly tokens: readonly ShownToken[] | null;
}

function Part({ part, tokens: shown }: PartProps) {
  const { source, label, tokens, known, fresh, turnsHere } = part;
  // Turns are named by their numbers.
  const title = source === 'turns' ? label : sourceTitles[source];
  return (
    <details className={styles.part} data-source={source} open>
      <summary>
        <ChevronRight aria-hidden />
        <span className={styles.source}>{title}</span>
        {label !== title && <span className={styles.label}>{label}</span>}
        <span className={styles.tokens}>{counted(tokens)}</span>
      </summary>
      <div
        className={styles.text}
        data-selectable
        tabIndex={0}
        aria-label={`Text of ${label}`}
        role="group"
      >
        {shown ? (
          <Tokens tokens={shown} />
        ) : (
          <>
            <span className={styles.known}>{known}</span>
            {turnsHere && known !== '' && (
              <span className={styles.turn} role="note">
                computed anew from here
              </span>
            )}
            {fresh}
          </>
        )}
      </div>
    </details>
  );
}

function Tokens({ tokens }: { readonly tokens: readonly ShownToken[] }) {
  return (
    <>
      {tokens.length === mostShownTokens && (
        <span className={styles.turn} role="note">
          the last {mostShownTokens.toLocaleString('en')} tokens
        </span>
      )}
      {tokens.map(({ text, tokenId, isKnown }, index) => (
        <span key={index} data-token title={String(tokenId)} data-known={isKnown ? '' : undefined}>
          {text}
        </span>
      ))}
    </>
  );
}

function costOf({ tokens, recomputedTokens, voidTokens, keptCharacters }: BuiltContext) {
  if (tokens === 0) return 'The next run has nothing to read.';
  const anew =
    keptCharacters === 0
      ? `The next run computes all of it: ${counted(tokens)}.`
      : `The next run computes at least ${recomputedTokens.toLocaleString('en')} of ${counted(tokens)} anew; the rest is known from the last run.`;
  return voidTokens === 0
    ? anew
    : `${anew} Your changes since then cost ${counted(voidTokens)} that it knew.`;
}

function counted(tokens: number): string {
  return formatCount(tokens, 'token', 'tokens');
}
