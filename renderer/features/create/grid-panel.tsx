/** Every combination of some values, on one labelled sheet. */
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { gridFieldFacts } from '../../../contract/grid-fields.ts';
import type { GridAxis } from '../../../contract/grid.ts';
import type { GridProblem } from '../../../contract/grid-values.ts';
import type { ImageRequest } from '../../../contract/image-request.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Select, Switch } from '../../ui/field.tsx';
import fieldStyles from '../../ui/field.module.css';
import { Section } from '../../ui/section.tsx';
import { checkRequest } from './create-draft.ts';
import {
  addAxis,
  axisTitles,
  offeredFields,
  pictureCount,
  planDraftGrid,
  suggestedValues,
  type GridDraft,
} from './grid-draft.ts';
import styles from './grid-panel.module.css';

interface GridPanelProps {
  readonly model: ImageModel;
  readonly models: readonly ImageModel[];
}

export function GridPanel({ model, models }: GridPanelProps) {
  const { createDraft } = useWindow();
  const draft = useStore(createDraft);
  const { grid } = draft;
  const set = (change: Partial<GridDraft>) =>
    createDraft.set((current) => ({ ...current, grid: { ...current.grid, ...change } }));
  // What is wrong elsewhere on the screen is said there.
  const plain = checkRequest({ ...draft, grid: { ...grid, on: false } }, model);
  const base = plain.ok ? plain.request : null;
  const planned = base && planDraftGrid({ ...base, grid: { axes: grid.axes } }, model);
  const labels = planned?.ok ? planned.plan.labels : null;
  const count = planned?.ok ? planned.plan.cells.length : null;
  const next = axisTitles[grid.axes.length];

  return (
    <Section
      title="Grid"
      summary={!grid.on ? null : count === null ? 'not ready' : pictureCount(count)}
    >
      <Switch
        label="Draw a grid"
        tip="Draws every combination of the values below and puts them on one labelled sheet."
        checked={grid.on}
        onChange={(on) => set({ on })}
      />
      {grid.on && (
        <>
          {grid.axes.map((axis, index) => (
            <Axis
              key={index}
              title={axisTitles[index] ?? ''}
              axis={axis}
              base={base}
              models={models}
              values={labels?.[index]?.length ?? null}
              problem={
                planned && !planned.ok
                  ? (planned.problems.find((problem) => problem.axis === index) ?? null)
                  : null
              }
              onChange={(changed) => set({ axes: grid.axes.with(index, changed) })}
              onRemove={
                grid.axes.length > 1 ? () => set({ axes: grid.axes.toSpliced(index, 1) }) : null
              }
            />
          ))}
          <div className={styles.foot}>
            {next && (
              <Button
                variant="quiet"
                icon={Plus}
                tip="One more thing that varies"
                onClick={() => set(addAxis(grid, models))}
              >
                Add {next.toLowerCase()}
              </Button>
            )}
            <p role="status">
              {count === null
                ? ''
                : `${grid.axes.map((_, index) => labels?.[index]?.length).join(' × ')} = ${pictureCount(count)}`}
            </p>
          </div>
        </>
      )}
    </Section>
  );
}

interface AxisProps {
  readonly title: string;
  readonly axis: GridAxis;
  /** Null while the draft is no request. */
  readonly base: ImageRequest | null;
  readonly models: readonly ImageModel[];
  /** How many values there are; null while they cannot be read. */
  readonly values: number | null;
  readonly problem: GridProblem | null;
  readonly onChange: (axis: GridAxis) => void;
  readonly onRemove: (() => void) | null;
}

function Axis({ title, axis, base, models, values, problem, onChange, onRemove }: AxisProps) {
  const id = useId();
  const { example } = gridFieldFacts[axis.field];
  const adapters =
    axis.field === 'lora-weight'
      ? base?.loras
      : axis.field === 'control-weight'
        ? base?.controls
        : undefined;
  const named = [...new Set([...(adapters?.map((use) => use.id) ?? []), axis.target])].filter(
    (adapter) => adapter !== null,
  );
  return (
    <div className={styles.axis} role="group" aria-label={title}>
      <div className={styles.head}>
        <span>{title}</span>
        <Select
          bare
          label={`${title} vary`}
          tip="What differs from one picture to the next along this side of the sheet."
          value={axis.field}
          options={offeredFields.map((field) => ({
            value: field,
            label: gridFieldFacts[field].title,
            disabled:
              field !== axis.field &&
              base !== null &&
              gridFieldFacts[field].lacks({ ...base, seed: 0 }, null) !== null,
          }))}
          onChange={(field) =>
            onChange({ field, target: null, values: suggestedValues(field, models) })
          }
        />
        {onRemove && (
          <IconButton
            icon={X}
            label={`Remove the ${title.toLowerCase()}`}
            tip="Draws without this axis"
            onClick={onRemove}
          />
        )}
      </div>
      {named.length > 0 && (
        <Select
          label="Of"
          tip="Whose weight varies."
          value={axis.target ?? ''}
          options={[
            { value: '', label: 'All' },
            ...named.map((adapter) => ({ value: adapter, label: adapter })),
          ]}
          onChange={(target) => onChange({ ...axis, target: target === '' ? null : target })}
        />
      )}
      <input
        type="text"
        className={fieldStyles.text}
        aria-label={`Values of the ${title.toLowerCase()}`}
        aria-description='Separated by commas. Ranges such as 1-9 (+2), or 1-9 [3] for three of them; "quoted, with commas".'
        data-tip="Values, separated by commas; also 1-9 (+2) and 1-9 [3]"
        aria-invalid={problem ? true : undefined}
        aria-errormessage={problem ? `${id}-problem` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={example}
        value={axis.values}
        onChange={(event) => onChange({ ...axis, values: event.currentTarget.value })}
      />
      {problem ? (
        <p className={fieldStyles.error} id={`${id}-problem`} role="alert">
          {problem.message}
        </p>
      ) : (
        <p className={styles.note}>
          {values === null ? '' : values === 1 ? '1 value' : `${values} values`}
        </p>
      )}
    </div>
  );
}
