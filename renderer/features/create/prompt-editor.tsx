/** A text field that shows what the words of a prompt mean, and completes wildcards. */
import { useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { promptSpans } from '../../../contract/prompt/spans.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { classNames } from '../../ui/class-names.ts';
import screen from './create-screen.module.css';
import { completionAt, type Completion } from './prompt-completion.ts';
import styles from './prompt-editor.module.css';

interface PromptEditorProps {
  readonly id: string;
  readonly placeholder: string;
  readonly value: string;
  readonly short: boolean;
  readonly description: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

export function PromptEditor(props: PromptEditorProps) {
  const { id, placeholder, value, short, description, error, onChange } = props;
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
  const names = useMemo(() => (wildcards ?? []).map(({ name }) => name), [wildcards]);
  const spans = useMemo(
    () =>
      promptSpans(value, {
        emphasis,
        // Patterns are matched by the studio; until the list is there nothing is called missing.
        isWildcard: (pattern) =>
          wildcards === undefined || /[*?]/.test(pattern) || names.includes(pattern),
      }),
    [value, emphasis, wildcards, names],
  );
  const problems = [
    ...new Set(spans.flatMap(({ problem }) => (problem === null ? [] : [problem]))),
  ];

  const accept = (name: string | undefined) => {
    if (!completion || name === undefined) return;
    const inserted = `__${name}__`;
    onChange(value.slice(0, completion.start) + inserted + value.slice(completion.end));
    setCompletion(null);
    const caret = completion.start + inserted.length;
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
  };
  const onKeyDown = (event: KeyboardEvent) => {
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
              data-problem={span.problem === null ? undefined : ''}
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
        <div id={listId} role="listbox" aria-label="Wildcards" className={styles.completions}>
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

function weightClass(weight: number): string | undefined {
  if (weight === 1) return undefined;
  if (weight > 1) return weight >= 1.3 ? styles.muchStronger : styles.stronger;
  return weight <= 0.75 ? styles.muchWeaker : styles.weaker;
}
