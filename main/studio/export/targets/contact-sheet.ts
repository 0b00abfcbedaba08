/**
 * Pictures side by side on the pages of a PDF.
 *
 * Promises: the file grows beside its place and appears whole; pictures lie in the export's own folder until then,
 * so that a later run makes none of them again; memory does not grow with the number of pages.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
// Its types know the default export alone.
// oxlint-disable-next-line import/no-named-as-default
import PDFDocument from 'pdfkit';
import sharp from 'sharp';
import type { ExportSettings } from '../../../../contract/exports.ts';
import { drawLabel } from '../../grids/label.ts';
import { registerTypeface, type Pdf, type Typeface } from '../../pdf-typeface.ts';
import type { WrittenRecord } from '../jobs/file-journal.ts';
import { findPicture, type PicturePorts } from '../pictures/picture-ports.ts';
import { captionOf } from '../pictures/sidecars.ts';
import { appearUnder } from './appear.ts';
import { targetError } from './halt.ts';
import { inExportOrder } from './pages-of-records.ts';
import type { Target } from './target.ts';

export interface ContactSheetOptions {
  readonly exportId: string;
  /** Where the finished cells lie. */
  readonly cells: string;
  /** Of the PDF, with its ending. */
  readonly path: string;
  readonly createdAt: number;
  readonly settings: ExportSettings;
  readonly ports: Pick<PicturePorts, 'get'>;
  readonly records: () => AsyncIterable<WrittenRecord>;
}

const pointsPerMm = 72 / 25.4;
/** Between cells, and from a picture to its caption. Points. */
const gap = 10;
const captionSize = 7.5;
const captionRoom = 12;
const titleSize = 14;
const titleRoom = 26;
/** The face of captions; characters that it lacks are drawn in the system's letters. */
const face = '400-normal';
/** Pixels for each point of letters that are drawn. */
const labelScale = 4;

export function createContactSheet(cells: Target, options: ContactSheetOptions): Target {
  const folder = path.dirname(options.path);
  const unfinished = path.join(folder, `.${options.exportId}-sheet.part`);
  return {
    ...cells,
    async finish(signal) {
      try {
        await mkdir(folder, { recursive: true });
        await writeSheet(unfinished, options, signal);
        const written = await appearUnder(unfinished, options.path, options.settings.whenTaken);
        await rm(options.cells, { recursive: true, force: true });
        return written;
      } catch (error) {
        await rm(unfinished, { force: true }).catch(() => {});
        throw signal.aborted ? error : targetError(error, folder);
      }
    },
    async discard() {
      await rm(unfinished, { force: true });
      await rm(options.cells, { recursive: true, force: true });
    },
  };
}

async function writeSheet(
  file: string,
  { settings, createdAt, cells, ports, records }: ContactSheetOptions,
  signal: AbortSignal,
): Promise<void> {
  const { sheet } = settings;
  const margin = sheet.marginMm * pointsPerMm;
  const title = sheet.title.trim();
  const pdf = new PDFDocument({
    size: sheet.page.toUpperCase(),
    layout: sheet.orientation,
    margin,
    autoFirstPage: false,
    displayTitle: title !== '',
    info: {
      ...(title === '' ? {} : { Title: title }),
      // What a page tells is its captions; nothing else is asked for.
      Producer: '',
      Creator: '',
      CreationDate: new Date(createdAt),
    },
  });
  const written = pipeline(pdf, createWriteStream(file), { signal });
  // It is awaited below; a failure meanwhile must not count as nobody's.
  written.catch(() => {});
  const typeface = await registerTypeface(pdf);
  const onPage = sheet.columns * sheet.rows;
  const pictures = await inExportOrder(records());
  for (const [index, picture] of pictures.entries()) {
    signal.throwIfAborted();
    if (index % onPage === 0) await beginPage(pdf, typeface, settings, margin);
    const cell = cellAt(pdf, settings, margin, index % onPage);
    const bytes = await readFile(path.join(cells, ...picture.file.split('/')));
    const captionHeight = sheet.captions === 'none' ? 0 : captionRoom;
    pdf.image(bytes, cell.x, cell.y, {
      fit: [cell.width, cell.height - captionHeight],
      align: 'center',
      valign: 'center',
    });
    const known = sheet.captions === 'none' ? null : await findPicture(ports, picture.id);
    const caption = known ? captionOf(known, sheet.captions) : '';
    await writeLine(pdf, typeface, oneLine(caption), {
      x: cell.x,
      y: cell.y + cell.height - captionHeight + 2,
      width: cell.width,
      size: captionSize,
      ink: inkOn(sheet.background),
      align: 'center',
    });
  }
  if (pictures.length === 0) await beginPage(pdf, typeface, settings, margin);
  pdf.end();
  await written;
  const whole = await open(file, 'r+');
  try {
    await whole.sync();
  } finally {
    await whole.close();
  }
}

