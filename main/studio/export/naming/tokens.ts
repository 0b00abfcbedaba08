/** What `{…}` in a name template stands for. */
import type { ImageId } from '../../../../contract/ids.ts';
import { dateLetters, formatDate, unknownDateLetters } from './date-pattern.ts';
import { cutToLength } from './safe-name.ts';

/** What names are made of; null and empty for what is not known of a picture. */
export interface NameFacts {
  readonly id: ImageId;
  readonly contentHash: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly exportedAt: number;
  readonly model: string;
  readonly seed: number | null;
  /** Place in the export, from 1. */
  readonly number: number;
  readonly prompt: string;
  /** Pixels of the exported picture. */
  readonly width: number;
  readonly height: number;
  readonly rating: number;
  readonly sampler: string;
  readonly steps: number | null;
  readonly album: string;
  readonly tag: string;
  /** The library's file name without its ending. */
  readonly fileName: string;
  readonly format: string;
}

/** What may stand behind the colon. */
type Argument = 'date' | 'length' | 'digits' | 'none';

interface Token {
  readonly title: string;
  /** How it is written with an argument, where that is usual. */
  readonly written: string;
  readonly takes: Argument;
  /** Cut to so many letters where no length is told. */
  readonly length?: number;
  readonly value: (facts: NameFacts) => string | number | null;
}

export const tokens = {
  date: {
    title: 'When it was made',
    written: '{date:yyyy-MM-dd}',
    takes: 'date',
    value: (f) => f.createdAt,
  },
  exported: {
    title: 'When it is exported',
    written: '{exported:yyyy-MM-dd}',
    takes: 'date',
    value: (f) => f.exportedAt,
  },
  model: { title: 'Model', written: '{model}', takes: 'length', value: (f) => f.model },
  seed: { title: 'Seed', written: '{seed}', takes: 'digits', value: (f) => f.seed },
  n: { title: 'Number in this export', written: '{n:04}', takes: 'digits', value: (f) => f.number },
  prompt: {
    title: 'First words of the prompt',
    written: '{prompt:40}',
    takes: 'length',
    length: 60,
    value: (f) => f.prompt,
  },
  width: { title: 'Width', written: '{width}', takes: 'digits', value: (f) => f.width },
  height: { title: 'Height', written: '{height}', takes: 'digits', value: (f) => f.height },
  rating: { title: 'Stars', written: '{rating}', takes: 'digits', value: (f) => f.rating },
  sampler: { title: 'Sampler', written: '{sampler}', takes: 'length', value: (f) => f.sampler },
  steps: { title: 'Steps', written: '{steps}', takes: 'digits', value: (f) => f.steps },
  album: { title: 'Album', written: '{album}', takes: 'length', value: (f) => f.album },
  tag: { title: 'First tag', written: '{tag}', takes: 'length', value: (f) => f.tag },
  name: {
    title: 'File name in the library',
    written: '{name}',
    takes: 'length',
    value: (f) => f.fileName,
  },
  hash: {
    title: 'First digits of the content hash',
    written: '{hash:8}',
    takes: 'length',
    length: 8,
    value: (f) => f.contentHash,
  },
  id: { title: 'Id', written: '{id}', takes: 'none', value: (f) => f.id },
  format: { title: 'Format', written: '{format}', takes: 'none', value: (f) => f.format },
} as const satisfies Record<string, Token>;
export type TokenName = keyof typeof tokens;

const defaultDatePattern = 'yyyy-MM-dd';
const mostLetters = 200;
const mostDigits = 20;

export function isTokenName(name: string): name is TokenName {
  return Object.hasOwn(tokens, name);
}

/**
 * What is wrong with what stands behind the colon.
 * @returns null if nothing is
 */
export function argumentProblem(
  name: TokenName,
  argument: string,
): { readonly message: string; readonly remedy: string } | null {
  const { takes, written }: Token = tokens[name];
  switch (takes) {
    case 'date': {
      const unknown = unknownDateLetters(argument);
      return unknown === null
        ? null
        : {
            message: `"${unknown.text}" is no part of a date.`,
            remedy: `Use ${dateLetters.join(', ')}.`,
          };
    }
    case 'length':
      return /^\d{1,3}$/.test(argument) && inRange(Number(argument), 1, mostLetters)
        ? null
        : {
            message: `Behind the colon stands how many letters at most, 1 to ${mostLetters}.`,
            remedy: `Write ${written.includes(':') ? written : `{${name}:20}`}.`,
          };
    case 'digits':
      return /^0?\d{1,2}$/.test(argument) && inRange(Number(argument), 1, mostDigits)
        ? null
        : {
            message: `Behind the colon stands how many digits at least, 1 to ${mostDigits}.`,
            remedy: `Write {${name}:04}.`,
          };
    case 'none':
      return {
        message: `{${name}} takes nothing behind a colon.`,
        remedy: `Write {${name}}.`,
      };
    default:
      return takes satisfies never;
  }
}

/** @param argument one that has no problem; null for none @returns empty where it is not known of a picture */
export function tokenValue(name: TokenName, argument: string | null, facts: NameFacts): string {
  const token: Token = tokens[name];
  const value = token.value(facts);
  if (value === null || value === '') return '';
  switch (token.takes) {
    case 'date':
      return formatDate(Number(value), argument ?? defaultDatePattern);
    case 'length': {
      const oneLine = String(value).replaceAll(/\s+/g, ' ').trim();
      const most = argument === null ? token.length : Number(argument);
      return most === undefined ? oneLine : cutToLength(oneLine, most).trim();
    }
    case 'digits':
      return String(value).padStart(Number(argument ?? 1), '0');
    case 'none':
      return String(value);
    default:
      return token.takes satisfies never;
  }
}

function inRange(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}
