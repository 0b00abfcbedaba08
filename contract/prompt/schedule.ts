/**
 * Words that come, go or take turns while a picture is denoised: `[from:to:n]`, `[to:n]`,
 * `[from::n]`, `[a|b]`.
 *
 * Promises: any text parses; brackets that mean something else stay as they are.
 * Source: the rules of the Stable Diffusion web UI.
 */

interface Scheduled {
  readonly kind: 'scheduled';
  readonly before: readonly Node[];
  readonly after: readonly Node[];
  /** As typed: with a point it is a share of the steps. */
  readonly when: string;
}
interface Alternating {
  readonly kind: 'alternating';
  readonly options: readonly (readonly Node[])[];
}
interface Placed {
  /** Of the opening bracket, and behind the closing one; UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}
type Change = Placed & (Scheduled | Alternating);
type Node = string | Change;

interface Frame {
  readonly open: '(' | '[';
  readonly start: number;
  /** What lies between the separators. */
  readonly segments: Node[][];
  readonly separators: (':' | '|')[];
}

/** Changes within changes; deeper ones stay text. */
const maxDepth = 200;
const number = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

export interface ScheduledPrompt {
  readonly text: string;
  /** The last step, from 1, that it holds for. */
  readonly untilStep: number;
}

/**
 * The texts that the steps are told, in order. "Before" holds while step ≤ n, where an n with a point
 * is a share of the steps, cut to a whole number.
 * @param steps at least 1
 * @returns equal neighbours as one; the last one's `untilStep` is `steps`
 */
export function promptSchedule(text: string, steps: number): readonly ScheduledPrompt[] {
  const tree = parseChanges(text);
  const ends = new Set<number>([steps]);
  const visit = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      if (typeof node === 'string') continue;
      if (node.kind === 'alternating') {
        for (let step = 1; step <= steps; step += 1) ends.add(step);
        for (const option of node.options) visit(option);
      } else {
        const last = lastStepOf(node.when, steps);
        if (last >= 1) ends.add(last);
        visit(node.before);
        visit(node.after);
      }
    }
  };
  visit(tree);
  const result: ScheduledPrompt[] = [];
  for (const untilStep of [...ends].toSorted((a, b) => a - b)) {
    const own = textAt(tree, untilStep, steps);
    const previous = result.at(-1);
    if (previous?.text === own) result[result.length - 1] = { text: own, untilStep };
    else result.push({ text: own, untilStep });
  }
  return result;
}

/** Where text changes while a picture is made, outermost places only; for an editor's colours. */
export function changesIn(
  text: string,
): readonly { readonly start: number; readonly end: number }[] {
  return parseChanges(text).flatMap((node) =>
    typeof node === 'string' ? [] : [{ start: node.start, end: node.end }],
  );
}

function lastStepOf(when: string, steps: number): number {
  const value = Number.parseFloat(when);
  return Math.min(steps, Math.trunc(when.includes('.') ? value * steps : value));
}

function textAt(nodes: readonly Node[], step: number, steps: number): string {
  return nodes
    .map((node) => {
      if (typeof node === 'string') return node;
      switch (node.kind) {
        case 'scheduled':
          return textAt(
            step <= lastStepOf(node.when, steps) ? node.before : node.after,
            step,
            steps,
          );
        case 'alternating':
          return textAt(node.options[(step - 1) % node.options.length] ?? [], step, steps);
        default:
          return node satisfies never;
      }
    })
    .join('');
}

function parseChanges(text: string): readonly Node[] {
  const root: Node[] = [];
  const frames: Frame[] = [];
  const push = (...nodes: readonly Node[]) => {
    const target = frames.at(-1)?.segments.at(-1) ?? root;
    for (const node of nodes) target.push(node);
  };
  /** A bracket that means nothing here becomes text again. */
  const flatten = ({ open, segments, separators }: Frame): Node[] => [
    open,
    ...segments.flatMap((segment, i) =>
      i === 0 ? segment : [separators[i - 1] ?? '', ...segment],
    ),
  ];
  const unwindTo = (open: '(' | '['): Frame | null => {
    if (!frames.some((frame) => frame.open === open)) return null;
    for (let frame = frames.pop(); frame; frame = frames.pop()) {
      if (frame.open === open) return frame;
      push(...flatten(frame));
    }
    return null;
  };
  for (const match of text.matchAll(/\\[^]|[^\\[\]():|]+|[^]/gu)) {
    const [token] = match;
    const start = match.index;
    const frame = frames.at(-1);
    if (token === '(' || token === '[') {
      frames.push({ open: token, start, segments: [[]], separators: [] });
    } else if (token === ')') {
      const closed = unwindTo('(');
      push(...(closed ? flatten(closed) : []), ')');
    } else if (token === ']') {
      const closed = unwindTo('[');
      const change = closed && changeOf(closed, start + 1);
      if (change) push(change);
      else push(...(closed ? flatten(closed) : []), ']');
    } else if ((token === ':' || token === '|') && frame?.open === '[') {
      frame.separators.push(token);
      frame.segments.push([]);
    } else push(token);
  }
  // Brackets left open, the innermost last.
  while (frames.length > 0) {
    const frame = frames.pop();
    if (frame) push(...flatten(frame));
  }
  return root;
}

function changeOf({ segments, separators, start }: Frame, end: number): Change | null {
  const depth = 1 + Math.max(0, ...segments.flatMap((segment) => segment.map(depthOf)));
  if (depth > maxDepth || separators.length === 0) return null;
  const place = { start, end, depth };
  if (separators.every((separator) => separator === '|'))
    return { kind: 'alternating', options: segments, ...place };
  // Beside a colon a bar is text.
  const parts: Node[][] = [[]];
  for (const [i, segment] of segments.entries()) {
    if (separators[i - 1] === ':') parts.push([]);
    parts.at(-1)?.push(...(separators[i - 1] === '|' ? ['|'] : []), ...segment);
  }
  const last = parts.at(-1) ?? [];
  const when = last.every((node) => typeof node === 'string') ? last.join('') : '';
  if (parts.length > 3 || !number.test(when)) return null;
  const [first = [], second = []] = parts;
  return parts.length === 2
    ? { kind: 'scheduled', before: [], after: first, when, ...place }
    : { kind: 'scheduled', before: first, after: second, when, ...place };
}

function depthOf(node: Node): number {
  return typeof node === 'string' ? 0 : node.depth;
}