async function beginPage(
  pdf: Pdf,
  typeface: Typeface,
  { sheet }: ExportSettings,
  margin: number,
): Promise<void> {
  pdf.addPage();
  if (sheet.background.toLowerCase() !== '#ffffff')
    pdf.rect(0, 0, pdf.page.width, pdf.page.height).fill(sheet.background);
  await writeLine(pdf, typeface, sheet.title.trim(), {
    x: margin,
    y: margin,
    width: pdf.page.width - 2 * margin,
    size: titleSize,
    ink: inkOn(sheet.background),
    align: 'left',
  });
}

function cellAt(pdf: Pdf, { sheet }: ExportSettings, margin: number, place: number) {
  const top = margin + (sheet.title.trim() === '' ? 0 : titleRoom);
  const width = (pdf.page.width - 2 * margin - (sheet.columns - 1) * gap) / sheet.columns;
  const height = (pdf.page.height - top - margin - (sheet.rows - 1) * gap) / sheet.rows;
  return {
    x: margin + (place % sheet.columns) * (width + gap),
    y: top + Math.floor(place / sheet.columns) * (height + gap),
    // Many columns on a small page leave nothing between them.
    width: Math.max(4, width),
    height: Math.max(captionRoom + 4, height),
  };
}

interface LinePlace {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly ink: string;
  readonly align: 'left' | 'center';
}

async function writeLine(pdf: Pdf, typeface: Typeface, text: string, place: LinePlace) {
  if (text === '') return;
  const fonts = Array.from(text, (character) =>
    /\s/.test(character) ? null : (typeface.fontFor(face, character.codePointAt(0) ?? 0) ?? ''),
  );
  const used = new Set(fonts.filter((font) => font !== null));
  const [only] = used;
  if (used.size === 1 && only !== undefined && only !== '') {
    pdf
      .font(only)
      .fontSize(place.size)
      .fillColor(place.ink)
      .text(text, place.x, place.y, {
        width: place.width,
        height: place.size * 1.4,
        align: place.align,
        ellipsis: true,
        lineBreak: true,
      });
    return;
  }
  await drawLine(pdf, text, place);
}

/** Several fonts, or none: as the system draws it. */
async function drawLine(pdf: Pdf, text: string, { x, y, width, size, ink, align }: LinePlace) {
  const label = await drawLabel(text, { maxWidth: 100_000, px: Math.round(size * labelScale) });
  if (label.width === 0) return;
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(ink.slice(at, at + 2), 16));
  const most = Math.min(label.width, Math.floor(width * labelScale));
  const png = await sharp({
    create: {
      width: label.width,
      height: label.height,
      channels: 3,
      background: { r: red ?? 0, g: green ?? 0, b: blue ?? 0 },
    },
  })
    .joinChannel(Buffer.from(label.alpha), {
      raw: { width: label.width, height: label.height, channels: 1 },
    })
    .extract({ left: 0, top: 0, width: most, height: label.height })
    .png()
    .toBuffer();
  const shown = most / labelScale;
  pdf.image(png, align === 'center' ? x + (width - shown) / 2 : x, y, { width: shown });
}

/** Dark on light and light on dark. */
function inkOn(background: string): string {
  const [red = 255, green = 255, blue = 255] = [1, 3, 5].map((at) =>
    Number.parseInt(background.slice(at, at + 2), 16),
  );
  return red * 0.299 + green * 0.587 + blue * 0.114 > 140 ? '#222222' : '#eeeeee';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
}
