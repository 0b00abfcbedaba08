/** A chat of many turns in the built window. */
import type { Page } from '@playwright/test';
import type { StudioPage } from '../../e2e/pages/studio-page.ts';
import { median, type Figure } from '../figure.ts';
import { watchWindow, windowFigures, type Watched } from '../watched-window.ts';

export const turnsInChat = 2000;
const openings = 3;
const keysTyped = 120;
const keyDelayMs = 40;

/** @param page shows the desk; the long chat is the only one of the library */
export async function chatFigures(page: Page, studio: StudioPage): Promise<Figure[]> {
  const views = page.getByRole('radiogroup', { name: 'View' });
  const composer = page.getByRole('textbox', { name: /^Say something to/ });
  await views.getByText('Chat').click();
  await page.locator(`[data-turn="${turnsInChat - 1}"]`).waitFor();
  await page.getByRole('button', { name: 'Begin a chat' }).click();
  await page.getByRole('menuitem', { name: 'On its own' }).click();
  await page.getByRole('heading', { name: /^Say something to/ }).waitFor();

  const opened: number[] = [];
  const opening: Watched[] = [];
  for (let time = 0; time < openings; time += 1) {
    const watch = await watchWindow(page);
    opened.push((await openChat(page, 'A long talk')) / 1000);
    opening.push(await watch.end());
    await page
      .getByRole('button', { name: /^New chat/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /^Say something to/ }).waitFor();
  }
  await openChat(page, 'A long talk');

  const typing = await watchWindow(page);
  await composer.focus();
  await page.keyboard.type('and so it went on '.repeat(keysTyped).slice(0, keysTyped), {
    delay: keyDelayMs,
  });
  const typed = await typing.end();

  await composer.fill('');
  await composer.press('ArrowUp');
  const walking = await watchWindow(page);
  for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'PageDown', 'PageDown', 'End', 'ArrowUp']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(200);
  }
  const walked = await walking.end();

  await studio.setNumber('Tokens', 200);
  await composer.fill('And then?');
  await composer.press('Enter');
  await page.getByRole('progressbar', { name: 'Writing' }).waitFor();
  await page.waitForTimeout(300);
  const answering = await watchWindow(page);
  await page.getByRole('progressbar', { name: 'Writing' }).waitFor({ state: 'detached' });
  const answered = await answering.end();

  const turns = `${turnsInChat.toLocaleString('en')} turns`;
  return [
    {
      name: `a chat of ${turns} opens`,
      value: median(opened),
      unit: 's',
      limit: 0.5,
      samples: opened,
      note: 'from the press in the list to the frame after its last turn',
    },
    ...windowFigures('while the chat opens', opening, 100, `${openings} times`),
    ...windowFigures(
      'while typing in the chat',
      [typed],
      32,
      `${keysTyped} keys, one in ${keyDelayMs} ms`,
    ),
    ...windowFigures('while one walks from end to end of the chat', [walked], 50, 'by keyboard'),
    ...windowFigures('while a model answers in the chat', [answered], 50, '200 tokens'),
  ];
}

/** @returns how long it took until it was drawn, ms */
function openChat(page: Page, title: string): Promise<number> {
  return page.evaluate(
    async ([title, last]) => {
      const rows = [...document.querySelectorAll<HTMLElement>('[data-chat]')];
      const startedAt = performance.now();
      rows.find(({ textContent }) => textContent?.startsWith(title))?.click();
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      while (!document.querySelector(`[data-turn="${last}"]`)) {
        if (performance.now() - startedAt > 30_000) throw new Error(`${title} did not open.`);
        await frame();
      }
      await frame();
      await frame();
      return performance.now() - startedAt;
    },
    [title, turnsInChat - 1] as const,
  );
}
