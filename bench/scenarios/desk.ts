/** The writing desk in the built window: a book-long scene and a long chat open, take keys, and take a model's words. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { browserLaunchOptions } from '../../e2e/fixtures/browser-binary.ts';
import { startLoopbackHost } from '../../e2e/fixtures/host.ts';
import { writeLongChat } from '../../e2e/fixtures/long-chat.ts';
import { StudioPage } from '../../e2e/pages/studio-page.ts';
import { openBenchStudio } from '../built-studio.ts';
import { median, type Figure, type Scenario } from '../figure.ts';
import { watchWindow, windowFigures, type Watched } from '../watched-window.ts';
import { chatFigures, turnsInChat } from './desk-chat.ts';

const wordsInScene = 300_000;
const wordsInParagraph = 60;
const openings = 3;
const keysTyped = 120;
const keyDelayMs = 40;

export const writingDesk: Scenario = {
  name: 'desk',
  async run() {
    const folder = mkdtempSync(path.join(tmpdir(), 'atelier-bench-desk-'));
    const folders = { data: path.join(folder, 'data'), library: path.join(folder, 'library') };
    try {
      await writeLongScene(folder);
      await writeLongChat(folders.library, turnsInChat);
      const host = await startLoopbackHost(folders);
      const browser = await chromium.launch(await browserLaunchOptions());
      try {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        await page.goto(host.url);
        const studio = new StudioPage(page);
        await studio.open('Write');
        await studio.editor.waitFor();
        return [
          await openLongScene(page),
          ...(await typeInLongScene(page, studio)),
          ...(await streamIntoLongScene(page, studio)),
          ...(await chatFigures(page, studio)),
        ];
      } finally {
        await browser.close();
        await host.stop();
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A project whose first scene is short and whose second is a book. */
async function writeLongScene(folder: string): Promise<void> {
  await using studio = await openBenchStudio(folder);
  const { client } = studio;
  const project = await client['projects.create']({ title: 'A long book' });
  const [chapter] = project.chapters;
  const [short] = chapter?.scenes ?? [];
  if (!chapter || !short) throw new Error('A new project has no scene.');
  const long = { ...short, id: crypto.randomUUID(), title: 'The book' };
  await client['projects.update']({
    id: project.id,
    revision: project.revision,
    changes: { chapters: [{ ...chapter, scenes: [{ ...short, title: 'Short' }, long] }] },
  });
  const place = { projectId: project.id, sceneId: long.id };
  const { revision } = await client['scenes.open'](place);
  const paragraphs = Array.from({ length: wordsInScene / wordsInParagraph }, (_, index) => ({
    type: 'paragraph',
    content: [{ type: 'text', text: paragraphOf(index) }],
  }));
  const size = paragraphs.reduce((sum, { content }) => sum + (content[0]?.text.length ?? 0) + 2, 0);
  await client['scenes.append']({
    ...place,
    revision,
    words: wordsInScene,
    changes: [
      {
        kind: 'node',
        node: {
          id: 1,
          parent: 0,
          at: Date.now(),
          kind: 'import',
          summary: 'A book',
          steps: [{ stepType: 'replace', from: 0, to: 2, slice: { content: paragraphs } }],
          inverse: [
            { stepType: 'replace', from: 0, to: size, slice: { content: [{ type: 'paragraph' }] } },
          ],
        },
      },
    ],
  });
}

const vocabulary =
  'the keeper of light had seen no ship since winter and spoke to gulls alone'.split(' ');

function paragraphOf(index: number): string {
  const words = Array.from(
    { length: wordsInParagraph },
    (_, place) => vocabulary[(index * 7 + place * 3) % vocabulary.length] ?? '',
  );
  return `${words.join(' ')}.`;
}

async function openLongScene(page: Page): Promise<Figure> {
  const samples: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) {
    samples.push((await openScene(page, 'The book')) / 1000);
    if (opening + 1 < openings) await openScene(page, 'Short');
  }
  return {
    name: `a scene of ${wordsInScene.toLocaleString('en')} words opens`,
    value: median(samples),
    unit: 's',
    limit: 1.5,
    samples,
    note: 'from the press in the outline to the frame after its first words',
  };
}

/** @returns how long it took until it was drawn, ms */
function openScene(page: Page, title: string): Promise<number> {
  return page.evaluate(async (title) => {
    const row = document.querySelector<HTMLElement>(`[role=treeitem][aria-label="${title}"]`);
    const before = document.querySelector('.ProseMirror');
    const startedAt = performance.now();
    row?.click();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (;;) {
      const editor = document.querySelector('.ProseMirror');
      if (editor && editor !== before) break;
      if (performance.now() - startedAt > 30_000) throw new Error(`${title} did not open.`);
      await frame();
    }
    await frame();
    await frame();
    return performance.now() - startedAt;
  }, title);
}

async function typeInLongScene(page: Page, studio: StudioPage): Promise<Figure[]> {
  const seen: Watched[] = [];
  for (const key of ['ControlOrMeta+Home', 'ControlOrMeta+End']) {
    await studio.editor.press(key);
    await page.waitForTimeout(800);
    const watch = await watchWindow(page);
    await page.keyboard.type('and so it went on '.repeat(keysTyped).slice(0, keysTyped), {
      delay: keyDelayMs,
    });
    seen.push(await watch.end());
  }
  return windowFigures(
    'while typing in it',
    seen,
    32,
    `${2 * keysTyped} keys, one in ${keyDelayMs} ms, at its beginning and its end`,
  );
}

async function streamIntoLongScene(page: Page, studio: StudioPage): Promise<Figure[]> {
  await studio.setNumber('Tokens', 400);
  await studio.editor.focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.getByRole('progressbar', { name: 'Writing' }).waitFor();
  await page.waitForTimeout(300);
  const watch = await watchWindow(page);
  const seconds = await page.evaluate(async () => {
    const startedAt = performance.now();
    while (document.querySelector('[role=progressbar][aria-label=Writing]')) {
      if (performance.now() - startedAt > 60_000) throw new Error('The model did not end.');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return (performance.now() - startedAt) / 1000;
  });
  const status = (await studio.writeNote.textContent()) ?? '';
  return windowFigures(
    'while a model writes into it',
    [await watch.end()],
    50,
    `${seconds.toFixed(1)} s of writing: ${status}`,
  );
}
