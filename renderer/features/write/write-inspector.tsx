import type { TextDefaults, TextModel } from '../../../contract/models.ts';
import type { TokenAlternative } from '../../../contract/write.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Select, Switch } from '../../ui/field.tsx';
import fieldStyles from '../../ui/field.module.css';
import { formatProbability } from '../../ui/format.ts';
import { NumberField } from '../../ui/number-field.tsx';
import { parseNumber } from '../../ui/number-scrub.ts';
import { sampling, type TokenMark, type WriteSettings } from './manuscript.ts';
import { visibleToken } from './visible-token.ts';
import styles from './write-screen.module.css';

interface WriteInspectorProps {
  readonly model: TextModel;
  readonly models: readonly TextModel[];
  readonly pointed: TokenMark | null;
  readonly onChoose: (token: TokenMark, alternative: TokenAlternative) => void;
}

interface Dial {
  readonly key: keyof TextDefaults;
  readonly label: string;
  readonly tip: string;
  readonly min: number;
  readonly max: number;
  readonly sliderMax: number;
  readonly step: number;
}

const dials: readonly Dial[] = [
  {
    key: 'temperature',
    label: 'Temperature',
    tip: 'How bold the choice of words is: 0 always takes the likeliest.',
    min: 0,
    max: 5,
    sliderMax: 2,
    step: 0.05,
  },
  {
    key: 'topK',
    label: 'Top k',
    tip: 'Chooses among this many likeliest words only; 0 leaves all in.',
    min: 0,
    max: 100_000,
    sliderMax: 200,
    step: 1,
  },
  {
    key: 'topP',
    label: 'Top p',
    tip: 'Chooses among the likeliest words that make up this share together; 1 leaves all in.',
    min: 0,
    max: 1,
    sliderMax: 1,
    step: 0.01,
  },
  {
    key: 'minP',
    label: 'Min p',
    tip: 'Leaves out words less likely than this share of the likeliest; 0 leaves all in.',
    min: 0,
    max: 1,
    sliderMax: 0.5,
    step: 0.01,
  },
  {
    key: 'repetitionPenalty',
    label: 'Repetition',
    tip: 'Makes words that just occurred less likely; 1 does nothing.',
    min: 0.1,
    max: 10,
    sliderMax: 2,
    step: 0.01,
  },
];

export function WriteInspector({ model, models, pointed, onChoose }: WriteInspectorProps) {
  const { manuscript } = useWindow();
  const settings = useStore(manuscript.settings);
  const tokens = useStore(manuscript.tokens);
  const values = sampling(settings, model);
  const set = (change: Partial<WriteSettings>) =>
    manuscript.settings.set((current) => ({ ...current, ...change }));
  const change = (key: keyof TextDefaults, value: number) =>
    manuscript.settings.set((current) => ({
      ...current,
      changes: { ...current.changes, [model.id]: { ...current.changes[model.id], [key]: value } },
    }));
  const shown = pointed && tokens.includes(pointed) ? pointed : (tokens.at(-1) ?? null);

  return (
    <>
      <div className={styles.group}>
        <h2>Model</h2>
        <Select
          bare
          label="Model"
          tip="Decides in which manner and language the text goes on."
          value={model.id}
          options={models.map(({ id, name, problem }) => ({
            value: id,
            label: name,
            disabled: problem !== null,
          }))}
          onChange={(modelId) => set({ modelId })}
        />
      </div>
      <div className={styles.group}>
        <h2>Word by word</h2>
        {shown ? (
          <TokenPanel token={shown} onChoose={onChoose} />
        ) : (
          <p className={styles.hint}>
            After the model has written, point at a word to see what else it considered.
          </p>
        )}
      </div>
      <div className={styles.group}>
        <NumberField
          label="Tokens"
          tip="The most the model writes before it stops by itself, in tokens of about four letters."
          value={settings.maxTokens}
          min={1}
          max={100_000}
          sliderMax={500}
          step={10}
          slider
          defaultValue={120}
          error={
            settings.maxTokens < 1 || !Number.isInteger(settings.maxTokens)
              ? 'At least one whole token is needed.'
              : null
          }
          onChange={(maxTokens) => set({ maxTokens })}
        />
        {dials.map(({ key, ...dial }) => (
          <NumberField
            key={key}
            {...dial}
            value={values[key]}
            slider
            defaultValue={model.defaults[key]}
            error={
              values[key] < dial.min || values[key] > dial.max
                ? `Between ${dial.min} and ${dial.max}.`
                : null
            }
            onChange={(value) => change(key, value)}
          />
        ))}
        <div className={fieldStyles.row}>
          <label className={fieldStyles.label} htmlFor="write-seed">
            Seed
          </label>
          <input
            id="write-seed"
            className={fieldStyles.text}
            style={{ width: 120 }}
            inputMode="numeric"
            autoComplete="off"
            placeholder="New each time"
            data-tip="The same seed, page and settings give the same words again; empty draws a new one each time."
            value={settings.seed ?? ''}
            onChange={(event) => {
              const text = event.currentTarget.value;
              const seed = parseNumber(text);
              if (text.trim() === '') set({ seed: null });
              else if (seed !== null && Number.isSafeInteger(seed) && seed >= 0) set({ seed });
            }}
          />
        </div>
      </div>
      <div className={styles.group}>
        <Switch
          label="Colour what the model wrote"
          tip="Tells the model's words from yours on the page; the text itself stays the same."
          checked={settings.marksModelText}
          onChange={(marksModelText) => set({ marksModelText })}
        />
      </div>
    </>
  );
}

function TokenPanel({
  token,
  onChoose,
}: {
  readonly token: TokenMark;
  readonly onChoose: WriteInspectorProps['onChoose'];
}) {
  const alternatives = token.alternatives.some(({ text }) => text === token.text)
    ? token.alternatives
    : [...token.alternatives, { tokenId: -1, text: token.text, probability: token.probability }];
  return (
    <ul className={styles.alternatives} aria-label={`What the model considered at “${token.text}”`}>
      {alternatives.map((alternative) => {
        const isChosen = alternative.text === token.text;
        return (
          <li key={alternative.tokenId}>
            <button
              type="button"
              className={styles.alternative}
              data-chosen={isChosen ? '' : undefined}
              aria-current={isChosen || undefined}
              data-tip={
                isChosen ? 'This is what was written' : 'Takes this instead and goes on from here'
              }
              onClick={() => {
                if (!isChosen) onChoose(token, alternative);
              }}
            >
              <i aria-hidden style={{ width: `${Math.max(1, alternative.probability * 100)}%` }} />
              <span>{visibleToken(alternative.text)}</span>
              <span>{formatProbability(alternative.probability)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
