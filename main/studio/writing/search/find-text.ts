/**
 * Finds words or patterns in a text, block by block: a match may run through marks and line breaks, never from
 * one block into the next.
 *
 * Promises: positions are ProseMirror's; a pattern that would take for ever is given up.
 */
import { createContext, Script } from 'node:vm';
import { StudioError } from '../../../../contract/errors.ts';
import type { TextSearch } from '../../../../contract/projects.ts';
import type { DocumentNode } from '../document-schema.ts';
import { forEachTextblock, textOfBlock } from '../plain-text.ts';

export interface FoundText {
  readonly from: number;
  readonly to: number;
  /** What stands there. */
  readonly text: string;
  /** What is to stand there; empty where nothing is to be replaced. */
  readonly replacement: string;
  /** The block's text, and where in it the match begins. */
  readonly blockText: string;
  readonly offset: number;
}

/** For one scene. A pattern of a person's takes a thousandth of that. */
const mostMs = 500;
const mostMatches = 200_000;

/**
 * Runs where V8 can be stopped: a pattern with nested repetitions may need longer than the universe lasts, and
 * nothing else interrupts it. Each match as offset, length, replacement.
 */
const findAll = new Script(`
  const pattern = new RegExp(source, flags);
  const found = [];
  let total = 0;
  for (const text of texts) {
    const own = [];
    if (pattern.test(text)) {
      pattern.lastIndex = 0;
      for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
        if (match[0] === '') { pattern.lastIndex += 1; continue; }
        own.push(match.index, match[0].length, isPattern && replacement !== ''
          ? replacementOf(match, text)
          : replacement);
        total += 1;
        if (total > mostMatches) break;
      }
    }
    pattern.lastIndex = 0;
    found.push(own);
  }
  function replacementOf(match, text) {
    return replacement.replace(/\\$(?:(\\$)|(&)|(\\d{1,2})|<([^>]*)>)/g, (whole, dollar, all, number, name) => {
      if (dollar) return '$';
      if (all) return match[0];
      if (number) return Number(number) > 0 && Number(number) < match.length ? match[Number(number)] ?? '' : whole;
      return match.groups && name in match.groups ? match.groups[name] ?? '' : whole;
    });
  }
  JSON.stringify(found);
`);

/**
 * @param replacement what each match becomes; with `regex` it may name groups
 * @returns finds all matches in a text, in order
 * @throws {StudioError} `bad-request` for a pattern that is none; finding, for one that takes too long
 */
export function createFinder(
  search: TextSearch,
  replacement = '',
): (doc: DocumentNode) => FoundText[] {
  const { source, flags } = patternOf(search);
  try {
    // oxlint-disable-next-line no-new -- Only to learn whether it is a pattern.
    new RegExp(source, flags);
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      `"${search.text}" is no regular expression (${StudioError.from(cause).message}). Mend it, or search for the words themselves.`,
      undefined,
      { cause },
    );
  }

  return (doc) => {
    const texts: string[] = [];
    const starts: number[] = [];
    forEachTextblock(doc, (block, textFrom) => {
      if (block.content.size === 0) return;
      texts.push(textOfBlock(block));
      starts.push(textFrom);
    });
    const context = createContext({
      source,
      flags,
      texts,
      replacement,
      isPattern: search.regex,
      mostMatches,
    });
    let found: (number | string)[][];
    try {
      found = JSON.parse(String(findAll.runInContext(context, { timeout: mostMs }))) as (
        | number
        | string
      )[][];
    } catch (cause) {
      if (!isTimeout(cause)) throw cause;
      throw new StudioError(
        'bad-request',
        `"${search.text}" takes too long to look for. Write the pattern without repetitions within repetitions.`,
        undefined,
        { cause },
      );
    }
    return found.flatMap((own, block) => {
      const blockText = texts[block] ?? '';
      const matches: FoundText[] = [];
      for (let i = 0; i < own.length; i += 3) {
        const offset = Number(own[i]);
        const length = Number(own[i + 1]);
        const from = (starts[block] ?? 0) + offset;
        matches.push({
          from,
          to: from + length,
          text: blockText.slice(offset, offset + length),
          replacement: String(own[i + 2] ?? ''),
          blockText,
          offset,
        });
      }
      return matches;
    });
  };
}

/** The error may be of the script's own realm, where `instanceof Error` does not hold. */
function isTimeout(thrown: unknown): boolean {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    thrown.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function patternOf({ text, regex, caseSensitive, wholeWords }: TextSearch): {
  readonly source: string;
  readonly flags: string;
} {
  const body = regex ? text : escapePattern(text);
  // Not \b, which knows ASCII letters only.
  const source = wholeWords ? String.raw`(?<![\p{L}\p{N}_])(?:${body})(?![\p{L}\p{N}_])` : body;
  return { source, flags: `gu${caseSensitive ? '' : 'i'}` };
}

/** With `u`, nothing else may be escaped. */
function escapePattern(text: string): string {
  return text.replaceAll(/[$()*+./?[\\\]^{|}]/g, String.raw`\$&`);
}

const charactersAround = 60;

export interface Excerpt {
  readonly from: number;
  readonly to: number;
  readonly excerpt: string;
  readonly excerptFrom: number;
  readonly excerptTo: number;
}

/** A match with the words around it. */
export function excerptOf({ from, to, blockText, offset }: FoundText): Excerpt {
  const begin = Math.max(0, offset - charactersAround);
  const end = offset + (to - from);
  return {
    from,
    to,
    excerpt: blockText.slice(begin, end + charactersAround).replaceAll('\n', ' '),
    excerptFrom: offset - begin,
    excerptTo: end - begin,
  };
}
