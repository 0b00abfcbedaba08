/** What is odd in a prompt, each with its place and what to do about it. Nothing of it stops a picture. */
import { weighLeaves, type Emphasis } from './attention.ts';
import {
  branchesOf,
  leavesOf,
  type Place,
  type PromptLeaf,
  type PromptNode,
  type PromptProblem,
  type PromptTree,
} from './tree.ts';

export interface PromptRules {
  readonly emphasis: Emphasis;
  /** Whether a wildcard's pattern finds anything. */
  readonly isWildcard: (pattern: string) => boolean;
}

/** @returns in the order of the text */
export function promptProblems(tree: PromptTree, rules: PromptRules): readonly PromptProblem[] {
  return [
    ...tree.problems,
    ...bracketProblems(tree, rules.emphasis),
    ...wildcardProblems(tree, rules.isWildcard),
    ...variableProblems(tree),
    ...choiceProblems(tree),
  ].toSorted((a, b) => a.start - b.start);
}

/** Leaves that the phase of attention reads: tags and the brackets of a schedule are gone by then. */
export function weighingLeaves({ nodes }: PromptTree): readonly PromptLeaf[] {
  const gone = new Set<PromptNode | undefined>();
  for (const { kind, children } of branchesOf(nodes)) {
    if (kind === 'schedule' || kind === 'alternation') gone.add(children[0]).add(children.at(-1));
    if (kind === 'lora') for (const leaf of leavesOf(children)) gone.add(leaf);
  }
  return leavesOf(nodes).filter((leaf) => !gone.has(leaf));
}

function bracketProblems(tree: PromptTree, emphasis: Emphasis): PromptProblem[] {
  const { open, stray } = weighLeaves(weighingLeaves(tree), emphasis);
  if (open.length + stray.length === 0) return [];
  // An option may open what stands closed behind its choice: that depends on the seed.
  const halves = halvesInBraces(tree);
  const last = (kind: PromptLeaf['kind']) =>
    halves.outside.findLast((leaf) => leaf.kind === kind)?.start ?? -1;
  const first = (kind: PromptLeaf['kind']) =>
    [...halves.within].find((leaf) => leaf.kind === kind)?.start ?? Infinity;
  const closing = { round: last('round-end'), square: last('square-end') };
  const opening = { round: first('round-start'), square: first('square-start') };
  const shape = ({ kind }: PromptLeaf) => (kind.startsWith('round') ? 'round' : 'square');
  return [
    ...open
      .filter((leaf) => !halves.within.has(leaf) || closing[shape(leaf)] < leaf.start)
      .map(({ start, end, text }): PromptProblem => ({
        start,
        end,
        code: 'bracket-open',
        message:
          emphasis === 'comfy'
            ? 'This bracket is never closed, so it is read as a sign.'
            : 'This bracket is never closed, so it acts to the end.',
        remedy: `Write ${text === '(' ? ')' : ']'} where it ends, or \\${text} for the sign itself.`,
      })),
    ...stray
      .filter((leaf) => leaf.start < opening[shape(leaf)])
      .map(({ start, end, text }): PromptProblem => ({
        start,
        end,
        code: 'bracket-stray',
        message: 'This bracket closes nothing, so it is read as a sign.',
        remedy: `Remove it, or write \\${text} if you mean the sign.`,
      })),
  ];
}

/** Brackets without a partner within braces, and those outside of all braces. */
function halvesInBraces({ nodes }: PromptTree) {
  const within = new Set<PromptLeaf>();
  const outside: PromptLeaf[] = [];
  const visit = (list: readonly PromptNode[], isWithin: boolean, paired: boolean) => {
    for (const [i, node] of list.entries()) {
      if ('children' in node) {
        const isBrace =
          node.kind === 'choice' || node.kind === 'assign' || node.kind === 'variable';
        visit(node.children, isWithin || isBrace, true);
      } else if (!(paired && (i === 0 || i === list.length - 1))) {
        if (!/^(?:round|square)-/.test(node.kind)) continue;
        if (isWithin) within.add(node);
        else outside.push(node);
      }
    }
  };
  visit(nodes, false, false);
  return { within, outside };
}

function wildcardProblems(
  { nodes }: PromptTree,
  isWildcard: PromptRules['isWildcard'],
): PromptProblem[] {
  return leavesOf(nodes).flatMap(({ kind, text, start, end }): PromptProblem[] => {
    const pattern = text.slice('__'.length, -'__'.length);
    if (kind !== 'wildcard' || isWildcard(pattern)) return [];
    return [
      {
        start,
        end,
        code: 'wildcard-missing',
        message: `There is no wildcard "${pattern}".`,
        remedy: `Put ${pattern}.txt into the folder of wildcards.`,
      },
    ];
  });
}

function variableProblems({ nodes }: PromptTree): PromptProblem[] {
  const branches = branchesOf(nodes);
  const assigned = new Set(branches.flatMap((one) => (one.kind === 'assign' ? [one.name] : [])));
  return branches.flatMap((one): PromptProblem[] => {
    if (one.kind !== 'variable' || one.fallback || assigned.has(one.name)) return [];
    return [
      {
        ...placeOf(one),
        code: 'variable-unset',
        message: `The variable "${one.name}" has no value.`,
        remedy: `Give it one before: \${${one.name}=…}`,
      },
    ];
  });
}

function choiceProblems({ nodes, dialect }: PromptTree): PromptProblem[] {
  return branchesOf(nodes).flatMap((one): PromptProblem[] => {
    if (one.kind !== 'choice') return [];
    const [first, second] = one.options;
    const drawsEntries = !second && first?.nodes.some(({ kind }) => kind === 'wildcard');
    if (one.most > one.options.length && !drawsEntries) {
      return [
        {
          ...placeOf(one),
          code: 'choice-short',
          message: `This asks for ${one.most} of ${one.options.length}, so it takes ${one.options.length}.`,
          remedy: 'Add choices, or ask for fewer.',
        },
      ];
    }
    const [word] = one.children.length === 3 && first ? first.nodes : [];
    if (dialect !== 'template' || word?.kind !== 'text' || word.text !== 'prompt') return [];
    return [
      {
        ...placeOf(one),
        code: 'placeholder',
        message: 'Only in a style {prompt} is the place of a prompt; drawn like this it is a word.',
        remedy: 'Save this as a style, or remove it.',
      },
    ];
  });
}

function placeOf({ start, end }: Place): Place {
  return { start, end };
}
