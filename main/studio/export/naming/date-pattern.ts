/** Dates in names: `yyyy-MM-dd_HH-mm-ss`. Source of the letters: Unicode Technical Standard 35, part 4, §8. */

const part = /yyyy|yy|MM|dd|HH|mm|ss|SSS|[A-Za-z]+/g;
export const dateLetters = ['yyyy', 'yy', 'MM', 'dd', 'HH', 'mm', 'ss', 'SSS'] as const;
type DateLetters = (typeof dateLetters)[number];

/** @returns the first letters that mean nothing, with their place in the pattern; null if all mean something */
export function unknownDateLetters(pattern: string): { start: number; text: string } | null {
  for (const { 0: text, index } of pattern.matchAll(part))
    if (!isKnown(text)) return { start: index, text };
  return null;
}

/**
 * In local time; letters that mean nothing stay.
 * @param at milliseconds since 1970
 */
export function formatDate(at: number, pattern: string): string {
  const date = new Date(at);
  const digits = (value: number, count: number) => String(value).padStart(count, '0');
  return pattern.replaceAll(part, (letters) => {
    if (!isKnown(letters)) return letters;
    switch (letters) {
      case 'yyyy':
        return digits(date.getFullYear(), 4);
      case 'yy':
        return digits(date.getFullYear() % 100, 2);
      case 'MM':
        return digits(date.getMonth() + 1, 2);
      case 'dd':
        return digits(date.getDate(), 2);
      case 'HH':
        return digits(date.getHours(), 2);
      case 'mm':
        return digits(date.getMinutes(), 2);
      case 'ss':
        return digits(date.getSeconds(), 2);
      case 'SSS':
        return digits(date.getMilliseconds(), 3);
      default:
        return letters satisfies never;
    }
  });
}

function isKnown(letters: string): letters is DateLetters {
  return (dateLetters as readonly string[]).includes(letters);
}
