/** Exactly what the model will read, part by part, what it costs, and what found no room. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { BuiltContext, ContextRequest } from '../../../../contract/context.ts';
import { useTextModels } from '../../../app/queries.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Dialog } from '../../../ui/dialog.tsx';
import { Segments, Switch } from '../../../ui/field.tsx';
import { formatCount } from '../../../ui/format.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { chosenTextModel } from '../writing-desk.ts';
import { ContextMeter } from './context-meter.tsx';
import {
  cutReasonTitles,
  mostShownTokens,
  shownParts,
  sourceTitles,
  tokensOfPart,
  type ShownPart,
  type ShownToken,
} from './context-source.ts';
import { useContextAt } from './use-context.ts';
import { useTokens } from './use-tokens.ts';
import styles from './context.module.css';

type Task = Extract<ContextRequest['task'], 'continue' | 'fill' | 'rewrite'>;

interface ContextDialogProps {
  readonly session: SceneSession;
  readonly onClose: () => void;
}

export function ContextDialog({ session, onClose }: ContextDialogProps) {
  const { desk } = useWindow();
  const settings = useStore(desk.settings);
  const model = chosenTextModel(settings.modelId, useTextModels() ?? []);
  const [task, setTask] = useState<Task>('continue');
  const { built, problem } = useContextAt(session, model?.id ?? null, task, settings.maxTokens);
  const hasSelection = !session.state().selection.empty;

  return (
    <Dialog label="What the model reads" shape="wide" onClose={onClose}>
      <div className={styles.head}>
        <Segments<Task>
          label="For which task"
          tip="A continuation reads up to the cursor; filling in also reads what comes later; a change reads the selected passage."
          value={task}
          options={[
            { value: 'continue', label: 'Continue' },
            { value: 'fill', label: 'Fill in' },
            ...(hasSelection
              ? [{ value: 'rewrite' as const, label: 'Rewrite the selection' }]
              : []),
          ]}
          onChange={setTask}
        />
        {model && <span className={styles.model}>{model.name}</span>}
      </div>
      {model === null ? (
        <p className={styles.hint}>No text model is installed: nothing is read.</p>
      ) : problem !== null ? (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      ) : (
        built && <ContextView modelId={model.id} built={built} answerTokens={settings.maxTokens} />
      )}
    </Dialog>
  );
}

function ContextView({
  modelId,
  built,
  answerTokens,
}: {
  readonly modelId: string;
  readonly built: BuiltContext;
  readonly answerTokens: number;
}) {
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
                {cutReasonTitles[reason]}
              </span>
            </li>
          ))}
        </ul>
      )}
      {parts.length === 0 ? (
        <p className={styles.hint}>Nothing yet: the page is empty before the cursor.</p>
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
  return (
    <details className={styles.part} data-source={source} open>
      <summary>
        <ChevronRight aria-hidden />
        <span className={styles.source}>{sourceTitles[source]}</span>
        {label !== sourceTitles[source] && <span className={styles.label}>{label}</span>}
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
  if (keptCharacters === 0 && voidTokens === 0)
    return `The next run computes all of it: ${formatCount(tokens, 'token', 'tokens')}.`;
  const anew = `The next run computes at least ${recomputedTokens.toLocaleString('en')} of ${formatCount(tokens, 'token', 'tokens')} anew; the rest is known from the last run.`;
  return voidTokens === 0
    ? anew
    : `${anew} Your changes since then cost ${formatCount(voidTokens, 'token', 'tokens')} that it knew.`;
}

function counted(tokens: number): string {
  return formatCount(tokens, 'token', 'tokens');
}
