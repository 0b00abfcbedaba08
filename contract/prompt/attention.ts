/**
 * Words by how much they weigh: `(x)`, `[x]`, `(x:1.3)`, escapes and `BREAK`.
 *
 * Promises: any text parses; pieces come in the order of the text and do not overlap.
 * Round and square brackets may cross, `([a)]`: each shape is counted on its own over the leaves of the
 * tree, whose branches cannot cross.
 * Sources: the rules of the Stable Diffusion web UI (`original`) and of ComfyUI (`comfy`).
 */
import type { emphasisNames } from '../image-options.ts';
import { parsePrompt } from './parse.ts';
import { leavesOf, type Place, type PromptLeaf } from './tree.ts';

export type Emphasis = (typeof emphasisNames)[number];

export type AttentionPiece = Place &
  (
    | {
        readonly kind: 'text';
        /** Without brackets and escapes. */
        readonly text: string;
        readonly weight: number;
      }
    /** The next piece begins another chunk. */
    | { readonly kind: 'break' }
  );

type TextPiece = Extract<AttentionPiece, { kind: 'text' }>;

const bracketFactor = 1.1;
/** Open brackets that act at one place; further ones change no weight. */
const maxDepth = 200;

/**
 * @param text a resolved prompt at one step
 * @param emphasis `original`: nested weights multiply, and brackets left open act to the end;
 *   `comfy`: a weight in figures replaces those around it, and square brackets mean nothing;
 *   `none`: brackets mean nothing
 * @returns neighbours of equal weight as one piece; at least one piece
 */
export function parseAttention(text: string, emphasis: Emphasis): readonly AttentionPiece[] {
  const { pieces } = weighLeaves(leavesOf(parsePrompt(text, 'resolved').nodes), emphasis);
  return merged(trimmedAtBreaks(pieces));
}

/**
 * @returns pieces in the order of the leaves, unmerged; brackets that weigh are none
 */
export function weighLeaves(
  leaves: readonly PromptLeaf[],
  emphasis: Emphasis,
): {
  readonly pieces: readonly AttentionPiece[];
  /** Brackets that act to the end, and closing ones that close nothing. */
  readonly open: readonly PromptLeaf[];
  readonly stray: readonly PromptLeaf[];
} {
  switch (emphasis) {
    case 'original':
      return weighOriginal(leaves);
    case 'comfy':
      return weighComfy(leaves);
    case 'none':
      return { pieces: leaves.map((leaf) => pieceOf(leaf, leaf.text, 1)), open: [], stray: [] };
    default:
      return emphasis satisfies never;
  }
}

function pieceOf({ kind, start, end }: PromptLeaf, text: string, weight: number): AttentionPiece {
  return kind === 'break' ? { kind, start, end } : { kind: 'text', text, weight, start, end };
}

function weighOriginal(leaves: readonly PromptLeaf[]): ReturnType<typeof weighLeaves> {
  interface Opened {
    readonly leaf: PromptLeaf;
    readonly from: number;
    readonly acts: boolean;
  }
  const pieces: AttentionPiece[] = [];
  const weights = new Float64Array(leaves.length).fill(1);
  const round: Opened[] = [];
  const square: Opened[] = [];
  const stray: PromptLeaf[] = [];
  const multiply = ({ from, acts }: Opened, factor: number) => {
    for (let i = from; acts && i < pieces.length; i += 1) weights[i] = (weights[i] ?? 1) * factor;
  };
  /** @returns whether there was one to close */
  const close = (leaf: PromptLeaf, stack: Opened[], factor: number) => {
    const opened = stack.pop();
    if (opened) multiply(opened, factor);
    else {
      stray.push(leaf);
      pieces.push(pieceOf(leaf, leaf.text, 1));
    }
  };
  for (const [i, leaf] of leaves.entries()) {
    const open = () => ({
      leaf,
      from: pieces.length,
      acts: round.length + square.length < maxDepth,
    });
    const figure = leaves[i - 1]?.kind === 'figure' ? leaves[i - 1]?.text : undefined;
    // A figure is a weight where its bracket closes one.
    const isWeight =
      round.length > 0 && (leaf.kind === 'figure' || leaves[i + 1]?.kind === 'figure');
    switch (leaf.kind) {
      case 'round-start':
        round.push(open());
        break;
      case 'square-start':
        square.push(open());
        break;
      case 'round-end':
        close(leaf, round, figure === undefined ? bracketFactor : Number.parseFloat(figure));
        break;
      case 'square-end':
        close(leaf, square, 1 / bracketFactor);
        break;
      case 'escape':
        pieces.push(pieceOf(leaf, leaf.text.slice(1), 1));
        break;
      case 'colon':
      case 'figure':
        if (!isWeight) pieces.push(pieceOf(leaf, leaf.text, 1));
        break;
      default:
        pieces.push(pieceOf(leaf, leaf.text, 1));
    }
  }
  for (const opened of round) multiply(opened, bracketFactor);
  for (const opened of square) multiply(opened, 1 / bracketFactor);
  return {
    pieces: pieces.map((piece, i) =>
      piece.kind === 'text' ? { ...piece, weight: weights[i] ?? 1 } : piece,
    ),
    open: [...round, ...square].map(({ leaf }) => leaf),
    stray,
  };
}

