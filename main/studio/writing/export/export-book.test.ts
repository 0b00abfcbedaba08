import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { DOMParser as XmlParser } from 'linkedom';
import mammoth from 'mammoth';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StudioError } from '../../../../contract/errors.ts';
import { createMarkdownReader } from '../../../../contract/prose/read-markdown.ts';
import { Run } from '../../../../contract/scenes.ts';
import { documentSchema } from '../document-schema.ts';
import { readDocument } from '../import/read-document.ts';
import type { Book, ExportContext, OriginProfile } from './book.ts';
import { exportBook, type DocumentFormat } from './export-book.ts';

const runId = '0b7e1d5e-2a0c-4d5a-9a3c-6f7e8d9c0b1a';
const hash = 'ab'.repeat(32);
const gone = 'cd'.repeat(32);
const scene = createMarkdownReader(documentSchema);

const book: Book = {
  id: '5f0c3c1e-7f4f-4d3a-9d5e-0a1b2c3d4e5f',
  title: 'The <Long> Winter & "After"',
  author: 'Ada Writer',
  language: 'en',
  changedAt: Date.UTC(2026, 0, 2),
  chapters: [
    {
      title: 'One: Arrival',
      scenes: [
        scene(
          `It was *cold*, **very** cold; <span data-run="${runId}">and nobody came.</span>\n\n1. First\n2. Second\n\n![a cat](pictures/${hash}.png "Under the tree")`,
        ),
        scene('Another scene, Привет, 5 < 6 & more.\n\n> Quoted\n\n```\nif (a < b) {}\n```'),
        scene(''),
      ],
    },
    { title: 'Two', scenes: [scene(`Done.\n\n![lost](pictures/${gone}.png)`)] },
  ],
  runs: new Map([
    [
      runId,
      Run.parse({
        id: runId,
        at: 0,
        task: 'continue',
        modelId: 'm',
        modelName: 'Tiny Prose',
        modelHash: 'e'.repeat(64),
        sampling: {},
        seed: 1,
      }),
    ],
  ]),
};

let folder: string;
let picture: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-export-'));
  picture = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'teal' } })
    .png()
    .toBuffer();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Outcome {
  readonly file: string;
  readonly warnings: readonly string[];
  readonly progress: readonly number[];
}

interface Wish {
  readonly origins?: OriginProfile;
  readonly signal?: AbortSignal;
  readonly own?: Book;
  readonly name?: string;
}

async function write(format: DocumentFormat, wish: Wish = {}): Promise<Outcome> {
  const { origins = 'colophon', own = book, name = `${format}-${origins}` } = wish;
  const { signal = new AbortController().signal } = wish;
  const file = path.join(folder, name);
  const warnings: string[] = [];
  const progress: number[] = [];
  const context: ExportContext = {
    signal,
    origins,
    picture: (wanted) =>
      Promise.resolve(
        wanted === hash ? { bytes: picture, mimeType: 'image/png', width: 40, height: 30 } : null,
      ),
    onProgress: (done) => void progress.push(done),
    warn: (message) => void warnings.push(message),
  };
  await exportBook(own, { format, path: file, replaces: true, pageSize: 'a5' }, context);
  return { file, warnings, progress };
}

describe('EPUB', () => {
  it('is a container whose parts are well-formed, listed and in order', async () => {
    const { file, warnings, progress } = await write('epub', { origins: 'spans' });
    const bytes = await readFile(file);
    // The first entry is `mimetype`, stored: reading systems look at byte 38.
    expect(bytes.toString('latin1', 30, 58)).toBe('mimetypeapplication/epub+zip');
    const entries = unzipSync(bytes);
    const text = (name: string) => new TextDecoder().decode(entries[name]);
    const opf = new XmlParser().parseFromString(text('EPUB/package.opf'), 'text/xml');
    const hrefs = [...opf.querySelectorAll('manifest item')].map(
      (item) => `EPUB/${String(item.getAttribute('href'))}`,
    );
    expect(new Set(hrefs)).toEqual(
      new Set(
        Object.keys(entries).filter(
          (name) => name.startsWith('EPUB/') && name !== 'EPUB/package.opf',
        ),
      ),
    );
    expect(opf.querySelector('metadata')?.textContent).toContain(book.title);
    expect(text('EPUB/navigation.xhtml')).toContain('One: Arrival');
    expect(text('EPUB/chapter-1.xhtml')).toContain(`data-run="${runId}"`);
    expect(text('EPUB/chapter-2.xhtml')).toContain('[lost]');
    expect(text('EPUB/colophon.xhtml')).toContain('Tiny Prose (eeeeeeeeeeee)');
    expect(warnings).toHaveLength(1);
    expect(progress).toEqual([1, 2]);
  });

  it('is the same file for the same book', async () => {
    const first = await readFile((await write('epub')).file);
    const second = await readFile((await write('epub', { name: 'again.epub' })).file);
    expect(second.equals(first)).toBe(true);
  });

  it('passes EPUBCheck, where that is installed', async (context) => {
    const jar = process.env['EPUBCHECK_JAR'] ?? '/usr/share/java/epubcheck.jar';
    const java = await promisify(execFile)('java', ['-version']).then(
      () => true,
      () => false,
    );
    const hasJar = await readFile(jar).then(
      () => true,
      () => false,
    );
    context.skip(!java || !hasJar, 'EPUBCheck or Java is not installed');
    const { file } = await write('epub', { origins: 'spans', name: 'checked.epub' });
    const { stdout } = await promisify(execFile)('java', ['-jar', jar, file]);
    expect(stdout).toContain('No errors or warnings detected');
  }, 60_000);
});

