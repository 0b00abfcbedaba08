/**
 * The syntax tree of a prompt.
 *
 * Promises: every character of the text lies in exactly one leaf, and the leaves follow each other
 * without a gap, so that printing a tree gives its text. Trees are at most `maxBrackets + maxBraces`
 * branches deep, so that functions over them may call themselves.
 */

/**
 * `template`: as a person writes it; `style`: the same, where `{prompt}` is the place of a prompt;
 * `resolved`: what a seed has made of a template, where braces, `$` and `__` are letters.
 */
export type PromptDialect = 'template' | 'style' | 'resolved';

/** Brackets within brackets, and braces within braces; deeper ones are marks without a branch. */
export const maxBrackets = 200;
export const maxBraces = 100;

/** UTF-16 units of the text that was parsed. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface PromptProblem extends Place {
  readonly code:
    | 'brace-open'
    | 'brace-deep'
    | 'lora-open'
    | 'bracket-open'
    | 'bracket-stray'
    | 'wildcard-missing'
    | 'variable-unset'
    | 'choice-short'
    | 'placeholder';
  readonly message: string;
  readonly remedy: string;
}

export interface PromptLeaf extends Place {
  readonly kind:
    | 'text'
    /** A backslash and the character that it robs of its meaning, or a backslash alone. */
    | 'escape'
    /** A bracket without a partner is a leaf as well, only not in a branch of its own. */
    | 'round-start'
    | 'round-end'
    | 'square-start'
    | 'square-end'
    | 'colon'
    /** A number between a colon and a closing round bracket. */
    | 'figure'
    | 'bar'
    | 'and'
    | 'break'
    | 'wildcard'
    | 'placeholder'
    | 'choice-start'
    | 'quantity'
    | 'separator'
    | 'option-bar'
    | 'option-weight'
    | 'assign-start'
    | 'variable-start'
    /** `${name}`, whole. */
    | 'variable-name'
    | 'brace-end'
    | 'lora-start'
    | 'lora-end';
  readonly text: string;
}

export interface ChoiceOption {
  readonly weight: number;
  readonly nodes: readonly PromptNode[];
}

interface Branch extends Place {
  /** With brackets and separators. */
  readonly children: readonly PromptNode[];
}

export type PromptBranch = Branch &
  (
    | {
        readonly kind: 'round';
        /** As written behind a colon. */
        readonly weight: number | null;
      }
    | { readonly kind: 'square' }
    | {
        readonly kind: 'schedule';
        readonly before: readonly PromptNode[];
        readonly after: readonly PromptNode[];
        /** As written: with a point it is a share of the steps. */
        readonly when: string;
      }
    | { readonly kind: 'alternation'; readonly options: readonly (readonly PromptNode[])[] }
    | {
        readonly kind: 'choice';
        readonly least: number;
        readonly most: number;
        readonly separator: string;
        readonly options: readonly ChoiceOption[];
      }
    | {
        readonly kind: 'assign';
        readonly name: string;
        readonly immediate: boolean;
        readonly value: readonly PromptNode[];
      }
    | {
        readonly kind: 'variable';
        readonly name: string;
        readonly fallback: readonly PromptNode[] | null;
      }
    | {
        readonly kind: 'lora';
        readonly name: string;
        /** What stands between the colons behind the name. */
        readonly values: readonly string[];
      }
  );

export type PromptNode = PromptLeaf | PromptBranch;

export interface PromptTree {
  readonly dialect: PromptDialect;
  readonly nodes: readonly PromptNode[];
  /** What the text alone shows to be odd. */
  readonly problems: readonly PromptProblem[];
}

export function isBranch(node: PromptNode): node is PromptBranch {
  return 'children' in node;
}

/** In the order of the text. */
export function leavesOf(nodes: readonly PromptNode[]): PromptLeaf[] {
  const leaves: PromptLeaf[] = [];
  const visit = (list: readonly PromptNode[]) => {
    for (const node of list) {
      if (isBranch(node)) visit(node.children);
      else leaves.push(node);
    }
  };
  visit(nodes);
  return leaves;
}

/** Outer ones before those within them. */
export function branchesOf(nodes: readonly PromptNode[]): PromptBranch[] {
  const branches: PromptBranch[] = [];
  const visit = (list: readonly PromptNode[]) => {
    for (const node of list) {
      if (!isBranch(node)) continue;
      branches.push(node);
      visit(node.children);
    }
  };
  visit(nodes);
  return branches;
}

export function printNodes(nodes: readonly PromptNode[]): string {
  return leavesOf(nodes)
    .map(({ text }) => text)
    .join('');
}
