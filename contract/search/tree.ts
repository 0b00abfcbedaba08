/**
 * The tree of a search's text.
 *
 * Promises: every character of the text lies in exactly one leaf, and the leaves follow each other
 * without a gap, so that printing a tree gives its text. Trees are at most `searchLimits.depth`
 * groups deep, so that functions over them may call themselves.
 */
import type { SearchField } from './fields.ts';
import type { SearchProblem } from './problems.ts';

/** UTF-16 units of the text that was parsed. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface SearchLeaf extends Place {
  readonly kind:
    | 'space'
    | 'minus'
    | 'or'
    | 'round-start'
    | 'round-end'
    /** A field's name, as typed. */
    | 'field'
    | 'operator'
    /** A word or a value without quotes. */
    | 'bare'
    /** With its quotes, of which the second may be missing. */
    | 'quoted'
    | 'comma'
    | 'range';
  readonly text: string;
}

export type SearchOperator = ':' | '=' | '>' | '>=' | '<' | '<=';

/** One value, or a range of two of which one may be left out. */
export interface SearchValue extends Place {
  /** Without quotes; null where a range is open. */
  readonly text: string;
  /** The end of a range `a..b`; null where it is none, '' where it is open. */
  readonly to: string | null;
  readonly isQuoted: boolean;
}

export type SearchNode =
  | (Place & {
      readonly kind: 'words';
      readonly isNegated: boolean;
      /** Words that stand side by side. */
      readonly text: string;
      /** Whether the last word may be the beginning of one: it ends with `*`, or is being typed. */
      readonly isOpen: boolean;
    })
  | (Place & {
      readonly kind: 'field';
      readonly isNegated: boolean;
      readonly field: SearchField;
      readonly operator: SearchOperator;
      /** Any of them will do; not empty. */
      readonly values: readonly SearchValue[];
    })
  | (Place & {
      readonly kind: 'group';
      readonly isNegated: boolean;
      readonly child: SearchNode | null;
    })
  /** All of them must hold. */
  | (Place & { readonly kind: 'all'; readonly children: readonly SearchNode[] })
  /** One of them must hold. */
  | (Place & { readonly kind: 'any'; readonly children: readonly SearchNode[] });

export interface SearchTree {
  readonly leaves: readonly SearchLeaf[];
  /** Null where nothing is asked for: every picture. */
  readonly root: SearchNode | null;
  /** In the order of the text. */
  readonly problems: readonly SearchProblem[];
}

/** @returns the text that was parsed */
export function printSearch({ leaves }: SearchTree): string {
  return leaves.map(({ text }) => text).join('');
}
