/**
 * Name templates: `{date:yyyy}/{model}_{n:04}`.
 *
 * `{token}` and `{token:argument}` stand for facts of a picture, `{{` and `}}` for the signs themselves, and `/`
 * begins a folder. A value never makes a folder, but a `/` within the pattern of a date does.
 *
 * Promises: any text can be parsed and rendered; what is rendered is a path of safe names, never empty, that stays
 * below the target; what was not understood is named with its place.
 */
import type { ExportProblem } from '../../../../contract/exports.ts';
import { safeName } from './safe-name.ts';
import {
  argumentProblem,
  isTokenName,
  tokens,
  tokenValue,
  type NameFacts,
  type TokenName,
} from './tokens.ts';

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'token'; readonly name: TokenName; readonly argument: string | null };

export interface NameTemplate {
  /** In the order of the text. */
  readonly problems: readonly ExportProblem[];
  /** Whether no two pictures of an export can have the same name. */
  readonly isUnique: boolean;
  /** @returns names joined by `/`, without an ending */
  render(facts: NameFacts): string;
}

/** Room behind a name: ` (999999)`, an ending, and what is in front of a temporary file's name. */
export const keptNameBytes = 24;
/** More folders than this are a slip, and too long a path for some system. */
const mostFolders = 8;

const piece = /\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/g;

export function parseTemplate(template: string): NameTemplate {
  const parts: Part[] = [];
  const problems: ExportProblem[] = [];
  const tell = (
    start: number,
    length: number,
    severity: ExportProblem['severity'],
    message: string,
    remedy: string,
  ) => problems.push({ field: 'name', severity, start, end: start + length, message, remedy });

  for (const { 0: text, index } of template.matchAll(piece)) {
    if (text === '{{' || text === '}}') parts.push({ kind: 'text', text: text.charAt(0) });
    else if (text === '{' || text === '}') {
      tell(
        index,
        1,
        'error',
        text === '{' ? 'This bracket is never closed.' : 'This bracket closes nothing.',
        `Write ${text}${text} for the sign itself.`,
      );
      parts.push({ kind: 'text', text });
    } else if (text.startsWith('{')) {
      const part = tokenOf(text, index, tell);
      parts.push(part ?? { kind: 'text', text: text.slice(1, -1) });
    } else {
      tellOfText(text, index, tell);
      parts.push({ kind: 'text', text });
    }
  }
  const folders = template.split('/').length - 1;
  if (folders > mostFolders)
    tell(
      0,
      template.length,
      'error',
      `This makes ${folders} folders, one within the other.`,
      `Use at most ${mostFolders}.`,
    );
  if (template.trim() === '')
    tell(0, template.length, 'error', 'There is no name.', 'Write one, such as {name} or {n:04}.');
  else if (/\/\s*$/.test(template))
    tell(
      template.lastIndexOf('/'),
      1,
      'error',
      'This ends in a folder, without a name for the file.',
      'Put {n:04} or {name} behind it.',
    );
  return {
    problems: problems.toSorted((a, b) => (a.start ?? 0) - (b.start ?? 0)),
    isUnique: parts.some((part) => part.kind === 'token' && ['n', 'id'].includes(part.name)),
    render: (facts) => render(parts, facts),
  };
}

type Tell = (
  start: number,
  length: number,
  severity: ExportProblem['severity'],
  message: string,
  remedy: string,
) => void;

function tokenOf(text: string, index: number, tell: Tell): Part | null {
  const inner = text.slice(1, -1);
  const colon = inner.indexOf(':');
  const name = colon < 0 ? inner : inner.slice(0, colon);
  const argument = colon < 0 ? null : inner.slice(colon + 1);
  if (!isTokenName(name)) {
    const near = Object.keys(tokens).find((known) => known === name.trim().toLowerCase());
    tell(
      index,
      text.length,
      'error',
      `There is no token {${name}}.`,
      near
        ? `Write {${near}}.`
        : `There are ${Object.keys(tokens)
            .map((known) => `{${known}}`)
            .join(' ')}.`,
    );
    return null;
  }
  const problem = argument === null ? null : argumentProblem(name, argument);
  if (problem) {
    tell(index, text.length, 'error', problem.message, problem.remedy);
    return { kind: 'token', name, argument: null };
  }
  return { kind: 'token', name, argument };
}

/** Signs of the template itself that cannot be in a name everywhere. */
function tellOfText(text: string, index: number, tell: Tell): void {
  for (const { 0: sign, index: at } of text.matchAll(/[<>:"\\|?*]|\p{Cc}/gu)) {
    const shown = /\p{Cc}/u.test(sign) ? 'A control character' : `"${sign}"`;
    tell(
      index + at,
      sign.length,
      'notice',
      `${shown} cannot be in a file name on every system, so it becomes "-".`,
      sign === '\\' ? 'Write / for a folder.' : 'Take it out.',
    );
  }
  for (const { 0: dots, index: at } of text.matchAll(/(?<=^|\/)\.{1,2}(?=\/|$)/g)) {
    // Between a token and the end of this text, dots belong to a name.
    const isWhole = (at > 0 || index === 0) && text.charAt(at + dots.length) === '/';
    if (isWhole)
      tell(
        index + at,
        dots.length,
        'error',
        dots === '..' ? 'An export stays within its folder.' : 'A dot alone is no folder.',
        'Take it out, and choose another target instead.',
      );
  }
}

function render(parts: readonly Part[], facts: NameFacts): string {
  let path = '';
  /** Whether what begins a name is not known, so that the sign behind it keeps nothing apart. */
  let beginsUnknown = false;
  for (const part of parts) {
    if (part.kind === 'text') {
      path += beginsUnknown ? part.text.replace(/^[ _.-]+/, '') : part.text;
      beginsUnknown = false;
      continue;
    }
    const value = tokenValue(part.name, part.argument, facts);
    const isDate = tokens[part.name].takes === 'date';
    if (value === '') {
      path = path.replace(/[ _.-]+$/, '');
      beginsUnknown ||= path === '' || path.endsWith('/');
    } else {
      path += isDate ? value : value.replaceAll(/[/\\]/g, '-');
      beginsUnknown = false;
    }
  }
  const folders = path.split('/');
  const name = folders.pop() ?? '';
  return [
    ...folders.flatMap((folder) => safeName(folder, keptNameBytes, '') || []).slice(0, mostFolders),
    safeName(name, keptNameBytes),
  ].join('/');
}
