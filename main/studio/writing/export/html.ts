/** One HTML file that holds everything: style, pictures, structure; no script. */
import { colophonOf, isBlank, type Book, type ExportContext } from './book.ts';
import { gatherPictures } from './gather-pictures.ts';
import { escapeXml, sceneToXhtml } from './xhtml.ts';

const style = `
:root { color-scheme: light dark; }
body { max-width: 34rem; margin: 4rem auto; padding: 0 1.5rem; font: 1.125rem/1.6 "Source Serif 4", Georgia, serif; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2.5em 0 1em; }
h1 { margin-top: 0; }
p { margin: 0; }
p + p { text-indent: 1.5em; }
hr { border: 0; margin: 2em 0; text-align: center; }
hr::after { content: "* * *"; }
figure { margin: 2em 0; text-align: center; }
img { max-width: 100%; height: auto; }
figcaption, .author, .colophon { font-size: 0.875em; opacity: 0.75; }
blockquote { margin: 1em 1.5em; }
pre { white-space: pre-wrap; }
.by-model { text-decoration: underline dotted 1px; text-underline-offset: 0.2em; }
.by-model.edited { text-decoration-style: dashed; }
`.trim();

export async function writeHtml(book: Book, context: ExportContext): Promise<Uint8Array> {
  const pictures = await gatherPictures(book, context);
  const options = {
    pictureUrl: (hash: string) => {
      const found = pictures.get(hash);
      return found
        ? `data:${found.mimeType};base64,${Buffer.from(found.bytes).toString('base64')}`
        : null;
    },
    marksOrigins: context.origins === 'spans',
    headingLevel: 3,
  };
  const chapters: string[] = [];
  for (const [index, { title, scenes }] of book.chapters.entries()) {
    context.signal.throwIfAborted();
    const heading = title === '' ? '' : `<h2>${escapeXml(title)}</h2>\n`;
    const text = scenes
      .filter((scene) => !isBlank(scene))
      .map((scene) => sceneToXhtml(scene, options))
      .join('\n<hr />\n');
    chapters.push(`<section id="chapter-${index + 1}">\n${heading}${text}\n</section>`);
    context.onProgress(index + 1, book.chapters.length);
  }
  const titled = book.chapters.flatMap(({ title }, index) =>
    title === '' ? [] : [`<li><a href="#chapter-${index + 1}">${escapeXml(title)}</a></li>`],
  );
  const contents = titled.length > 1 ? `<nav><ol>\n${titled.join('\n')}\n</ol></nav>\n` : '';
  const colophon = context.origins === 'none' ? null : colophonOf(book);
  const author = book.author === '' ? '' : `<p class="author">${escapeXml(book.author)}</p>\n`;
  return new TextEncoder().encode(`<!doctype html>
<html lang="${escapeXml(book.language)}">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>${escapeXml(book.title)}</title>
${book.author === '' ? '' : `<meta name="author" content="${escapeXml(book.author)}" />\n`}<style>
${style}
</style>
</head>
<body>
<header>
<h1>${escapeXml(book.title)}</h1>
${author}</header>
${contents}<main>
${chapters.join('\n')}
</main>
${colophon === null ? '' : `<footer class="colophon"><p>${escapeXml(colophon)}</p></footer>\n`}</body>
</html>
`);
}