/** Leaves from `start` up to `end`, by their places in the list, that are still to be split. */
interface ComfyTask extends Place {
  readonly weight: number;
  readonly depth: number;
}

function weighComfy(given: readonly PromptLeaf[]): ReturnType<typeof weighLeaves> {
  const leaves = given.map((leaf, i) => comfyLeaf(leaf, given[i - 1], given[i + 1]));
  const pieces: AttentionPiece[] = [];
  const { open, stray } = unpairedRound(leaves);
  // A stack in reading order, so that deep nesting cannot exhaust the call stack.
  const tasks: ComfyTask[] = [{ start: 0, end: leaves.length, weight: 1, depth: 0 }];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { start, end, weight, depth } = task;
    const items = depth < maxDepth ? topLevel(leaves, task) : [task];
    const inner = items.map((item): ComfyTask => {
      const isPair =
        depth < maxDepth &&
        leaves[item.start]?.kind === 'round-start' &&
        leaves[item.end - 1]?.kind === 'round-end';
      if (!isPair) return { ...item, weight, depth: maxDepth + 1 };
      const figure = figureBefore(leaves, item);
      return {
        start: item.start + 1,
        end: item.end - (figure === null ? 1 : 3),
        weight: figure ?? weight * bracketFactor,
        depth: depth + 1,
      };
    });
    const [only] = inner;
    if (inner.length === 1 && only && only.depth > maxDepth) {
      for (const leaf of leaves.slice(start, end)) pieces.push(pieceOf(leaf, leaf.text, weight));
    } else tasks.push(...inner.toReversed());
  }
  return { pieces, open, stray };
}

const comfyFigure = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

/** The number between the last colon and the bracket at the end, with something before the colon. */
function figureBefore(leaves: readonly PromptLeaf[], { start, end }: Place): number | null {
  const text = leaves[end - 2]?.text ?? '';
  const colon = end - 3;
  if (colon <= start + 1 || leaves[colon]?.kind !== 'colon' || !comfyFigure.test(text)) return null;
  return Number.parseFloat(text);
}

/** There a backslash robs only a round bracket of its meaning, even behind another backslash. */
function comfyLeaf(
  leaf: PromptLeaf,
  before: PromptLeaf | undefined,
  after: PromptLeaf | undefined,
): PromptLeaf {
  const isRound = (other: PromptLeaf | undefined) =>
    other?.kind === 'round-start' || other?.kind === 'round-end';
  if (leaf.kind === 'escape') {
    if (/[()]/.test(leaf.text)) return { ...leaf, text: leaf.text.slice(1) };
    return leaf.text.endsWith('\\') && isRound(after)
      ? { ...leaf, text: leaf.text.slice(1) }
      : leaf;
  }
  const isEscaped = before?.kind === 'escape' && before.text.endsWith('\\');
  return isRound(leaf) && isEscaped ? { ...leaf, kind: 'text' } : leaf;
}

/** Bracketed and unbracketed stretches, outermost brackets only. */
function topLevel(leaves: readonly PromptLeaf[], { start, end }: Place): Place[] {
  const items: Place[] = [];
  let from = start;
  let level = 0;
  for (let i = start; i < end; i += 1) {
    const kind = leaves[i]?.kind;
    if (kind === 'round-start') {
      if (level === 0 && i > from) {
        items.push({ start: from, end: i });
        from = i;
      }
      level += 1;
    } else if (kind === 'round-end') {
      level -= 1;
      if (level !== 0) continue;
      items.push({ start: from, end: i + 1 });
      from = i + 1;
    }
  }
  if (from < end) items.push({ start: from, end });
  return items;
}

function unpairedRound(leaves: readonly PromptLeaf[]) {
  const open: PromptLeaf[] = [];
  const stray: PromptLeaf[] = [];
  for (const leaf of leaves) {
    if (leaf.kind === 'round-start') open.push(leaf);
    else if (leaf.kind === 'round-end' && !open.pop()) stray.push(leaf);
  }
  return { open, stray };
}

/** Blanks around a break belong to it. */
function trimmedAtBreaks(pieces: readonly AttentionPiece[]): readonly AttentionPiece[] {
  return pieces.map((piece, i) => {
    if (piece.kind === 'break') return piece;
    let { text, start, end } = piece;
    const [before, after] = [pieces[i - 1], pieces[i + 1]];
    if (after?.kind === 'break' && after.start === end) {
      end -= text.length - text.trimEnd().length;
      text = text.trimEnd();
    }
    if (before?.kind === 'break' && before.end === start) {
      start = Math.min(end, start + text.length - text.trimStart().length);
      text = text.trimStart();
    }
    return { ...piece, text, start, end };
  });
}

function merged(pieces: readonly AttentionPiece[]): AttentionPiece[] {
  const result: AttentionPiece[] = [];
  /** Joined once at the end: adding text to text again and again takes quadratic time. */
  let run: TextPiece[] = [];
  const flush = () => {
    const [first] = run;
    const last = run.at(-1);
    if (first && last)
      result.push({ ...first, text: run.map((piece) => piece.text).join(''), end: last.end });
    run = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'break') {
      flush();
      result.push(piece);
    } else if (piece.text !== '') {
      if (run[0] && run[0].weight !== piece.weight) flush();
      run.push(piece);
    }
  }
  flush();
  return result.length > 0 ? result : [{ kind: 'text', text: '', weight: 1, start: 0, end: 0 }];
}
