/**
 * The one parser of the prompt language: any text becomes a tree.
 *
 * Promises: time grows with the length alone; no text exhausts the stack.
 * Braces pair first, since a seed resolves them before anything else is read; then the tags of LoRA;
 * then brackets, as the schedules of the Stable Diffusion web UI pair them: a closing bracket ends
 * the last open one of its shape, and those opened since then are marks without a partner.
 */
import { tokenise } from './tokens.ts';
import {
  maxBrackets,
  printNodes,
  type ChoiceOption,
  type PromptBranch,
  type PromptDialect,
  type PromptLeaf,
  type PromptNode,
  type PromptTree,
} from './tree.ts';

export function parsePrompt(text: string, dialect: PromptDialect): PromptTree {
  const { tokens, problems } = tokenise(text, dialect);
  return { dialect, nodes: grow(tokens, pairTokens(tokens)), problems };
}

interface Pairing {
  /** By the token that opens, the one that closes it; -1 without a partner. */
  readonly partners: Int32Array;
  /** By colon or bar, the square bracket that it parts; -1 outside of one. */
  readonly owners: Int32Array;
}

/** Within it brackets pair among themselves. */
interface Enclosure {
  readonly isTag: boolean;
  readonly opener: number;
  /** How many brackets were open around it, of all and of each shape. */
  readonly base: number;
  readonly counts: Counts;
}
type Shape = 'round-start' | 'square-start';
type Counts = Record<Shape, number>;
const none: Readonly<Counts> = { 'round-start': 0, 'square-start': 0 };

function pairTokens(tokens: readonly PromptLeaf[]): Pairing {
  const partners = new Int32Array(tokens.length).fill(-1);
  const owners = new Int32Array(tokens.length).fill(-1);
  const brackets: { readonly shape: Shape; readonly index: number }[] = [];
  const enclosures: Enclosure[] = [];
  let counts: Counts = { ...none };

  const enter = (opener: number, isTag: boolean) => {
    enclosures.push({ isTag, opener, base: brackets.length, counts });
    counts = { ...none };
  };
  const leave = (): number => {
    const left = enclosures.pop();
    if (!left) return -1;
    brackets.length = left.base;
    ({ counts } = left);
    return left.opener;
  };
  /** A tag that an option or a brace cuts in two is none. */
  const leaveTags = () => {
    while (enclosures.at(-1)?.isTag) leave();
  };
  const close = (shape: Shape, index: number) => {
    if (counts[shape] === 0) return;
    for (let opened = brackets.pop(); opened; opened = brackets.pop()) {
      counts[opened.shape] -= 1;
      if (opened.shape !== shape) continue;
      partners[opened.index] = index;
      return;
    }
  };

  for (const [index, { kind }] of tokens.entries()) {
    switch (kind) {
      case 'round-start':
      case 'square-start':
        // A tag goes as a whole before brackets are read.
        if (enclosures.at(-1)?.isTag) break;
        brackets.push({ shape: kind, index });
        counts[kind] += 1;
        break;
      case 'round-end':
        close('round-start', index);
        break;
      case 'square-end':
        close('square-start', index);
        break;
      case 'colon':
      case 'bar': {
        const isWithin = brackets.length > (enclosures.at(-1)?.base ?? 0);
        const around = isWithin ? brackets.at(-1) : undefined;
        const before = tokens[index - 1];
        const isEscaped = before?.kind === 'escape' && before.text === '\\';
        if (around?.shape === 'square-start' && !isEscaped) owners[index] = around.index;
        break;
      }
      case 'choice-start':
      case 'assign-start':
      case 'variable-start':
        enter(index, false);
        break;
      case 'option-bar':
        leaveTags();
        brackets.length = enclosures.at(-1)?.base ?? 0;
        counts = { ...none };
        break;
      case 'brace-end': {
        leaveTags();
        partners[leave()] = index;
        break;
      }
      case 'lora-start':
        enter(index, true);
        break;
      case 'lora-end':
        if (enclosures.at(-1)?.isTag) partners[leave()] = index;
        break;
      default:
        break;
    }
  }
  return { partners, owners };
}

interface Frame {
  readonly opener: number;
  readonly closer: number;
  readonly children: PromptNode[];
  /** Places among the children of the separators that are this frame's own. */
  readonly separators: number[];
}

function grow(tokens: readonly PromptLeaf[], { partners, owners }: Pairing): PromptNode[] {
  const root: PromptNode[] = [];
  const frames: Frame[] = [];
  let depth = 0;
  for (const [index, token] of tokens.entries()) {
    const closer = partners[index] ?? -1;
    const isBracket = token.kind === 'round-start' || token.kind === 'square-start';
    if (closer >= 0 && (!isBracket || depth < maxBrackets)) {
      frames.push({ opener: index, closer, children: [], separators: [] });
      if (isBracket) depth += 1;
    }
    const frame = frames.at(-1);
    if (frame && owners[index] === frame.opener) frame.separators.push(frame.children.length);
    (frame?.children ?? root).push(token.kind === 'variable-name' ? variableOf(token) : token);
    if (frame?.closer !== index) continue;
    frames.pop();
    const shape = tokens[frame.opener]?.kind;
    if (shape === 'round-start' || shape === 'square-start') depth -= 1;
    (frames.at(-1)?.children ?? root).push(branchOf(frame));
  }
  return root;
}

