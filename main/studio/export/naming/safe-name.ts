/**
 * Names that Windows, macOS and Linux all take, and keep apart.
 *
 * Promises: a name has no separator, no control or invisible character, none of `<>:"|?*`, no dot or space at an
 * end, is no device of Windows, and has at most 255 bytes of UTF-8 (and so at most 255 units of UTF-16) with its
 * ending; it is in composed form (NFC); making a safe name safe again changes nothing.
 * Source: "Naming Files, Paths, and Namespaces" of the Windows documentation.
 */

/** What every file system here takes for one name. */
const mostNameBytes = 255;

const devices = /^(?:con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=$|[. ])/i;
const refused = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]+/gu;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * @param keptBytes room for what is put behind it: a number, an ending
 * @param whenEmpty where nothing of the text can be in a name
 */
export function safeName(text: string, keptBytes = 0, whenEmpty = 'picture'): string {
  const allowed = text
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(refused, '-')
    .replaceAll(/\s+/g, ' ');
  const whole = withoutEnds(allowed);
  const named = devices.test(whole) ? `_${whole}` : whole;
  // A cut may end at a dot or a space.
  const cut = withoutEnds(cutToBytes(named, mostNameBytes - keptBytes));
  return cut === '' ? whenEmpty : cut;
}

/** At a grapheme's end, so that no letter loses its accent. @param most bytes of UTF-8 */
export function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  let kept = '';
  let bytes = 0;
  for (const { segment } of graphemes.segment(text)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > most) break;
    kept += segment;
  }
  return kept;
}

/** @param most graphemes */
export function cutToLength(text: string, most: number): string {
  let kept = '';
  let count = 0;
  for (const { segment } of graphemes.segment(text)) {
    count += 1;
    if (count > most) break;
    kept += segment;
  }
  return kept;
}

/** Equal for names that some file system takes for one: in any case, composed or not. */
export function nameKey(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

/** Dots in front would hide a file; dots and spaces at the end are lost on Windows. */
function withoutEnds(name: string): string {
  return name.replace(/^[. ]+/, '').replace(/[. ]+$/, '');
}
