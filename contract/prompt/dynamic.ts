/**
 * Prompts that a seed completes: choices `{a|b}`, wildcards `__name__`, variables `${v=…}`.
 *
 * Promises: any text resolves, within a limit of length; the same text, seed and wildcards give the
 * same prompt. Syntax: sd-dynamic-prompts. The draws are our own stream (SplitMix32), since that
 * program's depends on its version of Python.
 */
import { parseDynamic, type DynamicNode, type DynamicOption } from './dynamic-tree.ts';

export interface PromptProblem {
  /** UTF-16 units of the template. */
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

/** Entries of the wildcards that a pattern names, or null if there are none. */
export type Wildcards = (pattern: string) => readonly string[] | null;

export interface ResolvedPrompt {
  readonly resolved: string;
  readonly problems: readonly PromptProblem[];
}

const maxCharacters = 100_000;
/** Wildcards within wildcards, and variables within variables. */
const maxDepth = 40;

export function resolveDynamic(
  template: string,
  { seed, wildcards }: { readonly seed: number; readonly wildcards: Wildcards },
): ResolvedPrompt {
  const random = createDraws(seed);
  const { nodes, problems: found } = parseDynamic(template);
  const problems: PromptProblem[] = [...found];
  const variables = new Map<string, readonly DynamicNode[] | string>();
  let written = 0;

  /** Text of wildcard files has no place in the template: its problems are those of what named it. */
  function render(list: readonly DynamicNode[], depth: number, place: Place | null): string {
    let text = '';
    for (const node of list) {
      if (written > maxCharacters) return text;
      text += renderNode(node, depth, place);
    }
    return text;
  }

  function renderNode(node: DynamicNode, depth: number, within: Place | null): string {
    const place = within ?? node;
    const report = (message: string) =>
      problems.push({ start: place.start, end: place.end, message });
    switch (node.kind) {
      case 'text':
        written += node.text.length;
        return node.text;
      case 'choice':
        return renderChoice(node, depth, within);
      case 'wildcard': {
        const entries = wildcards(node.pattern);
        if (!entries || entries.length === 0) {
          report(
            `There is no wildcard "${node.pattern}". Put ${node.pattern}.txt into the folder of wildcards.`,
          );
          return node.source;
        }
        if (depth >= maxDepth) {
          report(`The wildcard "${node.pattern}" names itself.`);
          return '';
        }
        const entry = draw(entries.map(weighed));
        return entry ? render(parseDynamic(entry.text).nodes, depth + 1, place) : '';
      }
      case 'assign':
        variables.set(node.name, node.immediate ? render(node.value, depth, null) : node.value);
        return '';
      case 'variable': {
        const value = variables.get(node.name) ?? node.fallback;
        if (value === null) {
          report(`The variable "${node.name}" has no value. Give it one: \${${node.name}=…}`);
          return '';
        }
        if (typeof value === 'string') {
          written += value.length;
          return value;
        }
        if (depth >= maxDepth) {
          report(`The variable "${node.name}" names itself.`);
          return '';
        }
        return render(value, depth + 1, place);
      }
      default:
        return node satisfies never;
    }
  }

  function renderChoice(
    { least, most, separator, options }: Extract<DynamicNode, { kind: 'choice' }>,
    depth: number,
    within: Place | null,
  ): string {
    const pool = expanded(options);
    const count = Math.min(pool.length, least + Math.floor(random() * (most - least + 1)));
    const texts: string[] = [];
    for (let i = 0; i < count; i += 1) {
      const chosen = draw(pool);
      if (!chosen) break;
      pool.splice(pool.indexOf(chosen), 1);
      texts.push(render(chosen.nodes, depth, within));
    }
    return texts.join(separator);
  }

  /** Several draws from one wildcard draw different entries. */
  function expanded(options: readonly DynamicOption[]): DynamicOption[] {
    const [only, ...others] = options;
    const [node, ...further] = only?.nodes ?? [];
    if (others.length > 0 || further.length > 0 || node?.kind !== 'wildcard') return [...options];
    const entries = wildcards(node.pattern);
    if (!entries || entries.length === 0) return [...options];
    return entries
      .map(weighed)
      .map(({ weight, text }) => ({ weight, nodes: parseDynamic(text).nodes }));
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

  const resolved = render(nodes, 0, null);
  if (written > maxCharacters) {
    problems.push({
      start: 0,
      end: template.length,
      message: `The prompt grows beyond ${maxCharacters} characters and was cut.`,
    });
  }
  return { resolved: resolved.slice(0, maxCharacters), problems };
}

/** An entry of a wildcard may begin with its weight: `2::red`. */
function weighed(entry: string): { readonly weight: number; readonly text: string } {
  const [whole = '', figure] = /^\s*(\d+\.?\d*|\.\d+)::/.exec(entry) ?? [];
  return figure === undefined
    ? { weight: 1, text: entry }
    : { weight: Number.parseFloat(figure), text: entry.slice(whole.length) };
}

interface Place {
  readonly start: number;
  readonly end: number;
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
