/**
 * A folder of pictures with pages to look at them in any browser, without a script.
 *
 * Promises: pages appear last, so that a gallery that is there is whole; nothing is loaded from elsewhere; every
 * picture has a text for those who do not see it; a page can be walked through with the keyboard alone.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExportSettings } from '../../../../contract/exports.ts';
import { StudioError } from '../../../../contract/errors.ts';
import { writeWhole } from '../../whole-file.ts';
import type { WrittenRecord } from '../jobs/file-journal.ts';
import { galleryFolders } from '../pictures/outputs.ts';
import { findPicture, type PicturePorts } from '../pictures/picture-ports.ts';
import { captionOf } from '../pictures/sidecars.ts';
import { galleryStyle } from './gallery-style.ts';
import { targetError } from './halt.ts';
import { inExportOrder, type PagedPicture } from './pages-of-records.ts';
import type { Target } from './target.ts';

const picturesOnPage = 120;
const styleName = 'gallery.css';

export interface WebGalleryOptions {
  readonly folder: string;
  readonly settings: ExportSettings;
  readonly ports: Pick<PicturePorts, 'get'>;
  readonly records: () => AsyncIterable<WrittenRecord>;
}

export function createWebGallery(
  target: Target,
  { folder, settings, ports, records }: WebGalleryOptions,
): Target {
  /** With the gallery's own colours and letters; the prompt is told only where everything may be. */
  async function figureOf({ id, name, file, width, height, index }: PagedPicture): Promise<string> {
    const picture = await findPicture(ports, id);
    const caption = picture ? captionOf(picture, settings.gallery.captions) : '';
    const prompt = picture && settings.metadata === 'full' ? captionOf(picture, 'prompt') : '';
    const alternative = prompt || caption || `Picture ${index + 1}`;
    const thumbnail = `${galleryFolders.thumbnails}/${name}.webp`;
    return [
      '<li><figure>',
      `<a href="${address(file)}"><img src="${address(thumbnail)}" width="${width}" height="${height}" alt="${escaped(alternative)}" loading="lazy" decoding="async"></a>`,
      ...(caption === '' ? [] : [`<figcaption>${escaped(caption)}</figcaption>`]),
      '</figure></li>',
    ].join('');
  }

  async function pageOf(
    pictures: readonly PagedPicture[],
    page: number,
    pages: number,
    total: number,
  ): Promise<string> {
    const { title, introduction, language } = settings.gallery;
    const figures: string[] = [];
    for (const picture of pictures) figures.push(await figureOf(picture));
    const shown = title.trim() || 'Gallery';
    const pageTitle = pages === 1 ? shown : `${shown}, page ${page} of ${pages}`;
    const links = navigation(page, pages);
    return [
      '<!doctype html>',
      `<html lang="${escaped(language)}">`,
      '<head>',
      '<meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width, initial-scale=1">',
      '<meta name="color-scheme" content="light dark">',
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'self' file:">`,
      `<title>${escaped(pageTitle)}</title>`,
      `<link rel="stylesheet" href="${styleName}">`,
      '</head>',
      '<body>',
      '<a class="skip" href="#pictures">Skip to the pictures</a>',
      '<header>',
      `<h1>${escaped(shown)}</h1>`,
      ...(introduction.trim() === '' ? [] : [`<p>${escaped(introduction.trim())}</p>`]),
      `<p class="count">${total === 1 ? '1 picture' : `${total} pictures`}</p>`,
      '</header>',
      '<main id="pictures" tabindex="-1">',
      `<ul class="pictures" role="list">`,
      ...figures,
      '</ul>',
      '</main>',
      links,
      '</body>',
      '</html>',
      '',
    ].join('\n');
  }

  async function write(name: string, content: string): Promise<void> {
    const file = path.join(folder, name);
    try {
      await writeWhole(file, content, settings.whenTaken === 'replace');
    } catch (error) {
      if (StudioError.from(error).code !== 'conflict') throw targetError(error, file);
      // An earlier run may have been ended between two pages.
      if ((await readFile(file, 'utf8').catch(() => null)) === content) return;
      throw new StudioError(
        'conflict',
        `There is another gallery in "${folder}". Choose an empty folder, or say that it may be replaced.`,
        { path: folder },
      );
    }
  }

  return {
    ...target,
    async finish(signal) {
      const pictures = await inExportOrder(records());
      const pages = Math.max(1, Math.ceil(pictures.length / picturesOnPage));
      await write(styleName, galleryStyle);
      // The first page last: who opens it finds all others.
      for (let page = pages; page >= 1; page -= 1) {
        signal.throwIfAborted();
        const shown = pictures.slice((page - 1) * picturesOnPage, page * picturesOnPage);
        await write(pageName(page), await pageOf(shown, page, pages, pictures.length));
      }
      return path.join(folder, pageName(1));
    },
  };
}

/** Names that only pages have. */
export const galleryIndex = 'index.html';

function pageName(page: number): string {
  return page === 1 ? galleryIndex : `page-${page}.html`;
}

function navigation(page: number, pages: number): string {
  if (pages === 1) return '';
  const item = (target: number) =>
    target === page
      ? `<li><a href="${pageName(target)}" aria-current="page">${target}</a></li>`
      : `<li><a href="${pageName(target)}">${target}</a></li>`;
  return [
    '<nav aria-label="Pages"><ul role="list">',
    ...(page > 1 ? [`<li><a rel="prev" href="${pageName(page - 1)}">Previous page</a></li>`] : []),
    ...Array.from({ length: pages }, (_, index) => item(index + 1)),
    ...(page < pages ? [`<li><a rel="next" href="${pageName(page + 1)}">Next page</a></li>`] : []),
    '</ul></nav>',
  ].join('\n');
}

function address(file: string): string {
  return escaped(file.split('/').map(encodeURIComponent).join('/'));
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