describe('DOCX', () => {
  it('is read by another program with its structure, marks and picture', async () => {
    const { file } = await write('docx');
    const { value, messages } = await mammoth.convertToHtml({ path: file });
    expect(messages.filter(({ type }) => type === 'error')).toEqual([]);
    expect(value).toContain('<h1>One: Arrival</h1>');
    expect(value).toContain('<em>cold</em>');
    expect(value).toContain('<strong>very</strong>');
    expect(value).toContain('<ol><li>First</li><li>Second</li></ol>');
    expect(value).toMatch(/<img alt="a cat" src="data:image\/png/);
    expect(value).toContain('5 &lt; 6 &amp; more.');
    expect(value).toContain('Tiny Prose');
  });

  it('is read back as chapters', async () => {
    const { file } = await write('docx', { name: 'back.docx' });
    const { chapters } = await readDocument(file);
    expect(chapters.map(({ title }) => title)).toEqual(
      expect.arrayContaining(['One: Arrival', 'Two']),
    );
  });
});

describe('PDF', () => {
  it('shows its text and its outline to another program', async () => {
    const { file, warnings } = await write('pdf');
    const loading = getDocument({ data: new Uint8Array(await readFile(file)), verbosity: 0 });
    const pdf = await loading.promise;
    const outline = await pdf.getOutline();
    expect(outline.map(({ title }) => title)).toEqual(['One: Arrival', 'Two']);
    let text = '';
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const { items } = await (await pdf.getPage(number)).getTextContent();
      text += items.map((item) => ('str' in item ? item.str : '')).join('');
    }
    expect(text).toContain('Привет');
    expect(text.replaceAll(/\s/g, '')).toContain('andnobodycame.');
    expect(text).toContain('if (a < b) {}');
    expect(warnings.join(' ')).toContain('not in the library any more');
    await loading.destroy();
  });

  it('keeps the lines of code in their order, whatever scripts they are in', async () => {
    const code = scene('```\nif (a) {\n\t// четыре, four\n}\n```\n\nAfter.');
    const own = { ...book, chapters: [{ title: '', scenes: [code] }] };
    const { file } = await write('pdf', { own, name: 'code.pdf', origins: 'none' });
    const loading = getDocument({ data: new Uint8Array(await readFile(file)), verbosity: 0 });
    const { items } = await (await (await loading.promise).getPage(2)).getTextContent();
    const pieces = items.flatMap((item) =>
      'str' in item && item.str.trim() !== ''
        ? [{ text: item.str.trim(), line: Math.round(Number(item.transform[5])) }]
        : [],
    );
    const lines = [...Map.groupBy(pieces, ({ line }) => line).values()].map((line) =>
      line.map(({ text }) => text).join(' '),
    );
    expect(lines.slice(0, 4)).toEqual(['if (a) {', '// четыре , four', '}', 'After.']);
    await loading.destroy();
  });

  it('embeds every font it uses, that of code too', async (context) => {
    const pdffonts = promisify(execFile);
    const isThere = await pdffonts('pdffonts', ['-v']).then(
      () => true,
      () => false,
    );
    context.skip(!isThere, 'pdffonts (poppler-utils) is not installed');
    const { file } = await write('pdf', { origins: 'spans', name: 'fonts.pdf' });
    const { stdout } = await pdffonts('pdffonts', [file]);
    const fonts = stdout
      .split('\n')
      .slice(2)
      .filter((line) => line !== '');
    // Name, type, encoding, embedded, subset, unicode, object.
    const embedded = fonts.map((line) =>
      /(?<emb>yes|no) +(?:yes|no) +(?:yes|no) +\d+ +\d+$/.exec(line),
    );
    expect(embedded.map((found) => found?.groups?.['emb'])).toEqual(fonts.map(() => 'yes'));
    expect(fonts.join('\n')).toMatch(/SourceCodePro/);
    expect(fonts.length).toBeGreaterThan(3);
  });

  it('says which characters its fonts have not', async () => {
    const own = { ...book, chapters: [{ title: '', scenes: [scene('A 猫 sat.')] }] };
    const { warnings } = await write('pdf', { own, name: 'cat.pdf' });
    expect(warnings).toEqual([expect.stringContaining('猫')]);
  });
});

