/**
 * A prompt in stretches of one meaning each, for an editor.
 *
 * Promises: any text parses; the stretches follow each other without a gap, so that their texts joined
 * are the prompt. Meanings come from the same parsers that resolve and draw the prompt.
 */
import { takeAdapters } from './adapters.ts';
import { parseAttention, type Emphasis } from './attention.ts';
import { parseDynamic, type DynamicNode } from './dynamic-tree.ts';
import { changesIn } from './schedule.ts';

const meanings = [
  'text',
  'schedule',
  'choice',
  'wildcard',
  'variable',
  'adapter',
  'keyword',
] as const;
export type PromptMeaning = (typeof meanings)[number];

export interface PromptSpan {
  /** UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly meaning: PromptMeaning;
  readonly weight: number;
  /** What is odd here; null if nothing is. */
  readonly problem: string | null;
}

export function promptSpans(
  text: string,
  {
    emphasis,
    isWildcard,
  }: {
    readonly emphasis: Emphasis;
    /** Whether a wildcard's pattern finds anything. */
    readonly isWildcard: (pattern: string) => boolean;
  },
): readonly PromptSpan[] {
  const meaning = new Uint8Array(text.length);
  const weights = new Float64Array(text.length).fill(1);
  const problems = new Map<number, string>();
  const report = (start: number, end: number, message: string) => {
    for (let i = start; i < end; i += 1) problems.set(i, message);
  };
  const mark = (start: number, end: number, name: PromptMeaning) =>
    meaning.fill(meanings.indexOf(name), start, end);

  const visit = (nodes: readonly DynamicNode[]) => {
    for (const node of nodes) {
      switch (node.kind) {
        case 'text':
          break;
        case 'choice':
          mark(node.start, node.end, 'choice');
          for (const option of node.options) visit(option.nodes);
          break;
        case 'wildcard':
          mark(node.start, node.end, 'wildcard');
          if (!isWildcard(node.pattern))
            report(node.start, node.end, `There is no wildcard "${node.pattern}".`);
          break;
        case 'assign':
          mark(node.start, node.end, 'variable');
          visit(node.value);
          break;
        case 'variable':
          mark(node.start, node.end, 'variable');
          visit(node.fallback ?? []);
          break;
        default:
          node satisfies never;
      }
    }
  };
  // Brackets of a schedule weaken nothing; masked one by one, every place stays where it is.
  const characters = [...Array(text.length).keys()].map((i) => text[i] ?? '');
  const changes = changesIn(text);
  for (const { start, end } of changes) {
    characters[start] = ' ';
    characters[end - 1] = ' ';
  }
  for (const piece of parseAttention(characters.join(''), emphasis)) {
    if (piece.kind === 'break') mark(piece.start, piece.end, 'keyword');
    else weights.fill(piece.weight, piece.start, piece.end);
  }
  for (const { start, end } of changes) mark(start, end, 'schedule');
  const { nodes, problems: unclosed } = parseDynamic(text);
  visit(nodes);
  for (const { start, end } of takeAdapters(text).loras) mark(start, end, 'adapter');
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/gu))
    mark(index, index + 'AND'.length, 'keyword');
  for (const { start, end, message } of unclosed) report(start, end, message);
  if (emphasis !== 'none') {
    for (const start of openBrackets(text, emphasis))
      report(start, start + 1, 'This bracket is never closed, so it acts to the end.');
  }

  const spans: PromptSpan[] = [];
  for (let start = 0; start < text.length;) {
    let end = start + 1;
    while (
      end < text.length &&
      meaning[end] === meaning[start] &&
      weights[end] === weights[start] &&
      problems.get(end) === problems.get(start)
    )
      end += 1;
    spans.push({
      start,
      end,
      text: text.slice(start, end),
      meaning: meanings[meaning[start] ?? 0] ?? 'text',
      weight: weights[start] ?? 1,
      problem: problems.get(start) ?? null,
    });
    start = end;
  }
  return spans;
}

function openBrackets(text: string, emphasis: 'original' | 'comfy'): readonly number[] {
  const round: number[] = [];
  const square: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i];
    if (character === '\\') i += 1;
    else if (character === '(') round.push(i);
    else if (character === ')') round.pop();
    else if (character === '[') square.push(i);
    else if (character === ']') square.pop();
  }
  return emphasis === 'original' ? [...round, ...square] : round;
}
