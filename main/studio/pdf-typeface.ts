/** Source Serif and, for code, Source Code Pro for PDF files, in the scripts that they have; all of it is embedded. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type PDFDocument from 'pdfkit';

export type Pdf = InstanceType<typeof PDFDocument>;

const proportional = ['400-normal', '400-italic', '700-normal', '700-italic'] as const;
/** Each file holds the glyphs of some scripts. */
const subsets = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'vietnamese'] as const;
/** Weight and style; `mono` for code. */
export type Face = (typeof proportional)[number] | 'mono';

export interface Typeface {
  /** From the top of a line to the base line of Source Serif, in thousandths of its size. */
  readonly ascender: number;
  /** A font that has this character; null if none does. */
  fontFor(face: Face, codePoint: number): string | null;
}

/** Puts all faces into the file; those that are not used take no room in it. */
export async function registerTypeface(pdf: Pdf): Promise<Typeface> {
  const coverage = new Map<string, (codePoint: number) => boolean>();
  async function register(packageFile: string, face: Face, faceOfFiles: string): Promise<void> {
    const folder = path.dirname(fileURLToPath(packageFile));
    for (const subset of subsets) {
      const name = `${subset}-${face}`;
      const file = `${path.basename(folder)}-${subset}-${faceOfFiles}.woff`;
      pdf.registerFont(name, await readFile(path.join(folder, 'files', file)));
      const { font: own } = fontOf(pdf.font(name));
      coverage.set(name, (codePoint) => own.hasGlyphForCodePoint(codePoint));
    }
  }
  const serif = import.meta.resolve('@fontsource/source-serif-4/package.json');
  const mono = import.meta.resolve('@fontsource/source-code-pro/package.json');
  for (const face of proportional) await register(serif, face, face);
  await register(mono, 'mono', '400-normal');

  function fontFor(face: Face, codePoint: number): string | null {
    const subset = subsets.find((own) => coverage.get(`${own}-${face}`)?.(codePoint));
    if (subset !== undefined) return `${subset}-${face}`;
    return face === 'mono' ? fontFor('400-normal', codePoint) : null;
  }
  return { ascender: fontOf(pdf.font('latin-400-normal')).ascender, fontFor };
}

interface LoadedFont {
  readonly ascender: number;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
}

/** The font that was chosen last; pdfkit's types do not tell it. */
function fontOf(pdf: Pdf): LoadedFont {
  return (pdf as unknown as { readonly _font: LoadedFont })._font;
}
