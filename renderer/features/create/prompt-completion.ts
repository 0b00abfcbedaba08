/** What can be typed next: wildcards, LoRAs, embeddings. Pure: the editor draws it. */

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
  const typed = /__([\p{L}\p{N}/.-]*(?:_[\p{L}\p{N}/.-]+)*_?)$/u.exec(text.slice(0, caret));
  if (!typed) return null;
  const start = typed.index;
  // An even number of marks before means that this one closes a wildcard.
  const marks = text.slice(0, start).split('__').length - 1;
  if (marks % 2 === 1) return null;
  const names = fitting(wildcards, typed[1] ?? '');
  if (names.length === 0) return null;
  return { kind: 'wildcard', start, end: caret, names, before: '__', after: '__' };
}

function loraAt(text: string, caret: number, loras: readonly string[]): Completion | null {
  const typed = /<(?:l|lo|lor|lora|lora:(?<name>[^:<>\n]*))$/i.exec(text.slice(0, caret));
  if (!typed) return null;
  const name = typed.groups?.['name'] ?? '';
  const names = fitting(loras, name);
  if (names.length === 0) return null;
  const { index: start } = typed;
  // In a tag that is whole already only the name changes.
  const rest = /^[^:<>\n,]*(?=:[^<>\n]*>|>)/.exec(text.slice(caret));
  return rest
    ? { kind: 'lora', start, end: caret + rest[0].length, names, before: '<lora:', after: '' }
    : { kind: 'lora', start, end: caret, names, before: '<lora:', after: ':1>' };
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