describe('HTML, Markdown and plain text', () => {
  it('hold the words, and nothing that runs', async () => {
    const own = {
      ...book,
      chapters: [
        {
          title: '<script>',
          scenes: [
            documentSchema.node('doc', null, [
              documentSchema.node('paragraph', null, [
                documentSchema.text('A <b>', [
                  documentSchema.mark('link', { href: 'javascript:alert(1)' }),
                ]),
              ]),
            ]),
          ],
        },
      ],
    };
    const html = await readFile((await write('html', { own, name: 'safe.html' })).file, 'utf8');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('javascript:');
    expect(html).toContain('&lt;b&gt;');
  });

  it('tell where words came from only if asked', async () => {
    for (const format of ['html', 'markdown'] as const) {
      const plain = await readFile((await write(format, { origins: 'none' })).file, 'utf8');
      expect(plain).not.toContain(runId);
      expect(plain).not.toContain('Tiny Prose');
      const marked = await readFile((await write(format, { origins: 'spans' })).file, 'utf8');
      expect(marked).toContain(`data-run="${runId}"`);
      expect(marked).toContain('Tiny Prose');
    }
  });

  it('come back from Markdown with chapters, text and pictures', async () => {
    const { file } = await write('markdown', { origins: 'none', name: 'back.md' });
    expect(await readdir(path.join(folder, 'pictures'))).toEqual([`${hash}.png`]);
    const { title, chapters } = await readDocument(file);
    expect(title).toBe(book.title);
    expect(chapters.map((chapter) => chapter.title)).toContain('One: Arrival');
    const one = chapters.find((chapter) => chapter.title === 'One: Arrival')?.text;
    expect(one?.textContent).toContain('It was cold, very cold; and nobody came.');
  });

  it('hold everything in plain text', async () => {
    const text = await readFile((await write('text')).file, 'utf8');
    expect(text).toContain('[Under the tree]');
    expect(text).toContain('* * *');
  });
});

describe('An export', () => {
  it('replaces nothing unless told to, and leaves nothing behind when it is cancelled', async () => {
    const file = path.join(folder, 'kept.md');
    await writeFile(file, 'mine');
    const context: ExportContext = {
      signal: new AbortController().signal,
      origins: 'none',
      picture: () => Promise.resolve(null),
      onProgress: () => {},
      warn: () => {},
    };
    const target = { format: 'text', path: file, replaces: false, pageSize: 'a5' } as const;
    await expect(exportBook(book, target, context)).rejects.toMatchObject({ code: 'conflict' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    const before = await readdir(folder);
    await expect(
      write('epub', { signal: AbortSignal.abort(), name: 'cancelled.epub' }),
    ).rejects.toThrow();
    expect(await readdir(folder)).toEqual(before);
  });
});

describe('Reading', () => {
  const read = async (name: string, content: string | Uint8Array) => {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return readDocument(file);
  };

  it('takes what is no text of a scene by its words, and runs nothing', async () => {
    const { title, chapters } = await read(
      'page.html',
      '<html><head><title>x</title><script>boom()</script></head><body><h1>T</h1><h2>A</h2><p>one <b>two</b></p><table><tr><td>cell</td></tr></table><h2>B</h2>loose words<script>boom()</script></body></html>',
    );
    expect(title).toBe('T');
    expect(chapters.map((chapter) => [chapter.title, chapter.text.textContent])).toEqual([
      ['A', 'one twocell'],
      ['B', 'loose words'],
    ]);
  });

  it('reads plain text in the encodings of old programs', async () => {
    const { chapters } = await read(
      'old.txt',
      Buffer.from('Caf\u00e9 one.\r\n\r\nTwo,\r\nstill two.', 'latin1'),
    );
    expect(chapters[0]?.text.textBetween(0, chapters[0].text.content.size, '|')).toBe(
      'Café one.|Two, still two.',
    );
    const wide = await read('wide.txt', Buffer.from('\ufeff猫', 'utf16le'));
    expect(wide.chapters[0]?.text.textContent.trim()).toContain('猫');
  });

  it('refuses what is damaged or no text, naming the file', async () => {
    for (const [name, content, code] of [
      ['broken.docx', 'no zip', 'bad-request'],
      ['book.pdf', '%PDF', 'unsupported'],
    ] as const) {
      const failed = await read(name, content).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(StudioError);
      expect(failed).toMatchObject({ code, message: expect.stringContaining(name) as string });
    }
    await expect(readDocument(path.join(folder, 'none.md'))).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
