/**
 * Single properties out of an XMP packet, without a parser of XML.
 *
 * Promises: never throws; time grows with the length alone; entities that a packet declares are never
 * expanded, and nothing outside of it is read.
 * Source: XMP Part 1, §7; XML 1.0, §2 and §4.6.
 */
import { namespaces } from './xmp.ts';

export interface XmpProperties {
  readonly creatorTool: string | null;
  readonly createDate: string | null;
  readonly digitalSourceType: string | null;
  readonly recipeJson: string | null;
  readonly userComment: string | null;
  readonly description: string | null;
  readonly rating: number | null;
  readonly label: string | null;
  readonly keywords: readonly string[];
  readonly problems: readonly string[];
}

/** By their names with the namespace before them. */
const wanted: ReadonlyMap<string, Wanted> = new Map(
  (
    [
      ['xmp', 'CreatorTool'],
      ['xmp', 'CreateDate'],
      ['xmp', 'Rating'],
      ['xmp', 'Label'],
      ['Iptc4xmpExt', 'DigitalSourceType'],
      ['atelier', 'Recipe'],
      ['exif', 'UserComment'],
      ['dc', 'description'],
      ['dc', 'subject'],
    ] as const
  ).map(([prefix, name]) => [`${namespaces[prefix]}${name}`, name] as const),
);
type Wanted =
  | 'CreatorTool'
  | 'CreateDate'
  | 'Rating'
  | 'Label'
  | 'DigitalSourceType'
  | 'Recipe'
  | 'UserComment'
  | 'description'
  | 'subject';

const maxTags = 50_000;
const maxAttributes = 20_000;
/** Recipes in JSON have one for each quotation mark. */
const maxEntities = 100_000;
const maxKeywords = 1000;

/** @param text a packet, or any text: what is no markup is passed over */
export function readXmp(text: string): XmpProperties {
  const problems: string[] = [];
  const unescaped = createUnescaper();
  let attributesLeft = maxAttributes;
  const found = new Map<Wanted, string[]>();
  const prefixes = new Map<string, string>();
  const nameOf = (qualified: string): Wanted | undefined => {
    const colon = qualified.indexOf(':');
    return wanted.get(
      `${prefixes.get(qualified.slice(0, colon)) ?? ''}${qualified.slice(colon + 1)}`,
    );
  };
  const keep = (name: Wanted, value: string): void => {
    const values = found.get(name);
    if (!values) found.set(name, [value]);
    else if (values.length < maxKeywords) values.push(value);
  };

  /** The property that the text belongs to, how deep its element lies, and the text so far. */
  let open = null as { readonly name: Wanted; readonly depth: number; text: string } | null;
  let depth = 0;
  let at = 0;
  for (let tags = 0; at < text.length; tags += 1) {
    const start = text.indexOf('<', at);
    if (open) open.text += unescaped(text.slice(at, start < 0 ? text.length : start));
    if (start < 0) break;
    if (tags === maxTags) {
      problems.push('The XMP packet has more elements than are read; those behind were not.');
      break;
    }
    const special = passOver(text, start);
    if (special) {
      if (special.isDeclaration)
        problems.push('The XMP packet declares entities; they were not expanded.');
      if (open) open.text += special.text;
      at = special.end;
      continue;
    }
    const end = endOfTag(text, start);
    if (end < 0) {
      problems.push('The XMP packet breaks off; what came before was read.');
      break;
    }
    at = end + 1;
    if (text[start + 1] === '/') {
      depth -= 1;
      if (!open) continue;
      const isItem = depth > open.depth && text.slice(start, end).trimEnd().endsWith(':li');
      const value: string = open.text;
      if (isItem || depth <= open.depth) {
        // Between the items of a list stand line breaks, and nothing of the list's own.
        if (isItem || value.trim() !== '' || !found.has(open.name)) keep(open.name, value);
        open.text = '';
      }
      if (depth <= open.depth) open = null;
      continue;
    }
    const isEmpty = text[end - 1] === '/';
    const inside = text.slice(start + 1, isEmpty ? end - 1 : end);
    const { name: tag, attributes } = readTag(inside, unescaped, attributesLeft);
    attributesLeft -= attributes.length;
    for (const [name, value] of attributes)
      if (name.startsWith('xmlns:')) prefixes.set(name.slice(6), value);
    for (const [name, value] of attributes) {
      const property = nameOf(name);
      if (property) keep(property, value);
    }
    if (open && !isEmpty) open.text = '';
    const property = open ? undefined : nameOf(tag);
    if (property && !isEmpty) open = { name: property, depth, text: '' };
    if (!isEmpty) depth += 1;
  }
  const first = (name: Wanted) => found.get(name)?.[0]?.trim() || null;
  const rating = Number(first('Rating') ?? Number.NaN);
  return {
    creatorTool: first('CreatorTool'),
    createDate: first('CreateDate'),
    digitalSourceType: first('DigitalSourceType'),
    recipeJson: first('Recipe'),
    userComment: first('UserComment'),
    description: first('description'),
    rating: Number.isFinite(rating) ? rating : null,
    label: first('Label'),
    keywords: (found.get('subject') ?? []).map((each) => each.trim()).filter((each) => each !== ''),
    problems: [...new Set(problems)],
  };
}

