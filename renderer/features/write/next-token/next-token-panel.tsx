/**
 * What may come next at the cursor: each token's probability under the model and after the samplers, what
 * takes a token out of the running, and the token itself, to be taken.
 */
import { useEffect, useMemo, useRef } from 'react';
import type { TextModel } from '../../../../contract/models.ts';
import type { NextToken, NextTokens, TokenCutter } from '../../../../contract/reading.ts';
import { samplerStageTitles } from '../../../../contract/sampling-fields.ts';
import { SamplingSettings } from '../../../../contract/write.ts';
import { useStore } from '../../../app/store.ts';
import { shortcuts } from '../../../app/shortcuts.ts';
import { useWindow } from '../../../app/window-model.ts';
import { formatProbability } from '../../../ui/format.ts';
import { Keys } from '../../../ui/keys.tsx';
import { visibleToken } from '../lens/visible-token.ts';
import { samplingFor } from '../sampling-settings.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { useNextTokens } from './use-next-tokens.ts';
import styles from './next-token-panel.module.css';

interface NextTokenPanelProps {
  readonly session: SceneSession;
  readonly model: TextModel;
}

export function NextTokenPanel({ session, model }: NextTokenPanelProps) {
  const { desk } = useWindow();
  const { showsNextToken } = useStore(desk.settings);
  const set = (shows: boolean) =>
    desk.settings.set((now) =>
      now.showsNextToken === shows ? now : { ...now, showsNextToken: shows },
    );
  return (
    <details
      className={styles.panel}
      open={showsNextToken}
      onToggle={(event) => set(event.currentTarget.open)}
    >
      <summary data-tip="Shows what the model would write next, and what the samplers make of it">
        <h2>What may come next</h2>
        <Keys keys={shortcuts['write.nextToken'].keys} />
      </summary>
      {showsNextToken && <Distribution session={session} model={model} />}
    </details>
  );
}

function Distribution({ session, model }: NextTokenPanelProps) {
  const { desk } = useWindow();
  const settings = useStore(desk.settings);
  const isWriting = useStore(desk.coWriter.progress)?.state === 'writing';
  const settled = JSON.stringify(samplingFor(settings, model));
  const sampling = useMemo(() => SamplingSettings.parse(JSON.parse(settled)), [settled]);
  const { told, isStale, problem } = useNextTokens(session, model, sampling, settings.maxTokens);
  const list = useRef<HTMLUListElement>(null);
  const wantsFocus = useStore(desk.focusesNextToken);

  useEffect(() => {
    if (!wantsFocus || !told) return;
    desk.focusesNextToken.set(false);
    list.current?.querySelector('button')?.focus();
  }, [wantsFocus, told, desk]);

  if (problem !== null && !told) return <p className={styles.hint}>{problem}</p>;
  if (!told) return <p className={styles.hint}>The model reads …</p>;

  const take = (token: NextToken) => {
    if (isTakeable(token) && !isWriting) desk.coWriter.takeToken(session, token.tokenId);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Escape') session.view()?.focus();
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
      const at = buttons.findIndex((button) => button === document.activeElement);
      const next = buttons[at + (event.key === 'ArrowUp' ? -1 : 1)];
      next?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const most = Math.max(
    ...told.tokens.flatMap(({ probability, drawnProbability }) => [probability, drawnProbability]),
  );

  return (
    <>
      <p className={styles.sum}>{summaryOf(told)}</p>
      <p className={styles.captions} aria-hidden>
        <span>Token</span>
        <span>Model</span>
        <span>Drawn</span>
      </p>
      <ul
        ref={list}
        className={styles.list}
        aria-label="What may come next"
        data-stale={isStale || isWriting ? '' : undefined}
        onKeyDown={onKeyDown}
      >
        {told.tokens.map((token, index) => (
          // By place: whoever takes one after another stays where they are in the list.
          <li key={index}>
            <button
              type="button"
              tabIndex={index === 0 ? 0 : -1}
              className={styles.token}
              aria-disabled={!isTakeable(token) || undefined}
              aria-label={labelOf(token)}
              data-cut={token.drawnProbability === 0 ? '' : undefined}
              data-tip={tipOf(token)}
              onClick={() => take(token)}
            >
              <i aria-hidden style={{ width: share(token.probability, most) }} />
              <i aria-hidden data-drawn style={{ width: share(token.drawnProbability, most) }} />
              <span>{token.isEnd ? 'end of the text' : visibleToken(token.text)}</span>
              <span>{formatProbability(token.probability)}</span>
              <span>
                {token.drawnProbability === 0 && token.cutBy
                  ? cutterTitle(token.cutBy)
                  : formatProbability(token.drawnProbability)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className={styles.keys}>↑ ↓ choose · ↵ take · Esc to the page</p>
    </>
  );
}

const share = (probability: number, most: number): string => `${(probability / most) * 100}%`;

/** An end is nothing to put in, and a part of a character cannot stand alone. */
const isTakeable = ({ isEnd, text }: NextToken): boolean =>
  !isEnd && text !== '' && !text.includes('\ufffd');

export function cutterTitle(by: TokenCutter): string {
  if (by === 'mirostat') return 'Mirostat';
  return by === 'greedy' ? 'Temp. 0' : samplerStageTitles[by];
}

function summaryOf({ entropyBits, drawnEntropyBits, cuts, vocabularySize }: NextTokens): string {
  const bits = `${entropyBits.toFixed(1)} → ${drawnEntropyBits.toFixed(1)} bits`;
  const left = cuts.at(-1)?.tokensLeft ?? vocabularySize;
  const steps = cuts.map(({ by, tokensLeft }) => `${count(tokensLeft)} (${cutterTitle(by)})`);
  const path = [count(vocabularySize), ...steps].join(' → ');
  return steps.length === 0 ? `${bits} · all ${count(left)} tokens` : `${bits} · ${path} tokens`;
}

const count = (tokens: number): string => tokens.toLocaleString('en');

function labelOf(token: NextToken): string {
  const name = token.isEnd ? 'End of the text' : `“${token.text}”`;
  const model = `${name}: ${formatProbability(token.probability)} for the model`;
  if (token.cutBy && token.drawnProbability === 0)
    return `${model}, taken out by ${cutterTitle(token.cutBy)}`;
  const cut = token.cutBy ? `, sometimes taken out by ${cutterTitle(token.cutBy)}` : '';
  return `${model}, ${formatProbability(token.drawnProbability)} as it is drawn${cut}`;
}

function tipOf(token: NextToken): string {
  if (token.isEnd) return 'The model would end the text here';
  if (!isTakeable(token)) return 'A part of a character, which cannot stand alone';
  if (token.cutBy && token.drawnProbability > 0)
    return `${cutterTitle(token.cutBy)} takes it out in some of the draws; puts it in at the cursor`;
  return token.cutBy
    ? `${cutterTitle(token.cutBy)} takes it out; puts it in at the cursor all the same`
    : 'Puts it in at the cursor';
}
