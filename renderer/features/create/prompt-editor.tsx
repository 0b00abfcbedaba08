/** A text field that shows what the words of a prompt mean, completes names and weighs words by key. */
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { promptSpans, type PromptSpan } from '../../../contract/prompt/spans.ts';
import { useResources } from '../../app/queries.ts';
import { shortcuts } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import { isMac, matchesKeys } from '../../ui/key-match.ts';
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
  const spans = useMemo(
    () =>
      promptSpans(value, {
        emphasis,
        // Patterns are matched by the studio; until the list is there nothing is called missing.
        isWildcard: (pattern) =>
          wildcards === undefined || /[*?]/.test(pattern) || wildcardNames.includes(pattern),
      }),
    [value, emphasis, wildcards, wildcardNames],
  );
  const isOdd = ({ problem, meaning, start, end }: PromptSpan) =>
    problem !== null ||
    (meaning === 'adapter' && loraProblems.some((odd) => odd.start < end && start < odd.end));
  const problems = [
    ...new Set([
      ...spans.flatMap(({ problem }) => (problem === null ? [] : [problem])),
      ...loraProblems.map(({ message }) => message),
    ]),
  ];

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
          {spans.map((span) => (
            <span
              key={span.start}
              data-meaning={span.meaning}
              data-problem={isOdd(span) ? '' : undefined}
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
          aria-invalid={error ? true : undefined}
          aria-errormessage={error ? `${id}-error` : undefined}
          aria-autocomplete="list"
          aria-controls={completion ? listId : undefined}
          aria-activedescendant={completion ? `${listId}-${active}` : undefined}
          onKeyDown={onKeyDown}
          onBlur={() => setCompletion(null)}
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
        <div
          id={listId}
          role="listbox"
          aria-label={completionTitles[completion.kind]}
          className={styles.completions}
        >
          {completion.names.map((name, i) => (
            <div
              key={name}
              id={`${listId}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === active}
              onPointerDown={(event) => {
                event.preventDefault();
                accept(name);
              }}
            >
              {name}
            </div>
          ))}
        </div>
      )}
      {problems.length > 0 && (
        <p className={styles.problem} role="status">
          {problems[0]}
        </p>
      )}
    </div>
  );
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
