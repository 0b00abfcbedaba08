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

/** Python's `\w` knows all letters and digits; so must this. */
const pair = /\s*([\p{L}\p{N}_][\p{L}\p{N}_ \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/gu;
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
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name}: ${quote(String(value))}`)
    .join(', ');
  const negative = negativePrompt === '' ? '' : `\n${negativePrefix} ${negativePrompt}`;
  return `${prompt}${negative}\n${line}`.trim();
}

export function parseParametersText(text: string): ParametersText {
  const lines = text.trim().split('\n');
  const last = lines.at(-1) ?? '';
  const matches = [...last.matchAll(pair)];
  const pairs = new Map<string, string>();
  if (matches.length >= minPairs) {
    lines.pop();
    for (const [, name, value] of matches) {
      if (name !== undefined && value !== undefined && value !== '') pairs.set(name, unquote(value));
    }
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

function quote(value: string): string {
  // A leading quotation mark must be quoted as well, or reading would take it for quoting.
  return /[,:\n]|^"/.test(value) ? JSON.stringify(value) : value;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'string' ? parsed : value;
  } catch {
    return value;
  }
}
