/** Where the tokens of a run stand in a text that may have been changed since. Pure. */
import type { Node } from 'prosemirror-model';
import type { RunId, RunToken } from '../../../../contract/scenes.ts';
import { originOf } from './schema.ts';

export interface PlacedToken {
  readonly from: number;
  readonly to: number;
  readonly token: RunToken;
}

export interface RunSpan {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** @returns the words of a run in a part of the text, as it drew them; edited words are left out */
export function spansOf(doc: Node, run: RunId, from: number, to: number): RunSpan[] {
  const spans: RunSpan[] = [];
  doc.nodesBetween(from, to, (node, position) => {
    if (!node.isText || node.text === undefined) return;
    const origin = originOf(node);
    if (!origin || origin.run !== run || origin.edited) return;
    const last = spans.at(-1);
    if (last && last.to === position) {
      spans[spans.length - 1] = {
        from: last.from,
        to: position + node.nodeSize,
        text: last.text + node.text,
      };
    } else spans.push({ from: position, to: position + node.nodeSize, text: node.text });
  });
  return spans;
}

/**
 * Finds each span's words in what was drawn, in order; what cannot be found is left out.
 * @param spans of one run, in the order of the text
 */
export function alignTokens(spans: readonly RunSpan[], tokens: readonly RunToken[]): PlacedToken[] {
  const drawn = tokens.map(({ text }) => text).join('');
  const starts: number[] = [];
  let length = 0;
  for (const { text } of tokens) {
    starts.push(length);
    length += text.length;
  }
  const placed: PlacedToken[] = [];
  let searched = 0;
  let next = 0;
  for (const span of spans) {
    for (let done = 0; done < span.text.length;) {
      const rest = span.text.slice(done);
      const { start, size } = longestStart(rest, drawn, searched);
      if (size === 0) {
        done += 1;
        continue;
      }
      const end = start + size;
      const offset = span.from + done - start;
      const tokenEnd = (index: number) => (starts[index] ?? 0) + (tokens[index]?.text.length ?? 0);
      while (next < tokens.length && tokenEnd(next) <= start) next += 1;
      for (let index = next; index < tokens.length && (starts[index] ?? 0) < end; index += 1) {
        const token = tokens[index];
        const from = Math.max(start, starts[index] ?? 0);
        const to = Math.min(end, tokenEnd(index));
        if (token && to > from) placed.push({ from: offset + from, to: offset + to, token });
      }
      searched = end;
      done += size;
    }
  }
  return placed;
}

/** A single letter is found anywhere and says nothing. */
const leastLetters = 2;

/** The longest beginning of a text that was drawn, where words behind it may have been taken out. */
function longestStart(
  text: string,
  drawn: string,
  searched: number,
): { readonly start: number; readonly size: number } {
  const find = (size: number) => drawn.indexOf(text.slice(0, size), searched);
  const whole = find(text.length);
  if (whole >= 0) return { start: whole, size: text.length };
  let least = 0;
  let most = text.length;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (find(middle) >= 0) least = middle;
    else most = middle;
  }
  return least < leastLetters ? { start: 0, size: 0 } : { start: find(least), size: least };
}
