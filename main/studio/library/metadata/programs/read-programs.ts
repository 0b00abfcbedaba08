/** Which program wrote a file's texts, and what it tells. */
import { isRecord, parseBoundedJson, textOf, type JsonRecord } from '../bounded-json.ts';
import type { RawText } from '../containers/container.ts';
import { parseParametersText } from '../parameters-text.ts';
import { isComfyUi, readComfyUi } from './comfyui.ts';
import { isDrawThings, readDrawThings } from './draw-things.ts';
import { isFooocus, readFooocus } from './fooocus.ts';
import { isInvokeAi, readDream, readInvokeAi, readOldInvokeAi } from './invokeai.ts';
import { isNovelAi, readNovelAi } from './novelai.ts';
import type { ProgramName } from '../../../../../contract/picture-facts.ts';
import { toldInWebUi, type Told } from './told.ts';

/** Characters. What is longer is kept as it is and not read for its meaning. */
const longestParameters = 2 ** 18;

/**
 * @param texts in the order of the file
 * @param problems is told of texts that look like settings and cannot be read
 * @returns null where none of them tells anything
 */
export function readPrograms(texts: readonly RawText[], problems: string[]): Told | null {
  const own = new Map(texts.map(({ place, text }) => [place, text]));
  // Nodes of ComfyUI that write the web UI's text as well have put the final values there.
  const parameters = own.get('png:parameters');
  const told =
    parameters === undefined ? null : readText('png:parameters', parameters, own, problems);
  if (told && told.pairs.size > 0) return told;
  for (const place of jsonPlaces) {
    const text = own.get(place);
    const found = text === undefined ? null : readText(place, text, own, problems);
    if (found) return found;
  }
  const graph = readComfyTexts(texts, problems);
  if (graph) return graph;
  const dream = own.get('png:Dream');
  const old = dream === undefined ? null : readDream(dream);
  if (old) return old;
  for (const { place, text } of texts) {
    if (!commentPlaces.has(place)) continue;
    const found = readText(place, text, own, problems);
    if (found) return found;
  }
  return told;
}

const jsonPlaces = ['png:invokeai_metadata', 'png:sd-metadata', 'png:Comment'] as const;

/** Where people and cameras write as well: a text there needs to look like settings. */
const commentPlaces: ReadonlySet<string> = new Set([
  'exif:UserComment',
  'xmp:UserComment',
  'exif:ImageDescription',
  'exif:XPComment',
  'xmp:description',
  'gif:comment',
  'jpeg:comment',
  'png:Description',
  'stealth:alpha',
  'stealth:rgb',
]);

function readText(
  place: string,
  text: string,
  own: ReadonlyMap<string, string>,
  problems: string[],
): Told | null {
  if (isObject(text)) {
    const { value, problem } = parseBoundedJson(text);
    if (problem !== null) problems.push(`The JSON of ${place} was not read: ${problem}.`);
    return isRecord(value) ? readJson(value, own, problems) : null;
  }
  if (text.length > longestParameters) {
    problems.push(`The text of ${place} is too long to be read for its meaning.`);
    return null;
  }
  const told = toldByWebUi(text);
  if (told || place !== 'png:parameters') return told;
  // Nothing but a prompt.
  return {
    program: 'web-ui',
    prompt: text.trim(),
    negativePrompt: '',
    here: null,
    pairs: new Map(),
    implied: {},
    loras: [],
    left: [],
  };
}

function isObject(text: string): boolean {
  return /^\s{0,100}\{\s{0,100}["}]/.test(text);
}

function readJson(
  value: JsonRecord,
  own: ReadonlyMap<string, string>,
  problems: string[],
): Told | null {
  if (isFooocus(value)) return readFooocus(value);
  if (isDrawThings(value)) return readDrawThings(value);
  if (isInvokeAi(value)) return readInvokeAi(value);
  if (isNovelAi(value)) return readNovelAi(value, own.get('png:Source') ?? null);
  const inner = textOf(value['Comment']);
  if (inner !== undefined) {
    // As NovelAI hides it in pixels: all its texts in one.
    const parsed = parseBoundedJson(inner).value;
    if (isRecord(parsed) && isNovelAi(parsed))
      return readNovelAi(parsed, textOf(value['Source']) ?? null);
  }
  if (isComfyUi(value)) return readComfyUi(value, problems);
  return readOldInvokeAi(value);
}

/** @returns null where the text has no line of parameters, or is longer than any that is meant */
export function toldByWebUi(text: string): Told | null {
  if (text.length > longestParameters) return null;
  const parsed = parseParametersText(text);
  return parsed.pairs.size === 0 ? null : toldInWebUi(programOf(parsed.pairs), parsed);
}

/** Under `prompt` and `workflow`; in EXIF behind these words and a colon, in one tag each. */
function readComfyTexts(texts: readonly RawText[], problems: string[]): Told | null {
  const graphs = new Map<string, unknown>();
  for (const { place, text } of texts) {
    const [, key = '', start = ''] = /^(prompt|workflow):(\s{0,10}\{)/i.exec(text) ?? [];
    const isPng = (place === 'png:prompt' || place === 'png:workflow') && isObject(text);
    const name = isPng ? place.slice('png:'.length) : key.toLowerCase();
    const isExif = place.startsWith('exif:') && start !== '';
    if ((!isPng && !isExif) || graphs.has(name)) continue;
    const { value, problem } = parseBoundedJson(isPng ? text : text.slice(key.length + 1));
    if (problem === null) graphs.set(name, value);
    else problems.push(`The graph of ${place} was not read: ${problem}.`);
  }
  for (const name of ['prompt', 'workflow']) {
    const graph = graphs.get(name);
    if (isRecord(graph) && isComfyUi(graph)) return readComfyUi(graph, problems);
  }
  return null;
}

function programOf(pairs: ReadonlyMap<string, string>): ProgramName {
  const version = pairs.get('Version') ?? '';
  if (/^Fooocus/i.test(version)) return 'fooocus';
  if (/^ComfyUI/i.test(version)) return 'comfyui';
  if (/^Atelier/i.test(version)) return 'atelier';
  return 'web-ui';
}
