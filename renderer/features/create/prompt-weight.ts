/** What the weight keys make of a prompt: `words` ⇄ `(words:1.05)`, and weights of `<lora:…>`. Pure. */
import { takeAdapters } from '../../../contract/prompt/adapters.ts';

/** UTF-16 units throughout. */
export interface WeightNudge {
  /** What is replaced, and with what. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What is selected then, so that the next press goes on with the same words. */
  readonly selectStart: number;
  readonly selectEnd: number;
}

const weightStep = 0.05;
const bracketWeight = 1.1;
const bracketLimits = { least: 0, most: 10 } as const;
const loraLimits = { least: -10, most: 10 } as const;
const words = /[\p{L}\p{N}\p{M}_'’-]+/gu;

/**
 * Weighs the selection, or without one the brackets or the word at the caret, a step more or less.
 * @returns null where there is nothing to weigh, or where brackets around it would pair otherwise
 */
export function nudgeWeight(
  text: string,
  selectionStart: number,
  selectionEnd: number,
  direction: 1 | -1,
): WeightNudge | null {
  const tag = takeAdapters(text).loras.find(
    ({ start, end }) => start <= selectionStart && selectionEnd <= end,
  );
  if (tag) return nudgeLora(text.slice(tag.start, tag.end), tag.start, direction);
  const place = trimmed(text, selectionStart, selectionEnd);
  const pair = bracketsAt(text, place.start, place.end);
  if (pair) {
    const inner = text.slice(pair.open + 1, pair.close);
    const given = /:\s*(?<weight>[+-]?[.\d]+)\s*$/.exec(inner);
    const figure = Number.parseFloat(given?.groups?.['weight'] ?? '');
    const isGiven = given !== null && Number.isFinite(figure);
    const weighed = isGiven ? inner.slice(0, given.index) : inner;
    const weight = stepped(isGiven ? figure : bracketWeight, direction, bracketLimits);
    return wrapped(weighed, weight, pair.open, pair.close + 1);
  }
  const target = place.start === place.end ? wordAt(text, place.start) : place;
  if (!target) return null;
  const weighed = text.slice(target.start, target.end);
  if (!isBalanced(weighed)) return null;
  return wrapped(weighed, stepped(1, direction, bracketLimits), target.start, target.end);
}

function nudgeLora(tag: string, start: number, direction: 1 | -1): WeightNudge | null {
  const parts = /^(?<head><lora:[^:>]+)(?::(?<first>[^:>]*))?(?<rest>.*)$/i.exec(tag)?.groups;
  if (!parts) return null;
  const { head = '', first = '', rest = '' } = parts;
  const next = (figure: string) => {
    const weight = Number.parseFloat(figure);
    return stepped(Number.isFinite(weight) ? weight : 1, direction, loraLimits);
  };
  // Named weights may come in any order, and only that of the denoiser is meant.
  const text = first.includes('=')
    ? tag.replace(/(unet\s*=\s*)([^:>]*)/i, (_all, name: string, value: string) => {
        return `${name}${next(value)}`;
      })
    : `${head}:${next(first)}${rest}`;
  if (text === tag) return null;
  const caret = start + text.length - 1;
  return { start, end: start + tag.length, text, selectStart: caret, selectEnd: caret };
}

function wrapped(weighed: string, weight: number, start: number, end: number): WeightNudge {
  const isPlain = weight === 1;
  const selectStart = isPlain ? start : start + 1;
  return {
    start,
    end,
    text: isPlain ? weighed : `(${weighed}:${weight})`,
    selectStart,
    selectEnd: selectStart + weighed.length,
  };
}

function stepped(
  weight: number,
  direction: 1 | -1,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const next = Math.round((weight + direction * weightStep) * 100) / 100;
  return Math.min(most, Math.max(least, next));
}

/** The innermost pair around the caret, or the pair whose words are selected. */
function bracketsAt(
  text: string,
  start: number,
  end: number,
): { readonly open: number; readonly close: number } | null {
  const open: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '\\') i += 1;
    else if (character === '(') open.push(i);
    else if (character === ')') {
      const from = open.pop();
      if (from === undefined) continue;
      if (start === end ? from < start && start <= i : isAllOf(text, from, i, start, end))
        return { open: from, close: i };
    }
  }
  return null;
}

/** With the brackets or without, with the weight or without. */
function isAllOf(text: string, open: number, close: number, start: number, end: number): boolean {
  if (start === open && end === close + 1) return true;
  const inner = trimmed(text, open + 1, close);
  if (start !== inner.start || end > inner.end) return false;
  return end === inner.end || /^\s*:\s*[+-]?[.\d]+$/.test(text.slice(end, inner.end));
}

function wordAt(text: string, caret: number) {
  for (const { index, 0: word } of text.matchAll(words)) {
    if (index <= caret && caret <= index + word.length)
      return { start: index, end: index + word.length };
  }
  return null;
}

function trimmed(text: string, start: number, end: number) {
  const selected = text.slice(start, end);
  if (selected.trim() === '') return { start, end: start };
  return {
    start: start + selected.length - selected.trimStart().length,
    end: start + selected.trimEnd().length,
  };
}

function isBalanced(text: string): boolean {
  const open: string[] = [];
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '>': '<' };
  for (const [character] of text.matchAll(/\\.|[()[\]{}<>]/gs)) {
    const opening = pairs[character];
    if (opening !== undefined) {
      if (open.pop() !== opening) return false;
    } else if (!character.startsWith('\\')) open.push(character);
  }
  return open.length === 0;
}
