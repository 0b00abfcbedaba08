/**
 * One way to write a prompt: figures as short as they go, no blanks within marks.
 *
 * Promises: what is written means the same by the rules of the web UI, and written again is itself.
 * A figure around words that a seed decides, or that AND parts, stays as it is: its bracket may be
 * another's then.
 */
import {
  isBranch,
  type PromptBranch,
  type PromptLeaf,
  type PromptNode,
  type PromptTree,
} from './tree.ts';

interface Written {
  readonly text: string;
  /** Whether a seed decides some of the words, or AND parts them. */
  readonly isUnsettled: boolean;
}

export function canonicalPrompt({ nodes }: PromptTree): string {
  return nodes.map((node) => written(node).text).join('');
}

function written(node: PromptNode): Written {
  if (!isBranch(node)) return { text: writtenLeaf(node), isUnsettled: unsettling.has(node.kind) };
  const parts = node.children.map(written);
  const isUnsettled = unsettling.has(node.kind) || parts.some((part) => part.isUnsettled);
  const texts = parts.map(({ text }) => text);
  return { text: isUnsettled ? texts.join('') : writtenBranch(node, texts), isUnsettled };
}

const unsettling: ReadonlySet<PromptNode['kind']> = new Set([
  'and',
  'wildcard',
  'choice',
  'assign',
  'variable',
]);

function writtenLeaf({ kind, text }: PromptLeaf): string {
  switch (kind) {
    case 'quantity':
      return text
        .replaceAll(/0+(?=\d)/g, (zeros, at: number) =>
          /\d/.test(text[at - 1] ?? '') ? zeros : '',
        )
        .replace(/^(\d+)-\1\$/, '$1$');
    case 'option-weight':
      return `${shortest(text.slice(0, -'::'.length), /^[\d.]+$/)}::`;
    case 'assign-start':
    case 'variable-start':
    case 'variable-name':
      return text.replaceAll(/\s/g, '');
    default:
      return text;
  }
}

function writtenBranch(branch: PromptBranch, texts: readonly string[]): string {
  const figured = (figure: string) => [...texts.slice(0, -2), figure, ...texts.slice(-1)].join('');
  switch (branch.kind) {
    case 'lora':
      return writtenTag(branch);
    case 'schedule':
      return figured(stepOf(branch.when));
    case 'round':
      // Around nothing it is a weight in one program and a word in another.
      if (branch.weight === null || texts.length < 5) break;
      return figured(shortest(texts.at(-2) ?? '', /^[+-]?[\d.]+$/));
    default:
      break;
  }
  return texts.join('');
}

function writtenTag({ name, values }: Extract<PromptBranch, { kind: 'lora' }>): string {
  const weights = values.map((value) => {
    const [figure = '', ...names] = value.split('=').toReversed();
    return [...names.toReversed().map((one) => one.trim()), shortest(figure, number)].join('=');
  });
  // A name of blanks alone is what makes it a tag.
  return `<lora:${[name === '' ? ' ' : name, ...weights].join(':')}>`;
}

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A point makes a share of the steps of a number of steps. */
function stepOf(when: string): string {
  const short = shortest(when, number);
  if (!when.includes('.') || short.includes('.')) return short;
  return number.test(`${short}.0`) ? `${short}.0` : when.trim();
}

/** @param form what the grammar takes for a number here; others stay as they are */
function shortest(text: string, form: RegExp): string {
  const figure = text.trim();
  const value = Number.parseFloat(figure);
  const short = String(value);
  return form.test(figure) && form.test(short) && !Object.is(value, -0) ? short : figure;
}
