/** A text field that shows what the words of a prompt mean, completes names and weighs words by key. */
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { bracketsAtCaret, readPrompt, type PromptSpan } from '../../../contract/prompt/spans.ts';
import type { Place } from '../../../contract/prompt/tree.ts';
import type { PromptProblem } from '../../../contract/prompts.ts';
import { useResources } from '../../app/queries.ts';
import { shortcuts } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import { isMac, matchesKeys } from '../../ui/key-match.ts';
import { OfferList, offerId } from '../../ui/offer-list.tsx';
import screen from './create-screen.module.css';
import { adapterProblems } from './prompt-adapters.ts';
import { completionAt, type Completion } from './prompt-completion.ts';
import styles from './prompt-editor.module.css';
import { nudgeWeight } from './prompt-weight.ts';
import { replaceText } from './replace-text.ts';

interface PromptEditorProps {
  readonly id: string;
  readonly placeholder: string;
  readonly value: string;
  readonly short: boolean;
  readonly description: string;
  readonly error: string | undefined;
  /** Of the chosen model. */
  readonly family: string | null;
  readonly onChange: (value: string) => void;
}

export function PromptEditor(props: PromptEditorProps) {
  const { id, placeholder, value, short, description, error, family, onChange } = props;
  const { client, createDraft } = useWindow();
  const { emphasis } = useStore(createDraft).options;
  const wildcards = useQuery({
    queryKey: ['wildcards'],
    queryFn: ({ signal }) => client['prompts.wildcards']({}, { signal }),
  }).data;
  const field = useRef<HTMLTextAreaElement>(null);
  const backdrop = useRef<HTMLDivElement>(null);
  const listId = useId();
  const [completion, setCompletion] = useState<Completion | null>(null);
  const [active, setActive] = useState(0);
  const [caret, setCaret] = useState<number | null>(null);
  const [showsAll, setShowsAll] = useState(false);
  const adapters = useResources();
  const wildcardNames = useMemo(() => (wildcards ?? []).map(({ name }) => name), [wildcards]);
  const names = useMemo(() => {
    const usable = (adapters ?? []).filter(({ problem }) => problem === null);
    return {
      wildcards: wildcardNames,
      loras: usable.filter(({ kind }) => kind === 'lora').map(({ id }) => id),
      embeddings: usable.filter(({ kind }) => kind === 'embedding').map(({ name }) => name),
    };
  }, [wildcardNames, adapters]);
  const loraProblems = useMemo(() => {
    const loras = adapters?.filter(({ kind }) => kind === 'lora');
    return adapterProblems(value, loras, family);
  }, [value, adapters, family]);
  const { spans, problems: grammarProblems } = useMemo(
    () =>
      readPrompt(value, {
        emphasis,
        // Patterns are matched by the studio; until the list is there nothing is called missing.
        isWildcard: (pattern) =>
          wildcards === undefined || /[*?]/.test(pattern) || wildcardNames.includes(pattern),
      }),
    [value, emphasis, wildcards, wildcardNames],
  );
  const problems = useMemo(
    (): readonly PromptProblem[] =>
      [
        ...grammarProblems.map(({ start, end, message, remedy }) => ({
          start,
          end,
          message: `${message} ${remedy}`,
        })),
        ...loraProblems.filter(
          (odd) =>
            !grammarProblems.some(
              ({ start, message }) => start === odd.start && message === odd.message,
            ),
        ),
      ].toSorted((a, b) => a.start - b.start),
    [grammarProblems, loraProblems],
  );
  // Until the caret is where somebody put it there is nothing to show the ends of.
  const ends = useMemo(
    () => (caret === null ? null : bracketsAtCaret(value, caret)),
    [value, caret],
  );
  const isOdd = ({ problem, start, end }: PromptSpan) =>
    problem !== null || loraProblems.some((odd) => odd.start < end && start < odd.end);

  const accept = (name: string | undefined) => {
    if (!completion || name === undefined) return;
    const { start, end, before, after } = completion;
    const text = `${before}${name}${after}`;
    const caret = start + text.length;
    if (field.current)
      replaceText(field.current, { start, end, text, selectStart: caret, selectEnd: caret });
    setCompletion(null);
  };
  const weigh = (direction: 1 | -1) => {
    if (!field.current) return;
    const { selectionStart, selectionEnd } = field.current;
    const nudge = nudgeWeight(value, selectionStart, selectionEnd, direction);
    if (nudge) replaceText(field.current, nudge);
    setCompletion(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const mac = isMac(navigator.platform);
    const isHeavier = matchesKeys(event, shortcuts['prompt.heavier'].keys, mac);
    if (isHeavier || matchesKeys(event, shortcuts['prompt.lighter'].keys, mac)) {
      event.preventDefault();
      weigh(isHeavier ? 1 : -1);
      return;
    }
    if (!completion || event.ctrlKey || event.metaKey) return;
    const { length } = completion.names;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) setActive((active + step + length) % length);
    else if (event.key === 'Enter' || event.key === 'Tab') accept(completion.names[active]);
    else if (event.key === 'Escape') setCompletion(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.editor}>
      <div className={styles.field}>
        <div ref={backdrop} aria-hidden className={classNames(screen.promptText, styles.backdrop)}>
          {cutAt(spans, [...(ends ?? []), ...loraProblems]).map((span) => (
            <span
              key={span.start}
              data-meaning={span.meaning}
              data-problem={isOdd(span) ? '' : undefined}
              data-end={ends?.some(({ start }) => start === span.start) ? '' : undefined}
              className={weightClass(span.weight)}
            >
              {span.text}
            </span>
          ))}
          {'\n'}
        </div>
        <textarea
          ref={field}
          id={id}
          className={classNames(screen.promptText, styles.text, short ? screen.short : undefined)}
          placeholder={placeholder}
          value={value}
          spellCheck={false}
          aria-description={description}
          aria-describedby={problems.length > 0 ? `${listId}-problems` : undefined}
          aria-invalid={error ? true : undefined}
          aria-errormessage={error ? `${id}-error` : undefined}
          aria-autocomplete="list"
          aria-controls={completion ? listId : undefined}
          aria-activedescendant={completion ? offerId(listId, active) : undefined}
          onKeyDown={onKeyDown}
          onBlur={() => {
            setCompletion(null);
            setCaret(null);
          }}
          onSelect={({ currentTarget: { selectionStart, selectionEnd } }) =>
            setCaret(selectionStart === selectionEnd ? selectionStart : null)
          }
          onScroll={(event) => {
            if (backdrop.current) backdrop.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onChange={({ currentTarget }) => {
            onChange(currentTarget.value);
            setCompletion(completionAt(currentTarget.value, currentTarget.selectionStart, names));
            setActive(0);
          }}
        />
      </div>
      {completion && (
        <OfferList
          id={listId}
          label={completionTitles[completion.kind]}
          className={styles.completions}
          offers={completion.names.map((name) => ({ key: name, title: name }))}
          active={active}
          onAccept={(at) => accept(completion.names[at])}
        />
      )}
      <ul id={`${listId}-problems`} className={styles.problems} aria-live="polite">
        {problems.slice(0, showsAll ? Infinity : mostShown).map(({ start, end, message }) => (
          <li key={`${start} ${message}`}>
            <button
              type="button"
              className={styles.problem}
              data-tip="Shows the place"
              onClick={() => {
                field.current?.focus();
                field.current?.setSelectionRange(start, end);
              }}
            >
              <code>{excerpt(value, start, end)}</code> {message}
            </button>
          </li>
        ))}
        {problems.length > mostShown && (
          <li>
            <button
              type="button"
              className={styles.problem}
              aria-expanded={showsAll}
              onClick={() => setShowsAll(!showsAll)}
            >
              {showsAll ? 'Show fewer' : `Show ${problems.length - mostShown} more`}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}

const mostShown = 3;
const excerptLength = 24;

/** The words that a problem is about, and where it is one sign also what follows. */
function excerpt(text: string, start: number, end: number): string {
  const from = text.slice(start, Math.max(end, start + 8)).split('\n')[0] ?? '';
  return from.length > excerptLength ? `${from.slice(0, excerptLength)}…` : from;
}

/** The same stretches, cut so that none crosses an end of these places. */
function cutAt(spans: readonly PromptSpan[], places: readonly Place[]): readonly PromptSpan[] {
  const cuts = [...new Set(places.flatMap(({ start, end }) => [start, end]))].toSorted(
    (a, b) => a - b,
  );
  let next = 0;
  return spans.flatMap((span) => {
    const parts: PromptSpan[] = [];
    let { start } = span;
    for (let cut = cuts[next]; cut !== undefined && cut <= span.end; cut = cuts[next]) {
      if (cut > start) {
        parts.push({
          ...span,
          start,
          end: cut,
          text: span.text.slice(start - span.start, cut - span.start),
        });
        start = cut;
      }
      next += 1;
    }
    const rest = { ...span, start, text: span.text.slice(start - span.start) };
    return start < span.end ? [...parts, rest] : parts;
  });
}

const completionTitles: Readonly<Record<Completion['kind'], string>> = {
  wildcard: 'Wildcards',
  lora: 'LoRAs',
  embedding: 'Embeddings',
};

function weightClass(weight: number): string | undefined {
  if (weight === 1) return undefined;
  if (weight > 1) return weight >= 1.3 ? styles.muchStronger : styles.stronger;
  return weight <= 0.75 ? styles.muchWeaker : styles.weaker;
}
