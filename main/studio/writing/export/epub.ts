/**
 * EPUB 3.3: one XHTML file a chapter, a navigation document, pictures as files.
 * Source: W3C, EPUB 3.3 (Recommendation of 2023); the container's first entry is `mimetype`, stored.
 */
import { zip, type AsyncZippable } from 'fflate';
import { colophonOf, isBlank, type Book, type BookPicture, type ExportContext } from './book.ts';
import { gatherPictures } from './gather-pictures.ts';
import { escapeXml, sceneToXhtml } from './xhtml.ts';

const style = `
body { margin: 0 5%; line-height: 1.5; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2em 0 1em; hyphens: none; }
p { margin: 0; }
p + p { text-indent: 1.5em; }
hr { border: 0; margin: 1.5em 0; text-align: center; }
hr::after { content: "* * *"; }
figure { margin: 1.5em 0; text-align: center; }
img { max-width: 100%; }
figcaption, .author, .colophon { font-size: 0.875em; }
blockquote { margin: 1em 1.5em; }
pre { white-space: pre-wrap; }
.title { text-align: center; margin-top: 30%; }
.by-model { text-decoration: underline; text-decoration-style: dotted; }
.by-model.edited { text-decoration-style: dashed; }
`.trim();

const container = `<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
  <rootfiles>
    <rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>
  </rootfiles>
</container>
`;

interface Page {
  readonly id: string;
  /** Empty for a page that the table of contents leaves out. */
  readonly title: string;
  readonly xhtml: string;
}

export async function writeEpub(book: Book, context: ExportContext): Promise<Uint8Array> {
  const pictures = await gatherPictures(book, context);
  const pages = pagesOf(book, pictures, context);
  const text = (content: string) => new TextEncoder().encode(content);
  const files: AsyncZippable = {
    mimetype: [text('application/epub+zip'), { level: 0 }],
    'META-INF/container.xml': text(container),
    'EPUB/package.opf': text(packageOf(book, pages, pictures)),
    'EPUB/navigation.xhtml': text(navigationOf(book, pages)),
    'EPUB/style.css': text(style),
    ...Object.fromEntries(pages.map(({ id, xhtml }) => [`EPUB/${id}.xhtml`, text(xhtml)])),
    ...Object.fromEntries(
      [...pictures].map(([hash, own]) => [
        `EPUB/${fileOf(hash, own)}`,
        [own.bytes, { level: 0 }] as [Uint8Array, { level: 0 }],
      ]),
    ),
  };
  context.signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    // A fixed time, so that the same book makes the same file.
    zip(files, { mtime: new Date(book.changedAt) }, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });
}

function fileOf(hash: string, { mimeType }: BookPicture): string {
  return `pictures/${hash}.${mimeType === 'image/png' ? 'png' : 'jpg'}`;
}

function pagesOf(
  book: Book,
  pictures: ReadonlyMap<string, BookPicture>,
  { origins, signal, onProgress }: ExportContext,
): readonly Page[] {
  const options = {
    pictureUrl: (hash: string) => {
      const found = pictures.get(hash);
      return found ? fileOf(hash, found) : null;
    },
    marksOrigins: origins === 'spans',
    headingLevel: 2,
  };
  const page = (id: string, title: string, body: string): Page => ({
    id,
    title,
    xhtml: xhtmlOf(book, title || book.title, body),
  });
  const author = book.author === '' ? '' : `\n<p class="author">${escapeXml(book.author)}</p>`;
  const first = page(
    'title',
    '',
    `<section class="title">\n<h1>${escapeXml(book.title)}</h1>${author}\n</section>`,
  );
  const chapters = book.chapters.map(({ title, scenes }, index) => {
    signal.throwIfAborted();
    const text = scenes
      .filter((scene) => !isBlank(scene))
      .map((scene) => sceneToXhtml(scene, options))
      .join('\n<hr />\n');
    onProgress(index + 1, book.chapters.length);
    const heading = title === '' ? '' : `<h1>${escapeXml(title)}</h1>\n`;
    return page(`chapter-${index + 1}`, title, `<section>\n${heading}${text}\n</section>`);
  });
  const colophon = origins === 'none' ? null : colophonOf(book);
  const last =
    colophon === null
      ? []
      : [page('colophon', '', `<section class="colophon"><p>${escapeXml(colophon)}</p></section>`)];
  return [first, ...chapters, ...last];
}

function xhtmlOf({ language }: Book, title: string, body: string): string {
  const code = escapeXml(language);
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="${code}" xml:lang="${code}">
<head>
<title>${escapeXml(title)}</title>
<link rel="stylesheet" type="text/css" href="style.css"/>
</head>
<body>
${body}
</body>
</html>
`;
}

function navigationOf(book: Book, pages: readonly Page[]): string {
  const titled = pages.filter(({ title }) => title !== '');
  // The list must not be empty.
  const listed = titled.length > 0 ? titled : [{ id: 'title', title: book.title }];
  const items = listed
    .map(({ id, title }) => `<li><a href="${id}.xhtml">${escapeXml(title)}</a></li>`)
    .join('\n');
  return xhtmlOf(
    book,
    book.title,
    `<nav epub:type="toc">\n<h1>${escapeXml(book.title)}</h1>\n<ol>\n${items}\n</ol>\n</nav>`,
  );
}

function packageOf(
  book: Book,
  pages: readonly Page[],
  pictures: ReadonlyMap<string, BookPicture>,
): string {
  const modified = new Date(book.changedAt).toISOString().replace(/\.\d+Z$/, 'Z');
  const manifest = [
    '<item id="navigation" href="navigation.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
    '<item id="style" href="style.css" media-type="text/css"/>',
    ...pages.map(
      ({ id }) => `<item id="${id}" href="${id}.xhtml" media-type="application/xhtml+xml"/>`,
    ),
    ...[...pictures].map(
      ([hash, own]) =>
        `<item id="picture-${hash}" href="${fileOf(hash, own)}" media-type="${own.mimeType}"/>`,
    ),
  ];
  const creator =
    book.author === '' ? '' : `\n    <dc:creator>${escapeXml(book.author)}</dc:creator>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="${escapeXml(book.language)}">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="id">urn:uuid:${escapeXml(book.id)}</dc:identifier>
    <dc:title>${escapeXml(book.title)}</dc:title>
    <dc:language>${escapeXml(book.language)}</dc:language>${creator}
    <meta property="dcterms:modified">${modified}</meta>
    <meta property="schema:accessMode">textual</meta>
    <meta property="schema:accessibilityFeature">structuralNavigation</meta>
    <meta property="schema:accessibilityHazard">none</meta>
  </metadata>
  <manifest>
    ${manifest.join('\n    ')}
  </manifest>
  <spine>
    ${pages.map(({ id }) => `<itemref idref="${id}"/>`).join('\n    ')}
  </spine>
</package>
`;
}
