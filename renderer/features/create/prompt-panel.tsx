import { CircleStop, CornerDownLeft, GitBranch, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ImageModel } from '../../../contract/models.ts';
import { Seed } from '../../../contract/image-request.ts';
import type { Job, PromptCount } from '../../../contract/queue.ts';
import { usePromptCount, useQueue } from '../../app/queries.ts';
import { shortcuts } from '../../app/shortcuts.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Keys } from '../../ui/keys.tsx';
import {
  changeOptions,
  checkRequest,
  styledPrompt,
  type CreateDraft,
  type DraftField,
} from './create-draft.ts';
import styles from './create-screen.module.css';
import { generateLabel } from './grid-draft.ts';
import { PromptEditor } from './prompt-editor.tsx';
import { PromptLibrary } from './prompt-library.tsx';
import { queuedJobs } from './stage.ts';
import { useGenerate } from './use-generate.ts';

interface PromptPanelProps {
  readonly model: ImageModel | null;
  readonly errors: Partial<Record<DraftField, string>>;
  readonly running: Job | null;
  /** Offers prompts to try. */
  readonly showsExamples: boolean;
}

const examplesShown = 3;

export function PromptPanel({ model, errors, running, showsExamples }: PromptPanelProps) {
  const { client, createDraft, toasts } = useWindow();
  const draft = useStore(createDraft);
  const queue = useQueue();
  const generate = useGenerate();
  const waiting = queuedJobs(queue).length;
  // Help for an empty page; whoever has written a prompt needs the room.
  const isUntouched = draft.prompt.trim() === '' || model?.examplePrompts.includes(draft.prompt);
  const examples =
    showsExamples && isUntouched ? (model?.examplePrompts.slice(0, examplesShown) ?? []) : [];
  const set = (change: Partial<CreateDraft>) =>
    createDraft.set((current) => ({ ...current, ...change }));

  return (
    <>
      <div className={styles.promptScroll}>
        {model && <PromptLibrary model={model} />}
        <PromptText
          id="prompt"
          label="Prompt"
          tip="What the picture shows. Words at the beginning count most."
          placeholder="Describe a picture"
          value={draft.prompt}
          counted={model ? styledPrompt(draft.prompt, draft.style, model) : draft.prompt}
          model={model}
          error={errors.prompt}
          hint={
            draft.prompt.trim() === ''
              ? 'With nothing here the model draws whatever comes to it.'
              : null
          }
          onChange={(prompt) => set({ prompt })}
        />
        {model && model.styles.length > 0 && (
          <div className={styles.promptField}>
            <div className={styles.promptHead}>Style</div>
            <div className={styles.chips} role="group" aria-label="Style">
              {model.styles.map(({ name, suffix }) => (
                <button
                  key={name}
                  type="button"
                  className={styles.chip}
                  aria-pressed={draft.style === name}
                  data-tip={`Ends the prompt with “${suffix.replace(/^[\s,]+/, '')}”`}
                  onClick={() => set({ style: draft.style === name ? null : name })}
                >
                  {name}
                </button>
              ))}
            </div>
          </div>
        )}
        <PromptText
          id="negative-prompt"
          label="Leave out"
          tip="The picture is steered away from this. It works only while guidance is above 1."
          placeholder="What should not be there"
          value={draft.negativePrompt}
          counted={draft.negativePrompt}
          model={model}
          error={errors.negativePrompt}
          hint={null}
          short
          onChange={(negativePrompt) => set({ negativePrompt })}
        />
        {model && examples.length > 0 && (
          <div className={styles.promptField}>
            <div className={styles.promptHead}>Try</div>
            <div className={styles.examples}>
              {examples.map((example) => (
                <button
                  key={example}
                  type="button"
                  className={styles.example}
                  data-tip="Draws this at once"
                  onClick={() => {
                    const change = { prompt: example, style: null };
                    set(change);
                    void generate(change);
                  }}
                >
                  <CornerDownLeft aria-hidden />
                  {example}
                </button>
              ))}
            </div>
          </div>
        )}
      </div>
      {draft.options.branch && (
        <div className={styles.branch}>
          <GitBranch aria-hidden />
          <span>Goes on from step {draft.options.branch.step} of a picture</span>
          <IconButton
            icon={X}
            label="Remove the branch"
            tip="Draws from the beginning again"
            onClick={() => createDraft.set((current) => changeOptions(current, { branch: null }))}
          />
        </div>
      )}
      <div className={styles.generate}>
        <Button
          variant="primary"
          large
          className={styles.generateButton}
          disabled={!model}
          tip={
            running ? 'Adds this to the queue; it starts when its turn comes' : 'Draws the picture'
          }
          onClick={() => void generate()}
        >
          {generateLabel(model && checkRequest(draft, model), waiting)}
          {!draft.grid.on && <Keys keys={shortcuts['create.generate'].keys} onAccent />}
        </Button>
        {running && (
          <IconButton
            className={styles.cancel}
            variant="plain"
            icon={CircleStop}
            label="Cancel the running job"
            tip="Stops the running job; finished pictures are kept (Esc)"
            onClick={() => void toasts.watch(client['queue.cancel']({ id: running.id }))}
          />
        )}
      </div>
    </>
  );
}

