/** What can be typed next: wildcards, LoRAs, embeddings. Pure: the editor draws it. */
import { parsePrompt } from '../../../contract/prompt/parse.ts';
import { branchesOf, leavesOf } from '../../../contract/prompt/tree.ts';

export interface Completion {
  readonly kind: 'wildcard' | 'lora' | 'embedding';
  /** What is replaced, UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Those that fit, those that begin so first. */
  readonly names: readonly string[];
  /** What is typed around a name. */
  readonly before: string;
  readonly after: string;
}

export interface CompletionNames {
  readonly wildcards: readonly string[];
  readonly loras: readonly string[];
  readonly embeddings: readonly string[];
}

const maxNames = 30;

/** @param caret UTF-16 units @returns null where nothing fits */
export function completionAt(
  text: string,
  caret: number,
  { wildcards, loras, embeddings }: CompletionNames,
): Completion | null {
  return (
    wildcardAt(text, caret, wildcards) ??
    loraAt(text, caret, loras) ??
    embeddingAt(text, caret, embeddings)
  );
}

function wildcardAt(text: string, caret: number, wildcards: readonly string[]): Completion | null {
  const before = leavesOf(parsePrompt(text.slice(0, caret), 'template').nodes).at(-1);
  // A whole wildcard is a leaf of its own, so that these marks begin one.
  if (before?.kind !== 'text') return null;
  const typed = /__([\p{L}\p{N}/.-]*(?:_[\p{L}\p{N}/.-]+)*_?)$/u.exec(before.text);
  const names = typed ? fitting(wildcards, typed[1] ?? '') : [];
  if (!typed || names.length === 0) return null;
  const start = before.start + typed.index;
  return { kind: 'wildcard', start, end: caret, names, before: '__', after: '__' };
}

const tagStart = '<lora:';

function loraAt(text: string, caret: number, loras: readonly string[]): Completion | null {
  const begun = beginningOfTag(text.slice(0, caret));
  if (begun === null) return null;
  const names = fitting(loras, text.slice(begun, caret).slice(tagStart.length));
  if (names.length === 0) return null;
  const shared = { kind: 'lora', start: begun, names, before: tagStart } as const;
  // In a tag that is whole already only the name changes.
  const whole = branchesOf(parsePrompt(text, 'template').nodes).find(
    ({ kind, start }) => kind === 'lora' && start === begun,
  );
  const behindName = whole?.children.find(({ kind }) => kind === 'colon' || kind === 'lora-end');
  return behindName && !text.slice(caret, behindName.start).includes(',')
    ? { ...shared, end: behindName.start, after: '' }
    : { ...shared, end: caret, after: ':1>' };
}

/** Where a tag begins that ends with the text, up to somewhere in its name. */
function beginningOfTag(text: string): number | null {
  const { nodes, problems } = parsePrompt(text, 'template');
  const open = problems.findLast(({ code }) => code === 'lora-open');
  if (open) {
    const isName = !text.slice(open.start + tagStart.length).includes(':');
    return open.end === text.length && isName ? open.start : null;
  }
  const last = leavesOf(nodes).at(-1)?.text.toLowerCase() ?? '';
  const at = last.lastIndexOf('<');
  return at >= 0 && last.length > at + 1 && tagStart.startsWith(last.slice(at))
    ? text.length - (last.length - at)
    : null;
}

function embeddingAt(
  text: string,
  caret: number,
  embeddings: readonly string[],
): Completion | null {
  const typed = /(?<![\p{L}\p{N}_-])[\p{L}\p{N}_-]{2,}$/u.exec(text.slice(0, caret));
  if (!typed || /^[\p{L}\p{N}_-]/u.test(text.slice(caret))) return null;
  const [word] = typed;
  // Every word could be meant: only names that begin so, and none that is there already.
  const begun = embeddings.filter((name) => name.toLowerCase().startsWith(word.toLowerCase()));
  const names = begun.slice(0, maxNames);
  if (names.length === 0 || names.some((name) => name.toLowerCase() === word.toLowerCase()))
    return null;
  return { kind: 'embedding', start: typed.index, end: caret, names, before: '', after: '' };
}

function fitting(all: readonly string[], typed: string): readonly string[] {
  const word = typed.toLowerCase();
  const found = all.filter((name) => name.toLowerCase().includes(word));
  return [
    ...found.filter((name) => name.toLowerCase().startsWith(word)),
    ...found.filter((name) => !name.toLowerCase().startsWith(word)),
  ].slice(0, maxNames);
}
