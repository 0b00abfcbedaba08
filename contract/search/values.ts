/** Values of fields, from text. Dates are days of local time. */
import { colourNames, dateWords, fieldKinds, type SearchField } from './fields.ts';

/** From `from` up to, but not with, `until`: milliseconds since 1970. */
export interface DateSpan {
  readonly from: number;
  readonly until: number;
}

/** @returns null for anything but a plain decimal number */
export function readNumber(text: string): number | null {
  return /^-?\d{1,16}(\.\d{1,6})?$/.test(text) ? Number(text) : null;
}

/** @returns null for anything but `512x768`, with `×` as well */
export function readSize(text: string): { readonly width: number; readonly height: number } | null {
  const found = /^(\d{1,6})[x×](\d{1,6})$/i.exec(text);
  return found ? { width: Number(found[1]), height: Number(found[2]) } : null;
}

/** @returns `#rrggbb` in lower case; null for anything but a colour */
export function readColour(text: string): string | null {
  const lower = text.toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(lower)) return lower;
  if (/^#[0-9a-f]{3}$/.test(lower)) return lower.replaceAll(/[0-9a-f]/g, '$&$&');
  const name = lower === 'gray' ? 'grey' : lower;
  return Object.entries(colourNames).find(([known]) => known === name)?.[1] ?? null;
}

/** @returns the choice as it is listed, whatever the case; null for none */
export function readChoice(field: SearchField, text: string): string | null {
  const lower = text.toLowerCase();
  return fieldKinds[field].choices.find((choice) => choice === lower) ?? null;
}

/**
 * @param text a year, `2026-11`, `2026-11-24`, or one of `dateWords`: this week (from Monday),
 *   this month, this year
 * @param now milliseconds since 1970
 */
export function readDate(text: string, now: number): DateSpan | null {
  const lower = text.toLowerCase();
  const word = dateWords.find((known) => known === lower);
  if (word) return wordSpan(word, new Date(now));
  const found = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text);
  if (!found) return null;
  const year = Number(found[1]);
  if (found[2] === undefined) return spanOf(startOf(year, 0, 1), startOf(year + 1, 0, 1));
  const month = Number(found[2]) - 1;
  if (month < 0 || month > 11) return null;
  if (found[3] === undefined) return spanOf(startOf(year, month, 1), startOf(year, month + 1, 1));
  const day = Number(found[3]);
  const start = startOf(year, month, day);
  return start.getMonth() === month && day > 0
    ? spanOf(start, startOf(year, month, day + 1))
    : null;
}

function wordSpan(word: (typeof dateWords)[number], now: Date): DateSpan {
  const year = now.getFullYear();
  const month = now.getMonth();
  const day = now.getDate();
  switch (word) {
    case 'today':
      return spanOf(startOf(year, month, day), startOf(year, month, day + 1));
    case 'yesterday':
      return spanOf(startOf(year, month, day - 1), startOf(year, month, day));
    case 'week': {
      const monday = day - ((now.getDay() + 6) % 7);
      return spanOf(startOf(year, month, monday), startOf(year, month, monday + 7));
    }
    case 'month':
      return spanOf(startOf(year, month, 1), startOf(year, month + 1, 1));
    case 'year':
      return spanOf(startOf(year, 0, 1), startOf(year + 1, 0, 1));
    default:
      return word satisfies never;
  }
}

/** `new Date(99, …)` would be 1999. */
function startOf(year: number, month: number, day: number): Date {
  const date = new Date(2000, 0, 1);
  date.setFullYear(year, month, day);
  return date;
}

function spanOf(from: Date, until: Date): DateSpan {
  return { from: from.getTime(), until: until.getTime() };
}

/** Whether a value can be read as its field's. Whether it is a good one does not depend on the day. */
export function isReadable(field: SearchField, text: string): boolean {
  switch (fieldKinds[field].value) {
    case 'name':
    case 'exact':
      return text.trim() !== '';
    case 'words':
      return /[\p{L}\p{N}\p{So}\p{Co}]/u.test(text);
    case 'number':
      return readNumber(text) !== null;
    case 'date':
      return readDate(text, 0) !== null;
    case 'size':
      return readSize(text) !== null;
    case 'choice':
      return readChoice(field, text) !== null;
    case 'colour':
      return readColour(text) !== null;
    default:
      return fieldKinds[field] satisfies never;
  }
}

/** How a value is written in a search: in quotes where it needs them. */
export function writtenValue(value: string): string {
  return /^[\p{L}\p{N}#+_.-]+$/u.test(value) && !value.includes('..')
    ? value
    : `"${value.replaceAll('"', '""')}"`;
}