interface PromptTextProps {
  readonly id: string;
  readonly label: string;
  readonly tip: string;
  readonly placeholder: string;
  readonly value: string;
  /** What is sent, with the style's ending: its tokens are counted. */
  readonly counted: string;
  readonly model: ImageModel | null;
  readonly error: string | undefined;
  readonly hint: string | null;
  readonly short?: boolean;
  readonly onChange: (value: string) => void;
}

function PromptText(props: PromptTextProps) {
  const { id, label, tip, placeholder, value, counted, model, error, hint, short, onChange } =
    props;
  const { createDraft } = useWindow();
  const { seed, count: pictures } = useStore(createDraft);
  const count = usePromptCount(model?.id ?? null, useSettled(counted, 250), {
    // A field that holds no seed yet is told of there.
    seed: Seed.safeParse(seed).data ?? null,
    pictures: Math.max(1, Math.trunc(pictures) || 1),
  });
  const isLong = count !== undefined && count.chunks > 1;
  return (
    <div className={styles.promptField}>
      <div className={styles.promptHead}>
        <label htmlFor={id} data-tip={tip}>
          {label}
        </label>
        {count && (counted !== '' || !short) && (
          <span
            className={styles.tokens}
            data-over={isLong ? '' : undefined}
            data-tip={countTip(count)}
          >
            {count.leastTokens === count.tokens
              ? count.tokens
              : `${count.leastTokens}–${count.tokens}`}{' '}
            / {count.chunkSize * Math.max(1, count.chunks)}
          </span>
        )}
      </div>
      <PromptEditor
        id={id}
        placeholder={placeholder}
        value={value}
        short={short ?? false}
        description={tip}
        error={error}
        family={model?.family ?? null}
        onChange={onChange}
      />
      {error && (
        <p className={styles.error} id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && <p className={styles.hint}>{hint}</p>}
    </div>
  );
}

function countTip({ chunks, chunkSize, triedSeeds, tokens, leastTokens }: PromptCount): string {
  const reading =
    chunks > 1
      ? `The model reads ${chunkSize} tokens at a time, so this prompt is read in ${chunks} parts.`
      : `The model reads up to ${chunkSize} tokens at once.`;
  const range =
    tokens === leastTokens ? '' : ` Its choices make ${leastTokens} to ${tokens} tokens`;
  if (range === '') return reading;
  return triedSeeds > 0
    ? `${reading}${range}, of ${triedSeeds} seeds tried.`
    : `${reading}${range} in the pictures of this seed.`;
}

/** The value once it has stood still for a while. */
function useSettled<T>(value: T, delayMs: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs);
    return () => clearTimeout(timer);
  }, [value, delayMs]);
  return settled;
}
