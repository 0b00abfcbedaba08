/** Words that are looked for in a conversation: where they stand in its turns, and on the screen. */
import type { ChatTurn } from '../../../../contract/chats.ts';
import { searchPattern } from '../document/search-matches.ts';

/** One of them: which turn of the branch, and which of the words that were found in it. */
export interface FoundPlace {
  readonly turn: number;
  readonly nth: number;
}

export interface FoundWords {
  readonly pattern: RegExp;
  /** The one that was gone to; null before that. */
  readonly at: FoundPlace | null;
}

export const wordsPattern = (text: string): RegExp =>
  searchPattern({ text, regex: false, caseSensitive: false, wholeWords: false });

/** @param pattern global; finds no empty text */
export function findInTurns(
  turns: readonly Pick<ChatTurn, 'text'>[],
  pattern: RegExp,
): readonly FoundPlace[] {
  return turns.flatMap(({ text }, turn) =>
    Array.from(text.matchAll(pattern), (_, nth) => ({ turn, nth })),
  );
}

const names = { all: 'found-words', current: 'found-word' } as const;

/**
 * Marks what is laid out of them, without touching the elements, which are React's.
 * @returns takes the marks away
 */
export function markFound(list: HTMLElement, found: FoundWords | null): (() => void) | undefined {
  if (found === null) return undefined;
  const all = new Highlight();
  const current = new Highlight();
  current.priority = 1;
  for (const place of list.querySelectorAll<HTMLElement>('[data-index]')) {
    const isThere = found.at !== null && place.dataset['index'] === String(found.at.turn);
    for (const [nth, range] of rangesIn(place, found.pattern).entries())
      (isThere && nth === found.at?.nth ? current : all).add(range);
  }
  CSS.highlights.set(names.all, all);
  CSS.highlights.set(names.current, current);
  return () => {
    CSS.highlights.delete(names.all);
    CSS.highlights.delete(names.current);
  };
}

/** Scrolls the one that was gone to into sight, once its turn is laid out. */
export function showFound(list: HTMLElement, { pattern, at }: FoundWords): void {
  const place = list.querySelector<HTMLElement>(`[data-index="${at?.turn ?? -1}"]`);
  const range = place && at && rangesIn(place, pattern)[at.nth];
  if (!range) return;
  const { top, bottom } = range.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  if (top < frame.top + marginPx || bottom > frame.bottom - marginPx)
    list.scrollBy({ top: (top + bottom - frame.top - frame.bottom) / 2 });
}

/** The bar of the search lies over the first lines. */
const marginPx = 60;

/** Within pieces of text that are marked up in one way. */
function rangesIn(place: HTMLElement, pattern: RegExp): readonly Range[] {
  const ranges: Range[] = [];
  for (const words of place.querySelectorAll('[data-selectable]')) {
    const texts = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const { 0: text, index } of (node.nodeValue ?? '').matchAll(pattern)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + text.length);
        ranges.push(range);
      }
    }
  }
  return ranges;
}
