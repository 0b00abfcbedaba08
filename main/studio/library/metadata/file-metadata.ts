/**
 * All that a picture file tells of itself, whichever program made it and in whichever format.
 *
 * Promises: no pixel is decoded but where a text is hidden in them; any bytes are taken, nothing is
 * thrown; what was refused or is damaged is told, and the raw text is kept where it can be read at all.
 * Time and memory are bounded, see `text-budget.ts` and `bounded-json.ts`.
 */
import type { Recipe } from '../../../../contract/images.ts';
import type { ProgramName } from '../../../../contract/picture-facts.ts';
import type { FileFormat, RawText } from './containers/container.ts';
import { readContainer } from './containers/read-container.ts';
import { readExif } from './exif-directories.ts';
import { parametersOf, parseRecipe } from './picture-metadata.ts';
import { parseParametersText } from './parameters-text.ts';
import { readPrograms, toldByWebUi } from './programs/read-programs.ts';
import { toldInWebUi, type Told } from './programs/told.ts';
import { readStealthText } from './stealth.ts';
import { createTextBudget } from './text-budget.ts';
import { decodeText, decodeWide } from './text-encodings.ts';
import { understoodOf, type Understood } from './understood.ts';
import { readXmp, type XmpProperties } from './xmp-reader.ts';

export interface FileMetadata {
  readonly format: FileFormat;
  /** Pixels, as the header claims; null where it is damaged. */
  readonly width: number | null;
  readonly height: number | null;
  readonly rawTexts: readonly RawText[];
  /** `other` where the file says that a model made it, and not which program. Null where nothing is known. */
  readonly program: ProgramName | null;
  /** What was told, as the reader of `reusable-settings.ts` takes it; null where nothing was. */
  readonly told: Told | null;
  readonly understood: Understood | null;
  /** Of a picture of our own that was written with it. */
  readonly recipe: Recipe | null;
  /** The text of the web UI, as it stands in the file, wherever that is. */
  readonly parameters: string | null;
  /** Milliseconds since 1970; times without a zone are taken as those of Greenwich. */
  readonly createdAt: number | null;
  /** An address of IPTC's vocabulary. */
  readonly digitalSourceType: string | null;
  /** Stars, label and keywords of XMP. */
  readonly rating: number | null;
  readonly label: string | null;
  readonly keywords: readonly string[];
  /** In sentences for people. */
  readonly problems: readonly string[];
}

/**
 * Everything, also what is hidden in the pixels of a PNG file that tells nothing otherwise.
 * @param bytes the whole file; not modified
 * @returns null if it is none of PNG, JPEG, WebP, AVIF, GIF and TIFF
 */
export async function readForeignMetadata(bytes: Uint8Array): Promise<FileMetadata | null> {
  const plain = readFileMetadata(bytes);
  if (plain?.format !== 'png' || plain.told) return plain;
  const { text, problem } = await readStealthText(bytes);
  const problems = [...plain.problems, ...(problem === null ? [] : [problem])];
  return text === null ? { ...plain, problems } : withHiddenText({ ...plain, problems }, text);
}

export function isHiddenText({ place }: Pick<RawText, 'place'>): boolean {
  return place.startsWith('stealth:');
}

/** @param text as it was found in the pixels of a picture that tells nothing otherwise */
export function withHiddenText(plain: FileMetadata, text: RawText): FileMetadata {
  const problems = [...plain.problems];
  const told = readPrograms([text], problems);
  return {
    ...plain,
    rawTexts: [...plain.rawTexts, text],
    problems,
    told,
    program: told?.program ?? plain.program,
    understood: told && understoodOf(told),
    parameters: plain.parameters ?? parametersIn([text]),
  };
}

