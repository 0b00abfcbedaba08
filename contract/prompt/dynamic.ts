/**
 * Prompts that a seed completes: choices `{a|b}`, wildcards `__name__`, variables `${v=…}`.
 *
 * Promises: any text resolves, within a limit of length; the same text, seed and wildcards give the
 * same prompt. Syntax: sd-dynamic-prompts. The draws are our own stream (SplitMix32), since that
 * program's depends on its version of Python.
 */
import { parsePrompt } from './parse.ts';
import {
  branchesOf,
  isBranch,
  leavesOf,
  type ChoiceOption,
  type Place,
  type PromptBranch,
  type PromptNode,
} from './tree.ts';

/** With its place in the template. */
interface DynamicProblem extends Place {
  readonly message: string;
}

/** Entries of the wildcards that a pattern names, or null if there are none. */
export type Wildcards = (pattern: string) => readonly string[] | null;

export interface ResolvedPrompt {
  readonly resolved: string;
  readonly problems: readonly DynamicProblem[];
}

const maxCharacters = 100_000;
/** Wildcards within wildcards, and variables within variables. */
const maxDepth = 40;

export function resolveDynamic(
  template: string,
  { seed, wildcards }: { readonly seed: number; readonly wildcards: Wildcards },
): ResolvedPrompt {
  const random = createDraws(seed);
  const { nodes, problems: found } = parsePrompt(template, 'template');
  const problems: DynamicProblem[] = found.map(({ start, end, message }) => ({
    start,
    end,
    message,
  }));
  const variables = new Map<string, readonly PromptNode[] | string>();
  let written = 0;

  const write = (text: string): string => {
    written += text.length;
    return text;
  };

  /** Text of wildcard files has no place in the template: its problems are those of what named it. */
  function render(list: readonly PromptNode[], depth: number, scope: Scope): string {
    const texts: string[] = [];
    for (const node of list) {
      if (written > maxCharacters) break;
      texts.push(renderNode(node, depth, scope));
    }
    return texts.join('');
  }

  function renderNode(node: PromptNode, depth: number, scope: Scope): string {
    const place = scope.place ?? node;
    const within = { place: scope.place, isInBraces: true };
    const report = (message: string) =>
      problems.push({ start: place.start, end: place.end, message });
    switch (node.kind) {
      case 'escape': {
        const sign = node.text.slice(1);
        const isOwn = sign !== '' && (scope.isInBraces ? '{}$|' : '{}$').includes(sign);
        return write(isOwn ? sign : node.text);
      }
      case 'choice':
        return renderChoice(node, depth, within);
      case 'wildcard': {
        const pattern = node.text.slice('__'.length, -'__'.length);
        const entries = wildcards(pattern);
        if (!entries || entries.length === 0) {
          report(
            `There is no wildcard "${pattern}". Put ${pattern}.txt into the folder of wildcards.`,
          );
          return node.text;
        }
        if (depth >= maxDepth) {
          report(`The wildcard "${pattern}" names itself.`);
          return '';
        }
        const entry = draw(entries.map(weighed));
        if (!entry) return '';
        const { nodes: own } = parsePrompt(entry.text, 'template');
        return render(own, depth + 1, { place, isInBraces: false });
      }
      case 'assign':
        variables.set(node.name, node.immediate ? render(node.value, depth, within) : node.value);
        return '';
      case 'variable': {
        const value = variables.get(node.name) ?? node.fallback;
        if (value === null) {
          report(`The variable "${node.name}" has no value. Give it one: \${${node.name}=…}`);
          return '';
        }
        if (typeof value === 'string') return write(value);
        if (depth >= maxDepth) {
          report(`The variable "${node.name}" names itself.`);
          return '';
        }
        return render(value, depth + 1, { place, isInBraces: true });
      }
      default:
        return isBranch(node) ? render(node.children, depth, scope) : write(node.text);
    }
  }

  function renderChoice(
    { least, most, separator, options }: Extract<PromptBranch, { kind: 'choice' }>,
    depth: number,
    scope: Scope,
  ): string {
    const pool = expanded(options);
    const count = Math.min(pool.length, least + Math.floor(random() * (most - least + 1)));
    const texts: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const chosen = draw(pool);
      if (!chosen) break;
      pool.splice(pool.indexOf(chosen), 1);
      texts.push(render(chosen.nodes, depth, scope));
    }
    return texts.join(separator);
  }

  /** Several draws from one wildcard draw different entries. */
  function expanded(options: readonly ChoiceOption[]): ChoiceOption[] {
    const [only, ...others] = options;
    const [node, ...further] = only?.nodes ?? [];
    if (others.length > 0 || further.length > 0 || node?.kind !== 'wildcard') return [...options];
    const entries = wildcards(node.text.slice('__'.length, -'__'.length));
    if (!entries || entries.length === 0) return [...options];
    return entries
      .map(weighed)
      .map(({ weight, text }) => ({ weight, nodes: parsePrompt(text, 'template').nodes }));
  }

  function draw<T extends { readonly weight: number }>(pool: readonly T[]): T | null {
    const total = pool.reduce((sum, { weight }) => sum + weight, 0);
    if (total <= 0) return pool[Math.floor(random() * pool.length)] ?? null;
    let left = random() * total;
    for (const option of pool) {
      left -= option.weight;
      if (left < 0) return option;
    }
    return pool.at(-1) ?? null;
  }

  const resolved = render(nodes, 0, { place: null, isInBraces: false });
  if (written > maxCharacters) {
    problems.push({
      start: 0,
      end: template.length,
      message: `The prompt grows beyond ${maxCharacters} characters and was cut.`,
    });
  }
  return { resolved: resolved.slice(0, maxCharacters), problems };
}

/** Whether a seed decides something of a template. */
export function isSeeded(template: string): boolean {
  const { nodes } = parsePrompt(template, 'template');
  return (
    leavesOf(nodes).some(({ kind }) => kind === 'wildcard') ||
    branchesOf(nodes).some(({ kind }) => kind === 'choice')
  );
}

/** An entry of a wildcard may begin with its weight: `2::red`. */
function weighed(entry: string): { readonly weight: number; readonly text: string } {
  const [whole = '', figure] = /^\s*(\d+\.?\d*|\.\d+)::/.exec(entry) ?? [];
  return figure === undefined
    ? { weight: 1, text: entry }
    : { weight: Number.parseFloat(figure), text: entry.slice(whole.length) };
}

interface Scope {
  /** What in the template stands for all of this; null in the template itself. */
  readonly place: Place | null;
  /** There a bar must be escaped, and is freed again. */
  readonly isInBraces: boolean;
}

/**
 * Uniform numbers in [0, 1).
 * Source: Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195, in its form for 32 bits
 */
function createDraws(seed: number): () => number {
  let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b)) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
