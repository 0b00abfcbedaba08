/** The cells of a grid: which pictures it asks for, and in which order they are drawn. Pure. */
import { gridFields, type Grid, type GridAxis, type GridField } from './grid.ts';
import type { GridValue } from './grid-field-kinds.ts';
import { gridFieldFacts } from './grid-fields.ts';
import { GridError, splitValues, type GridProblem } from './grid-values.ts';
import { imageLimits, ImageSettings } from './image-request.ts';

export interface GridCell {
  /** Place on the sheet: row by row, block by block. */
  readonly place: number;
  readonly settings: ImageSettings;
}

export interface GridPlan {
  /** Labels along columns, rows and blocks; one empty label for an axis that there is not. */
  readonly labels: readonly [readonly string[], readonly string[], readonly string[]];
  /** In the order in which they are drawn. */
  readonly cells: readonly GridCell[];
}

export type PlannedGrid =
  | { readonly ok: true; readonly plan: GridPlan }
  | {
      readonly ok: false;
      /** `axis` counts from 0; one problem per axis at most. */
      readonly problems: readonly (GridProblem & { readonly axis: number })[];
    };

/** What users call what can vary: its name here, its title, or a name from another program. */
export function parseGridField(text: string): GridField | null {
  const wanted = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, '-');
  return (
    gridFields.find((field) => {
      const { title, aliases } = gridFieldFacts[field];
      return [field, title.toLowerCase().replaceAll(' ', '-'), ...aliases].includes(wanted);
    }) ?? null
  );
}

/**
 * @param base what all cells share
 * @param sideMultiple what the sides of pictures must be a multiple of
 */
export function planGrid(grid: Grid, base: ImageSettings, sideMultiple = 8): PlannedGrid {
  const problems: (GridProblem & { axis: number })[] = [];
  const read = grid.axes.map((axis, index): readonly GridValue[] => {
    try {
      refuseTwice(grid.axes, index);
      return readAxis(axis, base, sideMultiple);
    } catch (error) {
      if (!(error instanceof GridError)) throw error;
      problems.push({ message: error.message, start: error.start, end: error.end, axis: index });
      return [];
    }
  });
  const count = read.reduce((product, values) => product * values.length, 1);
  if (count > imageLimits.maxCount) {
    const message = `These are ${count.toLocaleString('en')} pictures; a grid can have ${imageLimits.maxCount.toLocaleString('en')}.`;
    const axis = grid.axes.length - 1;
    problems.push({ message, start: 0, end: grid.axes[axis]?.values.length ?? 0, axis });
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    plan: { labels: labelsOf(read), cells: cellsOf(grid.axes, read, base) },
  };
}

/** @throws {GridError} */
function readAxis(axis: GridAxis, base: ImageSettings, sideMultiple: number): readonly GridValue[] {
  const facts = gridFieldFacts[axis.field];
  const whole = [0, axis.values.length] as const;
  const lack = facts.lacks(base, axis.target);
  if (lack !== null) throw new GridError(lack, ...whole);
  const values = facts.read(splitValues(axis.values), axis, base);
  for (const { apply, start, end } of values) {
    const changed = apply(base);
    const issue = ImageSettings.safeParse(changed).error?.issues[0];
    if (issue) throw new GridError(sentenceOf(issue, facts.title), start, end);
    const { width, height } = changed;
    if (axis.field === 'size' && (width % sideMultiple !== 0 || height % sideMultiple !== 0))
      throw new GridError(`This model needs multiples of ${sideMultiple} pixels.`, start, end);
  }
  return values;
}

/** Several axes may replace several words, or weigh several adapters. */
function refuseTwice(axes: readonly GridAxis[], index: number): void {
  const axis = axes[index];
  if (!axis || axis.field.endsWith('-replace')) return;
  const isTwice = axes
    .slice(0, index)
    .some(({ field, target }) => field === axis.field && target === axis.target);
  if (!isTwice) return;
  const { title } = gridFieldFacts[axis.field];
  throw new GridError(`${title} is another axis already.`, 0, axis.values.length);
}

function sentenceOf(
  issue: { readonly code: string; readonly message: string } & object,
  title: string,
): string {
  if (issue.code === 'too_big' && 'maximum' in issue)
    return `${title} can be at most ${String(issue.maximum)}.`;
  if (issue.code === 'too_small' && 'minimum' in issue)
    return `${title} must be at least ${String(issue.minimum)}.`;
  return issue.message;
}

function labelsOf([x, y, z]: readonly (readonly GridValue[])[]): GridPlan['labels'] {
  const labels = (values: readonly GridValue[] | undefined): readonly string[] =>
    values?.map(({ label }) => label) ?? [''];
  return [labels(x), labels(y), labels(z)];
}

/** What the axes say about one place of the sheet, columns first. */
export function labelsAt(labels: GridPlan['labels'], place: number): readonly string[] {
  const [columns, rows, blocks] = labels;
  return [
    columns[place % columns.length] ?? '',
    rows[Math.floor(place / columns.length) % rows.length] ?? '',
    blocks[Math.floor(place / (columns.length * rows.length))] ?? '',
  ].filter((label) => label !== '');
}

/** The axis that is the dearest to change goes slowest. */
function cellsOf(
  axes: readonly GridAxis[],
  read: readonly (readonly GridValue[])[],
  base: ImageSettings,
): readonly GridCell[] {
  const order = (field: GridField): number => gridFields.indexOf(field);
  const along = axes.map(({ field }, axis) => ({
    field,
    axis,
    values: read[axis] ?? [],
    /** How far apart neighbours along this axis are on the sheet. */
    stride: read.slice(0, axis).reduce((product, { length }) => product * length, 1),
  }));
  const slowestFirst = along.toSorted(
    (a, b) => gridFieldFacts[b.field].cost - gridFieldFacts[a.field].cost || b.axis - a.axis,
  );
  let chosen: readonly { field: GridField; axis: number; value: GridValue; offset: number }[][] = [
    [],
  ];
  for (const { field, axis, values, stride } of slowestFirst) {
    chosen = chosen.flatMap((before) =>
      values.map((value, index) => [...before, { field, axis, value, offset: index * stride }]),
    );
  }
  return chosen.map((values) => ({
    place: values.reduce((place, { offset }) => place + offset, 0),
    settings: values
      .toSorted((a, b) => order(a.field) - order(b.field) || a.axis - b.axis)
      .reduce((settings, { value }) => value.apply(settings), base),
  }));
}