function variableOf(leaf: PromptLeaf): PromptBranch {
  const name = nameIn(leaf.text);
  return { kind: 'variable', name, fallback: null, ...placed([leaf]) };
}

function branchOf({ children, separators }: Frame): PromptBranch {
  const place = placed(children);
  const [opener] = children;
  const inner = children.slice(1, -1);
  switch (opener?.kind) {
    case 'round-start': {
      const figure = inner.at(-1);
      const weight = figure?.kind === 'figure' ? Number.parseFloat(figure.text) : null;
      return { kind: 'round', weight, ...place };
    }
    case 'square-start':
      return { ...(changeOf(children, separators) ?? { kind: 'square' }), ...place };
    case 'assign-start': {
      const { text } = opener;
      return {
        kind: 'assign',
        name: nameIn(text),
        immediate: text.endsWith('!'),
        value: inner,
        ...place,
      };
    }
    case 'variable-start':
      return { kind: 'variable', name: nameIn(opener.text), fallback: inner, ...place };
    case 'choice-start':
      return { ...choiceOf(inner), ...place };
    default: {
      const [name = '', ...values] = partsAt(inner, 'colon').map(printNodes);
      return { kind: 'lora', name: name.trim(), values, ...place };
    }
  }
}

function placed(children: readonly PromptNode[]) {
  return { start: children[0]?.start ?? 0, end: children.at(-1)?.end ?? 0, children };
}

function nameIn(opener: string): string {
  return /[\p{L}\p{N}_-]+/u.exec(opener)?.[0] ?? '';
}

function partsAt(nodes: readonly PromptNode[], separator: PromptLeaf['kind']): PromptNode[][] {
  const parts: PromptNode[][] = [[]];
  for (const node of nodes) {
    if (node.kind === separator) parts.push([]);
    else parts.at(-1)?.push(node);
  }
  return parts;
}

const number = /^\s*[+-]?(?:\d+\.?|\d*\.\d+)(?:e[+-]?\d+)?\s*$/i;

type Change =
  | Pick<Extract<PromptBranch, { kind: 'schedule' }>, 'kind' | 'before' | 'after' | 'when'>
  | Pick<Extract<PromptBranch, { kind: 'alternation' }>, 'kind' | 'options'>;

/** What square brackets mean if not less weight. @param separators places among the children */
function changeOf(children: readonly PromptNode[], separators: readonly number[]): Change | null {
  const colons = separators.filter((at) => children[at]?.kind === 'colon');
  const between = (places: readonly number[]) =>
    [...places, children.length - 1].map((end, i) => children.slice((places[i - 1] ?? 0) + 1, end));
  if (separators.length === 0) return null;
  if (colons.length === 0) return { kind: 'alternation', options: between(separators) };
  // Beside a colon a bar is text.
  const parts = between(colons);
  const when = printNodes(parts.at(-1) ?? []);
  if (parts.length > 3 || !number.test(when)) return null;
  const [first = [], second = []] = parts;
  return parts.length === 2
    ? { kind: 'schedule', before: [], after: first, when }
    : { kind: 'schedule', before: first, after: second, when };
}

const defaultSeparator = ', ';

function choiceOf(
  inner: readonly PromptNode[],
): Pick<
  Extract<PromptBranch, { kind: 'choice' }>,
  'kind' | 'least' | 'most' | 'separator' | 'options'
> {
  const textOf = (kind: PromptLeaf['kind']) => {
    const leaf = inner.find((node) => node.kind === kind);
    return leaf && printNodes([leaf]);
  };
  const options = partsAt(inner, 'option-bar').map((nodes): ChoiceOption => {
    const weight = nodes.find((node) => node.kind === 'option-weight');
    return {
      weight: weight ? Number.parseFloat(printNodes([weight])) : 1,
      nodes: nodes.filter(({ kind }) => !choiceMarks.has(kind)),
    };
  });
  const quantity = textOf('quantity')?.slice(0, -'$$'.length);
  const [least = '', most = least] = quantity?.split('-') ?? ['1'];
  const ends = [Number(least || 1), Number(most || options.length)];
  return {
    kind: 'choice',
    least: Math.min(...ends),
    most: Math.max(...ends),
    separator: textOf('separator')?.slice(0, -'$$'.length) ?? defaultSeparator,
    options,
  };
}

const choiceMarks: ReadonlySet<PromptNode['kind']> = new Set([
  'quantity',
  'separator',
  'option-weight',
]);
