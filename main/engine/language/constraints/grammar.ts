/**
 * Context-free grammars over characters. GBNF, regular expressions and JSON schemas all become one
 * of these; only the automaton knows bytes.
 */
import { codePointsOf, type CodePointRange, complement, normalised } from './code-points.ts';

export type Expression =
  | { readonly kind: 'characters'; readonly ranges: readonly CodePointRange[] }
  /** Without parts, the empty text. */
  | { readonly kind: 'sequence'; readonly parts: readonly Expression[] }
  | { readonly kind: 'choice'; readonly options: readonly Expression[] }
  | {
      readonly kind: 'repeat';
      readonly of: Expression;
      readonly min: number;
      /** Null is without end. */
      readonly max: number | null;
    }
  | { readonly kind: 'rule'; readonly name: string };

export interface Grammar {
  readonly root: string;
  readonly rules: ReadonlyMap<string, Expression>;
}

export const empty: Expression = { kind: 'sequence', parts: [] };

export function sequence(...parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: 'sequence', parts };
}

export function choice(...options: readonly Expression[]): Expression {
  const [only] = options;
  return options.length === 1 && only ? only : { kind: 'choice', options };
}

export function repeat(of: Expression, min: number, max: number | null): Expression {
  return { kind: 'repeat', of, min, max };
}

export function optional(of: Expression): Expression {
  return repeat(of, 0, 1);
}

export function rule(name: string): Expression {
  return { kind: 'rule', name };
}

export function characters(ranges: readonly CodePointRange[]): Expression {
  return { kind: 'characters', ranges: normalised(ranges) };
}

export function charactersBut(ranges: readonly CodePointRange[]): Expression {
  return characters(complement(ranges));
}

/** One of the characters of `text`; `a-z` is a range. */
export function oneOf(text: string): Expression {
  const points = codePointsOf(text);
  const ranges: CodePointRange[] = [];
  for (let at = 0; at < points.length; at += 1) {
    const first = points[at] ?? 0;
    const isRange = points[at + 1] === 0x2d && at + 2 < points.length;
    ranges.push({ first, last: isRange ? (points[at + 2] ?? first) : first });
    if (isRange) at += 2;
  }
  return characters(ranges);
}

export function literal(text: string): Expression {
  return sequence(
    ...codePointsOf(text).map((point) => characters([{ first: point, last: point }])),
  );
}
