/**
 * The `parameters` text of Stable Diffusion web UI, as `infotext_utils.py` there writes and reads it.
 *
 * Reading takes any text: whatever cannot be a parameter line is prompt.
 */

export interface ParametersText {
  readonly prompt: string;
  readonly negativePrompt: string;
  /** In the order of the file; names as written there, such as `CFG scale`. */
  readonly pairs: ReadonlyMap<string, string>;
}

// Python's \w knows all letters and digits; so must these.
const nameCharacter = /[\p{L}\p{N}_ \-/]/u;
const nameStart = /[\p{L}\p{N}_]/u;
/** A last line with fewer matches is prompt text that happens to hold a colon. */
const minPairs = 3;
const negativePrefix = 'Negative prompt:';

/** @param pairs absent values (null, empty) are left out */
export function writeParametersText(
  prompt: string,
  negativePrompt: string,
  pairs: Readonly<Record<string, string | number | null>>,
): string {
  const line = Object.entries(pairs)
    .filter(([, given]) => given !== null && given !== '')
    .map(([name, given]) => `${name}: ${quote(String(given))}`)
    .join(', ');
  const negative = negativePrompt === '' ? '' : `\n${negativePrefix} ${negativePrompt}`;
  return `${prompt}${negative}\n${line}`.trim();
}

export function parseParametersText(text: string): ParametersText {
  const lines = text.trim().split('\n');
  const last = lines.at(-1) ?? '';
  const found = readPairs(last);
  const pairs = new Map<string, string>();
  if (found.length >= minPairs) {
    lines.pop();
    for (const [name, quoted] of found) if (quoted !== '') pairs.set(name, unquote(quoted));
  }
  const prompt: string[] = [];
  const negative: string[] = [];
  let target = prompt;
  for (const untrimmed of lines) {
    let line = untrimmed.trim();
    if (line.startsWith(negativePrefix)) {
      target = negative;
      line = line.slice(negativePrefix.length).trim();
    }
    // As there: an empty line at the start leaves no line break behind.
    if (line !== '' || target.length > 0) target.push(line);
  }
  return { prompt: prompt.join('\n'), negativePrompt: negative.join('\n'), pairs };
}

/**
 * All matches of `\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)`, in linear time: that expression
 * itself would try every start of a long prompt for a colon that never comes.
 */
function readPairs(line: string): [name: string, quoted: string][] {
  const pairs: [string, string][] = [];
  let from = 0;
  for (let colon = line.indexOf(':'); colon >= 0; colon = line.indexOf(':', from)) {
    if (pairs.length === mostPairs) break;
    const name = nameAtEnd(line.slice(Math.max(from, colon - 2 * longestName), colon));
    // A name holds no colon: where none ends here, the next one starts behind it.
    from = colon + 1;
    if (name === null) continue;
    while (isSpace(line[from])) from += 1;
    const end = endOfQuoted(line, from) ?? endOfPlain(line, from);
    pairs.push([name, line.slice(from, end)]);
    from = end + 1;
  }
  return pairs;
}

/** Programs with all their extensions write some dozens. */
const mostPairs = 1000;
/** Characters. What is longer is prose that a colon happens to follow. */
const longestName = 200;

const isSpace = (sign: string | undefined) => sign !== undefined && /\s/.test(sign);

function endOfPlain(line: string, from: number): number {
  const comma = line.indexOf(',', from);
  return comma < 0 ? line.length : comma;
}

/** Null unless a quoted value begins there that is not empty and that a comma or nothing follows. */
function endOfQuoted(line: string, from: number): number | null {
  if (line[from] !== '"') return null;
  for (let at = from + 1; at < line.length; at += 1) {
    if (line[at] === '\\') {
      at += 1;
      if (/[\r\u2028\u2029]/.test(line[at] ?? '\r')) return null;
    } else if (line[at] === '"') {
      const isWhole = at > from + 1 && (at + 1 === line.length || line[at + 1] === ',');
      return isWhole ? at + 1 : null;
    }
  }
  return null;
}

/** The longest name that a text ends with; null if there is none. */
function nameAtEnd(text: string): string | null {
  const before = Array.from(text);
  let start = before.length;
  while (start > 0 && nameCharacter.test(before[start - 1] ?? '')) start -= 1;
  while (start < before.length && !nameStart.test(before[start] ?? '')) start += 1;
  const length = before.length - start;
  return length >= 2 && length <= longestName ? before.slice(start).join('') : null;
}

function quote(text: string): string {
  // A leading quotation mark must be quoted as well, or reading would take it for quoting.
  return /[,:\n]|^"/.test(text) ? JSON.stringify(text) : text;
}

function unquote(quoted: string): string {
  if (quoted.length < 2 || !quoted.startsWith('"') || !quoted.endsWith('"')) return quoted;
  try {
    const parsed: unknown = JSON.parse(quoted);
    return typeof parsed === 'string' ? parsed : quoted;
  } catch {
    return quoted;
  }
}
