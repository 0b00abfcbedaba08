/**
 * What changed between two texts, word by word.
 *
 * Source: Myers 1986, "An O(ND) Difference Algorithm and Its Variations", forward greedy variant.
 */
export interface DifferencePart {
  readonly kind: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** Beyond this many changed words the rest is shown as replaced whole. */
const mostEdits = 2_000;

export function wordDifference(before: string, after: string): DifferencePart[] {
  const a = words(before);
  const b = words(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let endA = a.length;
  let endB = b.length;
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA -= 1;
    endB -= 1;
  }
  return joinParts([
    { kind: 'same', text: a.slice(0, start).join('') },
    ...difference(a.slice(start, endA), b.slice(start, endB)),
    { kind: 'same', text: a.slice(endA).join('') },
  ]);
}

const words = (text: string): string[] =>
  text.match(/\s+|[\p{L}\p{N}'’-]+|[^\s\p{L}\p{N}]/gu) ?? [];

function difference(a: readonly string[], b: readonly string[]): DifferencePart[] {
  const trace: Int32Array[] = [];
  const offset = Math.min(mostEdits, a.length + b.length) + 1;
  const furthest = new Int32Array(2 * offset + 1);
  for (let edits = 0; edits < offset; edits += 1) {
    trace.push(furthest.slice());
    for (let k = -edits; k <= edits; k += 2) {
      let x = takesFromAbove(furthest, offset, k, edits)
        ? at(furthest, offset + k + 1)
        : at(furthest, offset + k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace, offset);
    }
  }
  return [
    { kind: 'removed', text: a.join('') },
    { kind: 'added', text: b.join('') },
  ];
}

function backtrack(
  a: readonly string[],
  b: readonly string[],
  trace: readonly Int32Array[],
  offset: number,
): DifferencePart[] {
  const parts: DifferencePart[] = [];
  let x = a.length;
  let y = b.length;
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const furthest = trace[edits] ?? new Int32Array();
    const k = x - y;
    const previous = takesFromAbove(furthest, offset, k, edits) ? k + 1 : k - 1;
    const previousX = at(furthest, offset + previous);
    const previousY = previousX - previous;
    while (x > previousX && y > previousY && x > 0 && y > 0) {
      x -= 1;
      y -= 1;
      parts.push({ kind: 'same', text: a[x] ?? '' });
    }
    if (edits === 0) break;
    if (x === previousX) parts.push({ kind: 'added', text: b[(y -= 1)] ?? '' });
    else parts.push({ kind: 'removed', text: a[(x -= 1)] ?? '' });
  }
  return parts.reverse();
}

function takesFromAbove(furthest: Int32Array, offset: number, k: number, edits: number): boolean {
  return (
    k === -edits || (k !== edits && at(furthest, offset + k - 1) < at(furthest, offset + k + 1))
  );
}

const at = (values: Int32Array, index: number): number => values[index] ?? 0;

function joinParts(parts: readonly DifferencePart[]): DifferencePart[] {
  const joined: DifferencePart[] = [];
  for (const part of parts) {
    if (part.text === '') continue;
    const last = joined.at(-1);
    if (last?.kind === part.kind)
      joined[joined.length - 1] = { ...last, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}
