/**
 * Words by how much they weigh: `(x)`, `[x]`, `(x:1.3)`, escapes and `BREAK`.
 *
 * Promises: any text parses; pieces come in the order of the text and do not overlap.
 * Sources: the rules of the Stable Diffusion web UI (`original`) and of ComfyUI (`comfy`).
 */
import type { emphasisNames } from '../image-options.ts';

export type Emphasis = (typeof emphasisNames)[number];

/** Offsets are UTF-16 units of the text that was parsed. */
interface Place {
  readonly start: number;
  readonly end: number;
}

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
/** Brackets within brackets; deeper ones are taken as they stand. */
const maxDepth = 200;

/**
 * @param emphasis `original`: nested weights multiply, and brackets left open act to the end;
 *   `comfy`: a weight in figures replaces those around it, and square brackets mean nothing;
 *   `none`: brackets mean nothing
 * @returns neighbours of equal weight as one piece; at least one piece
 */
export function parseAttention(text: string, emphasis: Emphasis): readonly AttentionPiece[] {
  switch (emphasis) {
    case 'original':
      return merged(parseOriginal(text));
    case 'comfy':
      return merged(parseComfy(text));
    case 'none':
      return merged(withBreaks(text, 0, 1));
    default:
      return emphasis satisfies never;
  }
}

const originalToken = /\\[()[\]\\]?|[([]|:\s*(?<weight>[+-]?[.\d]+)\s*\)|[)\]]|[^\\()[\]:]+|:/gu;

function parseOriginal(text: string): AttentionPiece[] {
  const pieces: AttentionPiece[] = [];
  const round: number[] = [];
  const square: number[] = [];
  const multiply = (from: number, factor: number) => {
    for (let i = from; i < pieces.length; i += 1) {
      const piece = pieces[i];
      if (piece?.kind === 'text') pieces[i] = { ...piece, weight: piece.weight * factor };
    }
  };
  for (const match of text.matchAll(originalToken)) {
    const [token] = match;
    const start = match.index;
    const end = start + token.length;
    const weight = Number.parseFloat(match.groups?.['weight'] ?? '');
    if (token.startsWith('\\')) {
      pieces.push({ kind: 'text', text: token.slice(1), weight: 1, start, end });
    } else if (token === '(') round.push(pieces.length);
    else if (token === '[') square.push(pieces.length);
    else if (Number.isFinite(weight) && round.length > 0) multiply(round.pop() ?? 0, weight);
    else if (token === ')' && round.length > 0) multiply(round.pop() ?? 0, bracketFactor);
    else if (token === ']' && square.length > 0) multiply(square.pop() ?? 0, 1 / bracketFactor);
    else pieces.push(...withBreaks(token, start, 1));
  }
  for (const from of round) multiply(from, bracketFactor);
  for (const from of square) multiply(from, 1 / bracketFactor);
  return pieces;
}

/** Text and the breaks in it. */
function withBreaks(text: string, offset: number, weight: number): AttentionPiece[] {
  const pieces: AttentionPiece[] = [];
  const push = (from: number, to: number) =>
    pieces.push({
      kind: 'text',
      text: text.slice(from, to),
      weight,
      start: offset + from,
      end: offset + to,
    });
  let from = 0;
  for (const { index } of text.matchAll(/(?<![\p{L}\p{N}_])BREAK(?![\p{L}\p{N}_])/gu)) {
    push(from, from + text.slice(from, index).trimEnd().length);
    from = index + 'BREAK'.length;
    pieces.push({ kind: 'break', start: offset + index, end: offset + from });
    from += text.slice(from).length - text.slice(from).trimStart().length;
  }
  push(from, text.length);
  return pieces;
}

/** Text within a bracket that is still to be split. */
interface ComfyTask extends Place {
  readonly weight: number;
  readonly depth: number;
}

function parseComfy(text: string): AttentionPiece[] {
  const pieces: AttentionPiece[] = [];
  // A stack in reading order, so that deep nesting cannot exhaust the call stack.
  const tasks: ComfyTask[] = [{ start: 0, end: text.length, weight: 1, depth: 0 }];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    const { weight, depth } = task;
    const items = depth < maxDepth ? topLevel(text, task) : [task];
    const inner: ComfyTask[] = [];
    for (const { start, end } of items) {
      const isBracket = depth < maxDepth && end - start >= 2 && isPair(text, start, end);
      if (!isBracket) {
        inner.push({ start, end, weight, depth: maxDepth + 1 });
        continue;
      }
      const colon = text.lastIndexOf(':', end - 2);
      const given = colon > start + 1 ? figure(text.slice(colon + 1, end - 1)) : null;
      inner.push({
        start: start + 1,
        end: given === null ? end - 1 : colon,
        weight: given ?? weight * bracketFactor,
        depth: depth + 1,
      });
    }
    const [only] = inner;
    if (inner.length === 1 && only && only.depth > maxDepth) {
      const raw = text.slice(only.start, only.end);
      for (const piece of withBreaks(raw, only.start, only.weight)) {
        pieces.push(
          piece.kind === 'text'
            ? { ...piece, text: piece.text.replaceAll(/\\([()])/g, '$1') }
            : piece,
        );
      }
    } else tasks.push(...inner.toReversed());
  }
  return pieces;
}

function isPair(text: string, start: number, end: number): boolean {
  return text[start] === '(' && text[end - 1] === ')' && text[end - 2] !== '\\';
}

function figure(text: string): number | null {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text)
    ? Number.parseFloat(text)
    : null;
}

/** Bracketed and unbracketed stretches, outermost brackets only. */
function topLevel(text: string, { start, end }: Place): Place[] {
  const items: Place[] = [];
  let from = start;
  let level = 0;
  for (let i = start; i < end; i += 1) {
    const character = text[i];
    if (character === '\\' && (text[i + 1] === '(' || text[i + 1] === ')')) i += 1;
    else if (character === '(') {
      if (level === 0 && i > from) {
        items.push({ start: from, end: i });
        from = i;
      }
      level += 1;
    } else if (character === ')') {
      level -= 1;
      if (level !== 0) continue;
      items.push({ start: from, end: i + 1 });
      from = i + 1;
    }
  }
  if (from < end) items.push({ start: from, end });
  return items;
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
