/**
 * The leaves of a prompt, in one pass over its text.
 *
 * Promises: the texts of the tokens joined are the text; time grows with the length alone.
 */
import { maxBraces, type PromptDialect, type PromptLeaf, type PromptProblem } from './tree.ts';

const word = /(?<![\p{L}\p{N}_])(?:AND|BREAK)(?![\p{L}\p{N}_])/uy;
const figure = /\s*[+-]?[.\d]+\s*(?=\))/y;
const tag = /<lora:[^:<>\n]+(?::[^:<>\n]*)*>/iy;
const openTag = /<lora:[^<>\n]*/iy;
const wildcard = /__[\p{L}\p{N}*/.\- ]+(?:_[\p{L}\p{N}*/.\- ]+)*__/uy;
const variable = /\$\{\s*[\p{L}\p{N}_-]+\s*(?:=!?|[:}])/uy;
const quantity = /(?:\d+-\d+|\d+-?|-\d+)\$\$/y;
const separator = /[^{}|$]*\$\$/y;
const optionWeight = /\s*(?:\d+\.?\d*|\.\d+)::/y;
const placeholder = /\{prompt\}/y;
const templatePlain = /[^\\()[\]:|<>AB{}$_]+/y;
const resolvedPlain = /[^\\()[\]:|<>AB]+/y;

type Brace = {
  readonly close: number;
  readonly kind: 'choice-start' | 'assign-start' | 'variable-start';
};

export function tokenise(
  text: string,
  dialect: PromptDialect,
): { readonly tokens: readonly PromptLeaf[]; readonly problems: readonly PromptProblem[] } {
  const isResolved = dialect === 'resolved';
  const problems: PromptProblem[] = [];
  const braces = isResolved ? new Map<number, Brace>() : pairBraces(text, dialect, problems);
  const open: Brace[] = [];
  const tokens: PromptLeaf[] = [];
  const plain = isResolved ? resolvedPlain : templatePlain;
  let at = 0;
  let textStart = 0;
  let tagEnd = -1;

  const matched = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0] ?? null;
  };
  const flush = () => {
    if (textStart === at) return;
    const own = text.slice(textStart, at);
    tokens.push({ kind: 'text', text: own, start: textStart, end: at });
  };
  const push = (kind: PromptLeaf['kind'], length: number) => {
    flush();
    const end = at + length;
    tokens.push({ kind, text: text.slice(at, end), start: at, end });
    at = end;
    textStart = end;
  };
  const pushIf = (pattern: RegExp, kind: PromptLeaf['kind']): boolean => {
    const found = matched(pattern);
    if (found) push(kind, found.length);
    return found !== null;
  };

  /** What the seed's phase takes a backslash from; within braces also the bar. */
  const signs = () => (isResolved ? '' : open.length > 0 ? '{}$|' : '{}$');

  /** @returns false where the character is a letter like others */
  function special(): boolean {
    switch (text[at]) {
      case '\\':
        push('escape', escapeLength(text, at, signs()));
        return true;
      case '(':
        push('round-start', 1);
        return true;
      case ')':
        push('round-end', 1);
        return true;
      case '[':
        push('square-start', 1);
        return true;
      case ']':
        push('square-end', 1);
        return true;
      case ':': {
        push('colon', 1);
        const found = matched(figure);
        if (found && Number.isFinite(Number.parseFloat(found))) push('figure', found.length);
        return true;
      }
      case '|':
        if (open.at(-1)?.kind !== 'choice-start') push('bar', 1);
        else {
          push('option-bar', 1);
          pushIf(optionWeight, 'option-weight');
        }
        return true;
      case '<': {
        const found = matched(tag);
        if (!found) {
          const begun = matched(openTag);
          if (begun && text[at + begun.length] !== '>') problems.push(openTagAt(at, begun.length));
          return false;
        }
        tagEnd = at + found.length;
        push('lora-start', '<lora:'.length);
        return true;
      }
      case '>':
        if (at + 1 !== tagEnd) return false;
        push('lora-end', 1);
        return true;
      case 'A':
      case 'B': {
        const found = at < tagEnd ? null : matched(word);
        if (found) push(found === 'AND' ? 'and' : 'break', found.length);
        return found !== null;
      }
      default:
        return !isResolved && dynamic();
    }
  }

  function dynamic(): boolean {
    if (text[at] === '_') {
      const found = matched(wildcard);
      if (found) push('wildcard', found.length);
      return found !== null;
    }
    const brace = braces.get(at);
    if (text[at] === '$') {
      const found = matched(variable);
      if (!found || (!brace && !found.endsWith('}'))) return false;
      if (brace) open.push(brace);
      push(brace?.kind ?? 'variable-name', found.length);
      return true;
    }
    if (text[at] === '{') {
      const found = dialect === 'style' ? matched(placeholder) : null;
      if (found) push('placeholder', found.length);
      else if (brace) {
        open.push(brace);
        push('choice-start', 1);
        if (pushIf(quantity, 'quantity')) pushIf(separator, 'separator');
        pushIf(optionWeight, 'option-weight');
      }
      return found !== null || brace !== undefined;
    }
    if (text[at] !== '}' || open.at(-1)?.close !== at) return false;
    open.pop();
    push('brace-end', 1);
    return true;
  }

  while (at < text.length) {
    const run = matched(plain);
    if (run) at += run.length;
    else if (!special()) at += 1;
  }
  flush();
  return { tokens, problems };
}

