/** Source Serif for PDF files, in the scripts that it has. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type PDFDocument from 'pdfkit';

export type Pdf = InstanceType<typeof PDFDocument>;

const weights = ['400', '700'] as const;
const styles = ['normal', 'italic'] as const;
/** Each file holds the glyphs of some scripts. */
const subsets = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'vietnamese'] as const;
export type Face = `${(typeof weights)[number]}-${(typeof styles)[number]}`;

export interface Typeface {
  /** A font that has this character; null if none does. */
  fontFor(face: Face, codePoint: number): string | null;
}

/** Puts all faces into the file; those that are not used take no room in it. */
export async function registerTypeface(pdf: Pdf): Promise<Typeface> {
  const folder = path.join(
    path.dirname(fileURLToPath(import.meta.resolve('@fontsource/source-serif-4/package.json'))),
    'files',
  );
  const coverage = new Map<string, (codePoint: number) => boolean>();
  for (const weight of weights)
    for (const style of styles)
      for (const subset of subsets) {
        const name = `${subset}-${weight}-${style}`;
        pdf.registerFont(name, await readFile(path.join(folder, `source-serif-4-${name}.woff`)));
        const font = pdf.font(name) as unknown as {
          _font: { font: { hasGlyphForCodePoint(codePoint: number): boolean } };
        };
        const { font: own } = font._font;
        coverage.set(name, (codePoint) => own.hasGlyphForCodePoint(codePoint));
      }
  return {
    fontFor(face, codePoint) {
      const subset = subsets.find((own) => coverage.get(`${own}-${face}`)?.(codePoint));
      return subset === undefined ? null : `${subset}-${face}`;
    },
  };
}
