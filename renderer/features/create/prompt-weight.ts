/** What the weight keys make of a prompt: `words` ⇄ `(words:1.05)`, and weights of `<lora:…>`. Pure. */
import { parsePrompt } from '../../../contract/prompt/parse.ts';
import {
  branchesOf,
  type Place,
  type PromptBranch,
  type PromptNode,
} from '../../../contract/prompt/tree.ts';

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
  const { nodes } = parsePrompt(text, 'template');
  const branches = branchesOf(nodes);
  const tag = branches.find(
    (branch) =>
      branch.kind === 'lora' && branch.start <= selectionStart && selectionEnd <= branch.end,
  );
  if (tag?.kind === 'lora') return nudgeLora(tag, direction);
  const place = trimmed(text, selectionStart, selectionEnd);
  const brackets = bracketsAt(branches, text, place);
  if (brackets) {
    const { start, end } = wordsOf(brackets);
    const weight = stepped(brackets.weight ?? bracketWeight, direction, bracketLimits);
    return wrapped(text.slice(start, end), weight, brackets.start, brackets.end);
  }
  const target = place.start === place.end ? wordAt(text, place.start) : place;
  if (!target) return null;
  const weighed = text.slice(target.start, target.end);
  if (!isWhole(nodes, target)) return null;
  return wrapped(weighed, stepped(1, direction, bracketLimits), target.start, target.end);
}

function nudgeLora(
  { name, values, start, end }: Extract<PromptBranch, { kind: 'lora' }>,
  direction: 1 | -1,
): WeightNudge | null {
  const next = (figure: string) => {
    const weight = Number.parseFloat(figure);
    return String(stepped(Number.isFinite(weight) ? weight : 1, direction, loraLimits));
  };
  // Named weights may come in any order, and only that of the denoiser is meant.
  const isNamed = values[0]?.includes('=') ?? false;
  const at = isNamed ? values.findIndex((value) => /^\s*unet\s*=/i.test(value)) : 0;
  if (at < 0) return null;
  const [figure = '', key] = (values[at] ?? '').split('=').toReversed();
  const weighed = key === undefined ? next(figure) : `${key}=${next(figure)}`;
  const others = values.map((value, i) => (i === at ? weighed : value));
  const text = `<lora:${[name, ...(others.length === 0 ? [weighed] : others)].join(':')}>`;
  const caret = start + text.length - 1;
  return { start, end, text, selectStart: caret, selectEnd: caret };
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

type Round = Extract<PromptBranch, { kind: 'round' }>;

/** The innermost brackets around the caret, or those whose words are selected. */
function bracketsAt(
  branches: readonly PromptBranch[],
  text: string,
  { start, end }: Place,
): Round | null {
  const around = branches.filter((branch): branch is Round => {
    if (branch.kind !== 'round') return false;
    if (start === end) return branch.start < start && start < branch.end;
    if (start === branch.start && end === branch.end) return true;
    const words = wordsOf(branch);
    const inner = trimmed(text, words.start, words.end);
    const isAll = end === inner.end || (end >= words.end && end < branch.end);
    return start === inner.start && isAll;
  });
  return around.at(-1) ?? null;
}

/** Without brackets and weight. */
function wordsOf({ children, weight, end }: Round): Place {
  const behind = children.at(weight === null ? -1 : -3);
  return { start: children[0]?.end ?? end, end: behind?.start ?? end };
}

/** Whether brackets around these words would pair with each other, and part nothing. */
function isWhole(nodes: readonly PromptNode[], { start, end }: Place): boolean {
  return nodes.every((node) => {
    if (node.end <= start || end <= node.start) return true;
    if (!('children' in node)) return !marks.has(node.kind);
    const isWithin = start <= node.start && node.end <= end;
    return isWithin || isWhole(node.children, { start, end });
  });
}

const marks: ReadonlySet<PromptNode['kind']> = new Set([
  'round-start',
  'round-end',
  'square-start',
  'square-end',
  'choice-start',
  'option-bar',
  'brace-end',
  'lora-start',
  'lora-end',
]);

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
