/** Kinds of axes by how their values are read: texts, numbers, names, and words to replace. */
import type { GridAxis } from './grid.ts';
import { GridError, readNumbers, type TypedValue } from './grid-values.ts';
import type { ImageSettings } from './image-request.ts';

/** One value of an axis. */
export interface GridValue {
  /** As it stands on the sheet. */
  readonly label: string;
  readonly start: number;
  readonly end: number;
  apply(settings: ImageSettings): ImageSettings;
}

export interface FieldFacts {
  readonly title: string;
  /** What it is called besides its own name: in a command, or by users of other programs. */
  readonly aliases: readonly string[];
  /** An example of what may be typed. */
  readonly example: string;
  /** How much of what is loaded a change of it throws away: dearer axes change least often. */
  readonly cost: number;
  /** What the picture lacks for this axis to make a difference; null when nothing. */
  lacks(settings: ImageSettings, target: string | null): string | null;
  /** @throws {GridError} */
  read(typed: readonly TypedValue[], axis: GridAxis, settings: ImageSettings): readonly GridValue[];
}

type Change<T> = (settings: ImageSettings, value: T, target: string | null) => ImageSettings;
type Extra = Partial<Pick<FieldFacts, 'cost' | 'lacks' | 'aliases'>>;

export function texts(
  title: string,
  example: string,
  change: Change<string>,
  extra: Extra = {},
): FieldFacts {
  return {
    ...plain(title, example, extra),
    read: (typed, { target }) =>
      typed.map(({ text, start, end }) => ({
        label: `${title}: ${text}`,
        start,
        end,
        apply: (settings) => change(settings, text, target),
      })),
  };
}

export function numbers(
  title: string,
  example: string,
  isWhole: boolean,
  change: Change<number>,
  extra: Extra = {},
): FieldFacts {
  return {
    ...plain(title, example, extra),
    read: (typed, { target }) =>
      typed.flatMap((value) =>
        readNumbers(value, isWhole).map((figure): GridValue => ({
          label: `${target === null ? title : target}: ${figure}`,
          start: value.start,
          end: value.end,
          apply: (settings) => change(settings, figure, target),
        })),
      ),
  };
}

interface Naming<T> extends Extra {
  apply(settings: ImageSettings, value: T): ImageSettings;
  label(value: T): string;
  unknown(text: string): string;
}

export function named<T>(
  title: string,
  example: string,
  parse: (text: string) => T | null,
  naming: Naming<T>,
): FieldFacts {
  return {
    ...plain(title, example, naming),
    read: (typed) =>
      typed.map(({ text, start, end }) => {
        const value = parse(text);
        if (value === null) throw new GridError(naming.unknown(text), start, end);
        return {
          label: `${title}: ${naming.label(value)}`,
          start,
          end,
          apply: (settings) => naming.apply(settings, value),
        };
      }),
  };
}

export function choices<T extends string>(
  title: string,
  names: readonly T[],
  change: (settings: ImageSettings, value: T) => ImageSettings,
): FieldFacts {
  const find = (text: string): T | null =>
    names.find((name) => name === text.toLowerCase()) ?? null;
  return named(title, names.join(', '), find, {
    apply: change,
    label: (name) => name,
    unknown: (text) => `"${text}" must be ${names.join(' or ')}.`,
  });
}

/** The first value is what is looked for, and the first cell is drawn with it as it stands. */
export function replacing(
  title: string,
  field: 'prompt' | 'negativePrompt',
  aliases: readonly string[],
): FieldFacts {
  return {
    ...plain(title, 'apple, pear, "red, ripe cherry"', { aliases }),
    read(typed, _axis, settings) {
      const [wanted] = typed;
      if (!wanted) return [];
      const { text: words, start, end } = wanted;
      if (words === '') throw new GridError('The first value says what to replace.', start, end);
      if (!settings[field].includes(words)) {
        const place = field === 'prompt' ? 'prompt' : 'negative prompt';
        throw new GridError(`The ${place} does not hold "${words}".`, start, end);
      }
      return typed.map((value) => ({
        label: value.text === '' ? '(nothing)' : value.text,
        start: value.start,
        end: value.end,
        apply: (before) => ({
          ...before,
          [field]: before[field].replaceAll(words, () => value.text),
        }),
      }));
    },
  };
}

function plain(title: string, example: string, extra: Extra): Omit<FieldFacts, 'read'> {
  return {
    title,
    example,
    cost: extra.cost ?? 0,
    aliases: extra.aliases ?? [],
    lacks: extra.lacks ?? (() => null),
  };
}