/** The same at once, without what is hidden in pixels. */
export function readFileMetadata(bytes: Uint8Array): FileMetadata | null {
  const budget = createTextBudget();
  const container = readContainer(bytes, budget);
  if (!container) return null;
  const exif = container.exif && readExif(container.exif, budget);
  const problems = [...container.problems, ...(exif?.problems ?? [])];
  const rawTexts = [...container.texts, ...(exif?.texts ?? [])];
  const packets: XmpProperties[] = [];
  for (const packet of [...container.xmp, ...(exif?.xmp ? [exif.xmp] : [])]) {
    // The texts of PNG files, of which this is one, are counted already.
    if (container.format !== 'png' && !budget.take(packet.length)) {
      problems.push('The XMP packet is too long; it was not read.');
      continue;
    }
    const text = isWide(packet) ? decodeWide(packet, true) : decodeText(packet);
    rawTexts.push({ place: 'xmp', text });
    if (packet.length <= longestPacket) packets.push(readXmp(text));
    else problems.push('The XMP packet is too long to be read for its meaning.');
  }
  problems.push(...packets.flatMap((packet) => packet.problems));
  const first = <Key extends keyof XmpProperties>(key: Key) =>
    packets.map((packet) => packet[key]).find((value) => value !== null) ?? null;

  const size = container.size ?? exif?.size ?? null;
  const claim = size && sizeProblem(size.width, size.height);
  if (claim !== null) problems.push(claim);
  if (!size) problems.push('The size of the picture cannot be read: the file is damaged.');

  const recipeJson =
    container.texts.find(({ place }) => place === 'png:atelier')?.text ?? first('recipeJson');
  const recipe = parseRecipe(recipeJson);
  if (recipeJson !== null && !recipe) problems.push('The recipe of Atelier in it cannot be read.');
  const readable = [...rawTexts, ...hiddenInXmp(packets)];
  const told = recipe
    ? toldInWebUi('atelier', parseParametersText(parametersOf(recipe)))
    : readPrograms(readable, problems);
  const digitalSourceType = first('digitalSourceType');
  const isSynthetic = /trainedAlgorithmicMedia$/i.test(digitalSourceType ?? '');
  return {
    format: container.format,
    width: size?.width ?? null,
    height: size?.height ?? null,
    rawTexts,
    program: told?.program ?? (isSynthetic ? 'other' : null),
    told,
    understood: told && understoodOf(told),
    recipe,
    parameters: parametersIn(rawTexts),
    createdAt: recipe?.createdAt ?? timeOf(first('createDate')) ?? exifTime(rawTexts),
    digitalSourceType,
    rating: first('rating'),
    label: first('label'),
    keywords: packets.flatMap(({ keywords }) => keywords),
    problems: [...new Set(problems)].slice(0, mostProblems),
  };
}

const mostProblems = 100;

/** Bytes. Longer packets hold pictures, such as maps of depth. */
const longestPacket = 2 ** 20;

/** Pixels that sharp opens at most, unless told otherwise. */
const mostPixels = 0x3fff * 0x3fff;

/** @returns null for a size that can be opened, else a sentence for people */
export function sizeProblem(width: number, height: number): string | null {
  if (width * height <= mostPixels) return null;
  const shown = (figure: number) => figure.toLocaleString('en-US');
  return (
    `The file claims to be ${shown(width)} × ${shown(height)} pixels large. ` +
    `Pictures of more than ${shown(Math.floor(mostPixels / 1e6))} million pixels are not opened.`
  );
}

/** UTF-16, which XMP may be written in: it begins with a mark, or every other byte is zero. */
function isWide(packet: Uint8Array): boolean {
  const [first, second] = packet;
  return (
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    first === 0 ||
    second === 0
  );
}

function hiddenInXmp(packets: readonly XmpProperties[]): readonly RawText[] {
  return packets.flatMap(({ userComment, description }) => [
    ...(userComment === null ? [] : [{ place: 'xmp:UserComment', text: userComment }]),
    ...(description === null ? [] : [{ place: 'xmp:description', text: description }]),
  ]);
}

const parametersPlaces: ReadonlySet<string> = new Set([
  'png:parameters',
  'exif:UserComment',
  'gif:comment',
  'jpeg:comment',
  'stealth:alpha',
  'stealth:rgb',
]);

function parametersIn(texts: readonly RawText[]): string | null {
  const found = texts.find(
    ({ place, text }) =>
      parametersPlaces.has(place) && (place === 'png:parameters' || toldByWebUi(text) !== null),
  );
  return found?.text ?? null;
}

function exifTime(texts: readonly RawText[]): number | null {
  const own = (name: string) => texts.find(({ place }) => place === `exif:${name}`)?.text ?? null;
  const original = own('DateTimeOriginal');
  const time = original ?? own('DateTime');
  const zone = original === null ? own('OffsetTime') : own('OffsetTimeOriginal');
  const [, year, month, day, clock] =
    /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(time ?? '') ?? [];
  if (year === undefined) return null;
  const offset = /^[+-]\d\d:\d\d$/.test(zone ?? '') ? zone : 'Z';
  return timeOf(`${year}-${month}-${day}T${clock}${offset}`);
}

/** @returns null for what is no time, or before 1970 */
function timeOf(text: string | null): number | null {
  const [, stamp, zone] =
    /^(\d{4}-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?)?)(Z|[+-]\d\d:\d\d)?$/.exec(
      text ?? '',
    ) ?? [];
  if (stamp === undefined) return null;
  const time = Date.parse(stamp.includes('T') ? `${stamp}${zone ?? 'Z'}` : stamp);
  return Number.isFinite(time) && time >= 0 ? time : null;
}
