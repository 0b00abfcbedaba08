/** What a search asks of a picture, every value read: what the library evaluates. */
import type { FieldOf } from './fields.ts';
import type { SearchNode, SearchOperator, SearchTree, SearchValue } from './tree.ts';
import { readChoice, readColour, readDate, readNumber, readSize } from './values.ts';

export type Condition =
  | { readonly kind: 'all'; readonly of: readonly Condition[] }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'words';
      /** Null for everything that is searched but the negative prompt. */
      readonly field: FieldOf<'words'> | null;
      /** Side by side, where there are several. */
      readonly text: string;
      /** Whether the last word may be the beginning of one. */
      readonly isOpen: boolean;
    }
  | {
      readonly kind: 'name';
      readonly field: FieldOf<'name' | 'exact'>;
      /** Whatever its case. */
      readonly text: string;
      readonly match: 'is' | 'holds' | 'begins';
    }
  | ({ readonly kind: 'number'; readonly field: FieldOf<'number'> } & NumberSpan)
  | { readonly kind: 'date'; readonly from: number; readonly until: number }
  | { readonly kind: 'size'; readonly width: number; readonly height: number }
  | { readonly kind: 'choice'; readonly field: FieldOf<'choice'>; readonly value: string }
  | { readonly kind: 'colour'; readonly hex: string };

interface NumberSpan {
  readonly from: number;
  readonly to: number;
  /** Whether `from` and `to` themselves belong to it. */
  readonly withFrom: boolean;
  readonly withTo: boolean;
}

/**
 * @param now milliseconds since 1970, for `today` and its like
 * @returns null where every picture will do
 */
export function conditionOf({ root }: SearchTree, now: number): Condition | null {
  return root && conditionOfNode(root, now);
}

function conditionOfNode(node: SearchNode, now: number): Condition | null {
  switch (node.kind) {
    case 'all':
    case 'any': {
      const parts = node.children.map((child) => conditionOfNode(child, now));
      const of = parts.filter((part) => part !== null);
      // One side that asks for nothing is met by every picture.
      if (node.kind === 'any' && of.length < parts.length) return null;
      return of.length === 0 ? null : { kind: node.kind, of };
    }
    case 'group':
      return negatedIf(node.isNegated, node.child && conditionOfNode(node.child, now));
    case 'words':
      return negatedIf(node.isNegated, wordsCondition(null, node.text, node.isOpen));
    case 'field': {
      const of = node.values.flatMap((value) => valueCondition(node, value, now) ?? []);
      return negatedIf(node.isNegated, of.length === 1 ? (of[0] ?? null) : { kind: 'any', of });
    }
    default:
      return node satisfies never;
  }
}

function negatedIf(isNegated: boolean, of: Condition | null): Condition | null {
  return isNegated && of ? { kind: 'not', of } : of;
}

function wordsCondition(field: FieldOf<'words'> | null, text: string, isOpen: boolean): Condition {
  return { kind: 'words', field, text, isOpen };
}

function valueCondition(
  { field, operator }: Extract<SearchNode, { kind: 'field' }>,
  value: SearchValue,
  now: number,
): Condition | null {
  const { text } = value;
  switch (field) {
    case 'model':
    case 'lora':
    case 'sampler':
    case 'schedule':
      return { kind: 'name', field, text, match: operator === '=' ? 'is' : 'holds' };
    case 'tag':
    case 'album': {
      const isOpen = !value.isQuoted && text.length > 1 && text.endsWith('*');
      return isOpen
        ? { kind: 'name', field, text: text.slice(0, -1), match: 'begins' }
        : { kind: 'name', field, text, match: 'is' };
    }
    case 'note':
    case 'prompt':
    case 'negative':
    case 'file':
      return wordsCondition(field, text, !value.isQuoted && operator !== '=');
    case 'seed':
    case 'steps':
    case 'cfg':
    case 'width':
    case 'height':
    case 'rating':
      return { kind: 'number', field, ...numberSpan(operator, value) };
    case 'date':
      return { kind: 'date', ...dateSpan(operator, value, now) };
    case 'size': {
      const size = readSize(text);
      return size && { kind: 'size', ...size };
    }
    case 'colour': {
      const hex = readColour(text);
      return hex === null ? null : { kind: 'colour', hex };
    }
    case 'ratio':
    case 'flag':
    case 'label':
    case 'source':
    case 'program':
    case 'format':
    case 'is':
    case 'has': {
      const choice = readChoice(field, text);
      return choice === null ? null : { kind: 'choice', field, value: choice };
    }
    default:
      return field satisfies never;
  }
}

function numberSpan(operator: SearchOperator, { text, to }: SearchValue): NumberSpan {
  const at = readNumber(text);
  if (to !== null) {
    return {
      from: at ?? -Infinity,
      to: readNumber(to) ?? Infinity,
      withFrom: true,
      withTo: true,
    };
  }
  const from = operator.startsWith('<') ? -Infinity : (at ?? -Infinity);
  const end = operator.startsWith('>') ? Infinity : (at ?? Infinity);
  return { from, to: end, withFrom: operator !== '>', withTo: operator !== '<' };
}

function dateSpan(
  operator: SearchOperator,
  { text, to }: SearchValue,
  now: number,
): { from: number; until: number } {
  const at = readDate(text, now);
  if (to !== null) {
    return { from: at?.from ?? -Infinity, until: readDate(to, now)?.until ?? Infinity };
  }
  const { from = -Infinity, until = Infinity } = at ?? {};
  switch (operator) {
    case ':':
    case '=':
      return { from, until };
    case '>':
      return { from: until, until: Infinity };
    case '>=':
      return { from, until: Infinity };
    case '<':
      return { from: -Infinity, until: from };
    case '<=':
      return { from: -Infinity, until };
    default:
      return operator satisfies never;
  }
}
