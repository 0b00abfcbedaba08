/** A line or more of text as pixels, in the system's own letters. */
import sharp from 'sharp';

/** Coverage of the letters: one byte a pixel, row by row; no pixels for an empty text. */
export interface Label {
  readonly alpha: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface LabelManner {
  /** Longer text is wrapped. */
  readonly maxWidth: number;
  /** Height of the letters, pixels. */
  readonly px: number;
  readonly isBold?: boolean;
  /** Of wrapped lines. */
  readonly align?: 'left' | 'centre' | 'right';
}

const families = 'Inter,Segoe UI,Helvetica Neue,Arial,sans';
const mostCharacters = 240;

export async function drawLabel(text: string, manner: LabelManner): Promise<Label> {
  const { maxWidth, px, isBold = false, align = 'left' } = manner;
  // Characters that XML has not would make the whole label unreadable.
  const shown = shortened(text.replaceAll(/[\p{Cc}\p{Cs}]+/gu, ' ').trim());
  if (shown === '') return { alpha: new Uint8Array(), width: 0, height: 0 };
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="white">${escaped(shown)}</span>`,
      font: `${families} ${isBold ? 'Bold ' : ''}${px}`,
      width: Math.floor(maxWidth),
      // Points are pixels then.
      dpi: 72,
      wrap: 'word-char',
      align,
      rgba: true,
    },
  })
    .extractChannel('alpha')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { alpha: data, width: info.width, height: info.height };
}

function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length > mostCharacters
    ? `${characters.slice(0, mostCharacters - 1).join('')}…`
    : text;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