/** @param signs those before which a backslash goes with them, also behind another backslash */
function escapeLength(text: string, at: number, signs: string): number {
  const next = text[at + 1] ?? '';
  if (next === '') return 1;
  const behind = text[at + 2] ?? '';
  if (next === '\\') return behind !== '' && signs.includes(behind) ? 1 : 2;
  return '()[]|'.includes(next) || signs.includes(next) ? 2 : 1;
}

function openTagAt(start: number, length: number): PromptProblem {
  return {
    start,
    end: start + length,
    code: 'lora-open',
    message: 'This LoRA needs a “>” at its end.',
    remedy: 'Without it the tag is read as words.',
  };
}

/** Braces that close, by where they open. */
function pairBraces(
  text: string,
  dialect: PromptDialect,
  problems: PromptProblem[],
): Map<number, Brace> {
  const brace =
    dialect === 'style'
      ? /\\[{}$|]|\{prompt\}|\$\{\s*[\p{L}\p{N}_-]+\s*(?:=!?|[:}])|[{}]/gu
      : /\\[{}$|]|\$\{\s*[\p{L}\p{N}_-]+\s*(?:=!?|[:}])|[{}]/gu;
  const waiting: { readonly start: number; readonly sign: string }[] = [];
  const pairs: (Brace & { readonly start: number; readonly sign: string })[] = [];
  for (const { 0: sign, index } of text.matchAll(brace)) {
    if (sign === '}') {
      const opened = waiting.pop();
      if (!opened) continue;
      const kind =
        opened.sign === '{'
          ? 'choice-start'
          : opened.sign.endsWith(':')
            ? 'variable-start'
            : 'assign-start';
      pairs.push({ ...opened, close: index, kind });
    } else if (sign === '{' || (sign.startsWith('$') && !sign.endsWith('}')))
      waiting.push({ start: index, sign });
  }
  for (const { start, sign } of waiting) {
    problems.push({
      start,
      end: start + sign.length,
      code: 'brace-open',
      message: 'This brace is never closed.',
      remedy: String.raw`Write } where it ends, or \{ for the sign itself.`,
    });
  }
  const kept = new Map<number, Brace>();
  const around: number[] = [];
  for (const { start, sign, close, kind } of pairs.toSorted((a, b) => a.start - b.start)) {
    while ((around.at(-1) ?? Infinity) < start) around.pop();
    if (around.length < maxBraces) kept.set(start, { close, kind });
    else {
      problems.push({
        start,
        end: start + sign.length,
        code: 'brace-deep',
        message: `More than ${maxBraces} braces are nested here, so this one is a letter.`,
        remedy: 'Write the inner choices on their own.',
      });
    }
    around.push(close);
  }
  return kept;
}