/** Comments, instructions, declarations, and text that is marked as such; null where an element begins. */
function passOver(
  text: string,
  start: number,
): { readonly end: number; readonly text: string; readonly isDeclaration: boolean } | null {
  const until = (closing: string, from: number) => {
    const found = text.indexOf(closing, from);
    return found < 0 ? text.length : found;
  };
  const passed = { text: '', isDeclaration: false };
  if (text.startsWith('<!--', start)) return { ...passed, end: until('-->', start + 4) + 3 };
  if (text.startsWith('<?', start)) return { ...passed, end: until('?>', start + 2) + 2 };
  if (text.startsWith('<![CDATA[', start)) {
    const end = until(']]>', start + 9);
    return { ...passed, text: text.slice(start + 9, end), end: end + 3 };
  }
  if (!text.startsWith('<!', start)) return null;
  const close = until('>', start);
  const bracket = text.slice(start, close).indexOf('[');
  return { text: '', isDeclaration: true, end: (bracket < 0 ? close : until(']>', start) + 1) + 1 };
}

/** Where the tag closes, past values in quotation marks; -1 if nowhere. */
function endOfTag(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '>') return at;
    if (sign === '"' || sign === "'") {
      at = text.indexOf(sign, at + 1);
      if (at < 0) return -1;
    }
  }
  return -1;
}

function readTag(
  inside: string,
  unescaped: (text: string) => string,
  most: number,
): {
  readonly name: string;
  readonly attributes: readonly (readonly [name: string, value: string])[];
} {
  const name = /^[^\s/>]*/.exec(inside)?.[0] ?? '';
  const attributes: [string, string][] = [];
  let at = name.length;
  for (let equals = inside.indexOf('=', at); equals >= 0; equals = inside.indexOf('=', at)) {
    let from = equals + 1;
    while (isSpace(inside[from])) from += 1;
    const quote = inside[from];
    const end = quote === '"' || quote === "'" ? inside.indexOf(quote, from + 1) : -1;
    if (end < 0 || attributes.length >= most) break;
    attributes.push([inside.slice(at, equals).trim(), unescaped(inside.slice(from + 1, end))]);
    at = end + 1;
  }
  return { name, attributes };
}

const isSpace = (sign: string | undefined) =>
  sign === ' ' || sign === '\n' || sign === '\r' || sign === '\t';

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** For the five entities of XML itself, and characters by their numbers; all others stay as they are. */
function createUnescaper(): (text: string) => string {
  const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([\da-f]{1,6}));/iy;
  let left = maxEntities;
  return (text) => {
    let plain = '';
    let from = 0;
    for (let at = text.indexOf('&'); at >= 0 && left > 0; at = text.indexOf('&', at + 1)) {
      left -= 1;
      entity.lastIndex = at;
      const [whole, name, decimal, hexadecimal] = entity.exec(text) ?? [];
      if (whole === undefined) continue;
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
      const sign = name === undefined ? characterOf(code) : entities[name.toLowerCase()];
      plain += text.slice(from, at) + (sign ?? whole);
      from = at + whole.length;
    }
    return plain + text.slice(from);
  };
}

function characterOf(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
