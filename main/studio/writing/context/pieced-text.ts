/** A text that remembers where its stretches come from. Pure. */
import type { ContextPart } from '../../../../contract/context.ts';

/** A stretch of the text: characters from `start` up to `end`, UTF-16 units. */
export type Piece = Pick<ContextPart, 'source' | 'label' | 'start' | 'end'>;

export interface PiecedText {
  readonly text: string;
  /** In order; what lies between them is nobody's. */
  readonly pieces: readonly Piece[];
}

export const pieced = (source: Piece['source'], label: string, text: string): PiecedText => ({
  text,
  pieces: text === '' ? [] : [{ source, label, start: 0, end: text.length }],
});

export const bare = (text: string): PiecedText => ({ text, pieces: [] });

/** @param between stands between each two of them, and is nobody's */
export function joinPieced(texts: readonly PiecedText[], between = ''): PiecedText {
  let text = '';
  const pieces: Piece[] = [];
  for (const [index, part] of texts.entries()) {
    if (index > 0) text += between;
    const offset = text.length;
    for (const { start, end, ...piece } of part.pieces)
      pieces.push({ ...piece, start: start + offset, end: end + offset });
    text += part.text;
  }
  return { text, pieces };
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);

/**
 * Finds texts in a larger one that holds them in this order, such as what a template made of turns; one that
 * was changed there is left out.
 */
export function locatePieced(text: string, texts: readonly PiecedText[]): PiecedText {
  const pieces: Piece[] = [];
  let from = 0;
  for (const part of texts) {
    const own = part.text.trim();
    const at = own === '' ? -1 : indexOfWords(text, own, from);
    if (at < 0) continue;
    const offset = at - part.text.indexOf(own);
    for (const { start, end, ...piece } of part.pieces)
      pieces.push({
        ...piece,
        start: Math.max(at, start + offset),
        end: Math.min(at + own.length, end + offset),
      });
    from = at + own.length;
  }
  return { text, pieces };
}

/** A short answer is not to be found within a word, such as the name of a role. */
function indexOfWords(text: string, words: string, from: number): number {
  for (let at = text.indexOf(words, from); at >= 0; at = text.indexOf(words, at + 1)) {
    const end = at + words.length;
    const isWithin =
      (isWord(words[0]) && isWord(text[at - 1])) || (isWord(words.at(-1)) && isWord(text[end]));
    if (!isWithin) return at;
  }
  return -1;
}

/**
 * Parts that cover the whole text: what stands before a piece belongs to it, as its heading does, but for the white
 * space that ends the one before.
 * @param before what stands before the first piece; what stands behind the last: `after`
 */
export function coveringParts(
  { text, pieces }: PiecedText,
  before: Pick<Piece, 'source' | 'label'>,
  after: Pick<Piece, 'source' | 'label'>,
): readonly Piece[] {
  const parts: Piece[] = [];
  const [first] = pieces;
  let at = first?.start ?? text.length;
  if (at > 0) parts.push({ ...before, start: 0, end: at });
  for (const piece of pieces) {
    const gap = /^\s*/.exec(text.slice(piece.end))?.[0].length ?? 0;
    parts.push({ ...piece, start: at, end: piece.end + gap });
    at = piece.end + gap;
  }
  if (at < text.length) parts.push({ ...after, start: at, end: text.length });
  return parts;
}
