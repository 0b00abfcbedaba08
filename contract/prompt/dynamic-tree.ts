/** Choices, wildcards and variables in a prompt, with their places. Any text parses. */

interface Placed {
  readonly start: number;
  readonly end: number;
}

export interface DynamicOption {
  readonly weight: number;
  readonly nodes: readonly DynamicNode[];
}

export type DynamicNode = Placed &
  (
    | { readonly kind: 'text'; readonly text: string }
    | {
        readonly kind: 'choice';
        readonly least: number;
        readonly most: number;
        readonly separator: string;
        readonly options: readonly DynamicOption[];
      }
    | { readonly kind: 'wildcard'; readonly pattern: string; readonly source: string }
    | {
        readonly kind: 'assign';
        readonly name: string;
        readonly immediate: boolean;
        readonly value: readonly DynamicNode[];
      }
    | {
        readonly kind: 'variable';
        readonly name: string;
        readonly fallback: readonly DynamicNode[] | null;
      }
  );

export interface DynamicProblem extends Placed {
  readonly message: string;
}

const defaultSeparator = ', ';
/** Braces within braces; deeper ones stay text. */
const maxDepth = 100;

const escape = /\\[{}$|]/y;
const wildcard = /__(?<pattern>[\p{L}\p{N}*/.\- ]+(?:_[\p{L}\p{N}*/.\- ]+)*)__/uy;
const assignment = /\$\{\s*(?<name>[\p{L}\p{N}_-]+)\s*=(?<immediate>!?)/uy;
const use = /\$\{\s*(?<name>[\p{L}\p{N}_-]+)\s*(?<end>[:}])/uy;
const quantity = /(?:(?<least>\d+)-(?<most>\d+)|(?<exact>\d+)|(?<from>\d+)-|-(?<to>\d+))\$\$/y;
const separator = /(?<separator>[^{}|$]*)\$\$/y;
const weight = /\s*(?<weight>\d+\.?\d*|\.\d+)::/y;
const plain = /[^\\{}|$_]+/y;

export function parseDynamic(text: string): {
  readonly nodes: readonly DynamicNode[];
  readonly problems: readonly DynamicProblem[];
} {
  const problems: DynamicProblem[] = [];
  let at = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at += match[0].length;
    return match;
  }

  /** Up to one of `ends`, which is not taken, or to the end. */
  function sequence(ends: string, depth: number): DynamicNode[] {
    const nodes: DynamicNode[] = [];
    let run = '';
    let runStart = at;
    const flush = () => {
      if (run !== '') nodes.push({ kind: 'text', text: run, start: runStart, end: at });
      run = '';
    };
    while (at < text.length && !ends.includes(text[at] ?? '')) {
      const start = at;
      if (run === '') runStart = at;
      const escaped = take(escape);
      if (escaped) {
        run += escaped[0].slice(1);
        continue;
      }
      const words = take(plain);
      if (words) {
        run += words[0];
        continue;
      }
      const special = depth < maxDepth ? node(depth) : null;
      if (special) {
        const end = at;
        at = start;
        flush();
        at = end;
        nodes.push(special);
        continue;
      }
      at = start + 1;
      run += text[start] ?? '';
    }
    flush();
    return nodes;
  }

  function node(depth: number): DynamicNode | null {
    const start = at;
    const named = take(wildcard);
    if (named) {
      const pattern = named.groups?.['pattern'] ?? '';
      return { kind: 'wildcard', pattern, source: named[0], start, end: at };
    }
    const assigned = take(assignment);
    if (assigned) {
      const value = sequence('}', depth + 1);
      if (!closes(start)) return null;
      const { name = '', immediate = '' } = assigned.groups ?? {};
      return { kind: 'assign', name, immediate: immediate === '!', value, start, end: at };
    }
    const used = take(use);
    if (used) {
      const { name = '', end } = used.groups ?? {};
      if (end === '}') return { kind: 'variable', name, fallback: null, start, end: at };
      const fallback = sequence('}', depth + 1);
      if (!closes(start)) return null;
      return { kind: 'variable', name, fallback, start, end: at };
    }
    return text[at] === '{' ? choice(start, depth) : null;
  }

  function choice(start: number, depth: number): DynamicNode | null {
    at = start + 1;
    const counted = take(quantity)?.groups;
    const own = counted ? take(separator)?.groups?.['separator'] : undefined;
    const options: DynamicOption[] = [];
    do {
      if (options.length > 0) at += 1;
      const weighed = take(weight)?.groups?.['weight'];
      const nodes = sequence('|}', depth + 1);
      options.push({ weight: weighed === undefined ? 1 : Number.parseFloat(weighed), nodes });
    } while (text[at] === '|');
    if (!closes(start)) return null;
    const least = Number(counted?.['exact'] ?? counted?.['least'] ?? counted?.['from'] ?? 1);
    const most = Number(
      counted?.['exact'] ?? counted?.['most'] ?? counted?.['to'] ?? (counted ? options.length : 1),
    );
    return {
      kind: 'choice',
      least: Math.min(least, most),
      most: Math.max(least, most),
      separator: own ?? defaultSeparator,
      options,
      start,
      end: at,
    };
  }

  /** Takes the closing brace; without one the opening brace is text. */
  function closes(start: number): boolean {
    if (text[at] === '}') {
      at += 1;
      return true;
    }
    problems.push({ start, end: start + 1, message: 'This brace is never closed.' });
    at = start;
    return false;
  }

  const nodes = sequence('', 0);
  return { nodes, problems };
}
