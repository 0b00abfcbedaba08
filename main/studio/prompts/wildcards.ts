/**
 * Lists that prompts draw from, in the library's folder `wildcards`.
 *
 * `colour.txt` holds one entry per line and is named `colour`, `places/indoors.txt` is
 * `places/indoors`; lines that begin with `#` are comments. A YAML or JSON file holds lists: one list
 * is named as its file is, lists under keys by their keys (`clothes/hats`).
 *
 * Promises: files may change at any time; a file that cannot be read is reported and left out.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { Wildcards } from '../../../contract/prompt/dynamic.ts';
import { systemCode } from '../storage-error.ts';

export interface WildcardSet {
  /** Entries by name, names in order. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** `*` and `?` stand for parts of a name between slashes, `**` for anything. */
  readonly find: Wildcards;
}

interface KnownFile {
  /** Changes when the file does. */
  readonly stamp: string;
  readonly lists: ReadonlyMap<string, readonly string[]>;
}

const maxFileBytes = 64 * 2 ** 20;

/** @returns reads what has changed since the last call */
export function createWildcards(
  folder: string,
  log: (level: 'warning', text: string) => void,
): () => Promise<WildcardSet> {
  let known = new Map<string, KnownFile>();

  async function read(file: string): Promise<KnownFile> {
    const { mtimeMs, size } = await stat(path.join(folder, file));
    const stamp = `${mtimeMs} ${size}`;
    const before = known.get(file);
    if (before?.stamp === stamp) return before;
    try {
      if (size > maxFileBytes) throw new Error(`It is larger than ${maxFileBytes} bytes.`);
      return { stamp, lists: listsOf(file, await readFile(path.join(folder, file), 'utf8')) };
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      log('warning', `The wildcard file "${file}" cannot be read and is left out: ${reason}`);
      return { stamp, lists: new Map() };
    }
  }

  return async () => {
    const files = (await filesIn(folder)).toSorted();
    const found = new Map<string, KnownFile>();
    for (const file of files) found.set(file, await read(file));
    known = found;
    const lists = new Map<string, readonly string[]>();
    for (const file of found.values()) {
      for (const [name, entries] of file.lists)
        lists.set(name, [...(lists.get(name) ?? []), ...entries]);
    }
    return { lists, find: (pattern) => find(lists, pattern) };
  };
}

/** Relative, with `/`. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.(?:txt|ya?ml|json)$/i.test(entry.name))
      .map((entry) =>
        path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'),
      );
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function listsOf(file: string, text: string): ReadonlyMap<string, readonly string[]> {
  const { dir, name, ext } = path.posix.parse(file);
  const ownName = dir === '' ? name : `${dir}/${name}`;
  const plain = text.replace(/^\uFEFF/, '');
  switch (ext.toLowerCase()) {
    case '.txt': {
      const lines = plain.split(/\r?\n/).map((line) => line.trim());
      return new Map([[ownName, lines.filter((line) => line !== '' && !line.startsWith('#'))]]);
    }
    case '.json':
      return listsIn(JSON.parse(plain), '', ownName);
    default:
      return listsIn(parseYaml(plain, { maxAliasCount: 100 }), '', ownName);
  }
}

/** @param prefix keys above, joined with `/` @param ownName what a list without keys is called */
function listsIn(
  value: unknown,
  prefix: string,
  ownName: string,
): ReadonlyMap<string, readonly string[]> {
  const name = prefix === '' ? ownName : prefix;
  if (Array.isArray(value)) {
    const entries = value.filter((entry) => typeof entry === 'string' || typeof entry === 'number');
    return new Map([[name, entries.map(String)]]);
  }
  if (typeof value === 'string') return new Map([[name, [value]]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [
      ...listsIn(inner, prefix === '' ? key : `${prefix}/${key}`, ownName),
    ]),
  );
}

function find(
  lists: ReadonlyMap<string, readonly string[]>,
  pattern: string,
): readonly string[] | null {
  const exact = lists.get(pattern);
  if (exact) return exact;
  if (!/[*?]/.test(pattern)) return null;
  const expression = new RegExp(
    `^${pattern
      .split(/(\*{2,}|\*|\?)/)
      .map((part) =>
        part.startsWith('**')
          ? '.*'
          : part === '*'
            ? '[^/]*'
            : part === '?'
              ? '[^/]'
              : part.replaceAll(/[\\^$.+()[\]{}|/]/g, String.raw`\$&`),
      )
      .join('')}$`,
    'u',
  );
  const found = [...lists].filter(([name]) => expression.test(name)).flatMap(([, own]) => own);
  return found.length === 0 ? null : found;
}
