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
  const value = /\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/uy;
  const pairs: [string, string][] = [];
  let from = 0;
  for (let colon = line.indexOf(':'); colon >= 0; colon = line.indexOf(':', from)) {
    const name = nameAtEnd(line.slice(from, colon));
    // A name holds no colon: where none ends here, the next one starts behind it.
    from = colon + 1;
    if (name === null) continue;
    value.lastIndex = from;
    const [whole = '', quoted = ''] = value.exec(line) ?? [];
    pairs.push([name, quoted]);
    from += whole.length;
  }
  return pairs;
}

/** The longest name that a text ends with; null if there is none. */
function nameAtEnd(text: string): string | null {
  const before = Array.from(text);
  let start = before.length;
  while (start > 0 && nameCharacter.test(before[start - 1] ?? '')) start -= 1;
  while (start < before.length && !nameStart.test(before[start] ?? '')) start += 1;
  return before.length - start >= 2 ? before.slice(start).join('') : null;
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
