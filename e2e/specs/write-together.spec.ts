/** A person and a model write in one scene at once: what each did is undone on its own. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

const opening = 'Once upon a time there was a king who';
const base = `${opening}\nMine.`;

/** The model writes in the first paragraph, and the caret stands in the last one. */
async function writeTogether(page: Page): Promise<StudioPage> {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(`${opening}\nMine.`);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  await studio.setNumber('Tokens', 2000);
  await studio.editor.press('ControlOrMeta+Enter');
  await expect
    .poll(async () => (await studio.written()).length, { intervals: [50] })
    .toBeGreaterThan(base.length + 20);
  await page.keyboard.press('ControlOrMeta+End');
  return studio;
}

/** Until the model has written on, or has found an ending by itself. */
async function expectGrowth(studio: StudioPage): Promise<void> {
  const stop = studio.page.getByRole('button', { name: 'Stop', exact: true });
  const { length } = await studio.written();
  await expect
    .poll(async () => (await studio.written()).length > length + 20 || !(await stop.isVisible()), {
      intervals: [50],
    })
    .toBe(true);
}

const lastLine = async (studio: StudioPage) => (await studio.written()).split('\n').at(-1);

/** What the model wrote, without the paragraphs it made. */
async function runOf(studio: StudioPage): Promise<string> {
  return (await studio.editor.locator('[data-run]').allTextContents()).join('');
}

test('typing is undone and redone while the model goes on', async ({ page }) => {
  const studio = await writeTogether(page);
  await page.keyboard.type(' One');
  // What is typed after a second is another change.
  await page.waitForTimeout(1200);
  await page.keyboard.type(' two');
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => lastLine(studio)).toBe('Mine. One');
  await expectGrowth(studio);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => lastLine(studio)).toBe('Mine. One two');
  await expectGrowth(studio);
  await page.keyboard.press('ControlOrMeta+z');
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => lastLine(studio)).toBe('Mine.');
});

test('the whole run is undone in one step, which ends it, and redone with every word', async ({
  page,
}) => {
  const studio = await writeTogether(page);
  await page.keyboard.type(' One two');
  await expect.poll(() => lastLine(studio)).toBe('Mine. One two');
  await expectGrowth(studio);
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => lastLine(studio)).toBe('Mine.');
  const before = await runOf(studio);
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => studio.written()).toBe(base);
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0);
  await page.waitForTimeout(500);
  expect(await studio.written()).toBe(base);

  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => studio.written()).not.toBe(base);
  const whole = await runOf(studio);
  expect(whole.startsWith(before)).toBe(true);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect.poll(() => lastLine(studio)).toBe('Mine. One two');
  expect(await runOf(studio)).toBe(whole);
});

test('the history shows one run and what was typed meanwhile, also after a restart', async ({
  page,
  studio: host,
}) => {
  const studio = await writeTogether(page);
  await page.keyboard.type(' One two', { delay: 120 });
  await expectGrowth(studio);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Stop', exact: true })).toHaveCount(0);
  const whole = await studio.written();
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();

  const next = await host.restart();
  const again = new StudioPage(next);
  await again.open('Write');
  await expect.poll(() => again.written()).toBe(whole);
  await again.editor.focus();
  await next.keyboard.press('ControlOrMeta+Shift+h');
  const history = next.getByRole('listbox', { name: 'History of the scene' });
  const options = history.getByRole('option');
  await expect(options).toHaveText([/One two/, /\S/, /Once upon/, /Empty page/]);
  await expect(history.getByRole('option', { name: /^Written by the model/ })).toHaveCount(1);

  await again.editor.press('ControlOrMeta+z');
  await expect.poll(() => lastLine(again)).toBe('Mine.');
  expect((await again.written()).length).toBe(whole.length - ' One two'.length);
  await again.editor.press('ControlOrMeta+z');
  await expect.poll(() => again.written()).toBe(base);
  await again.editor.press('ControlOrMeta+Shift+z');
  await again.editor.press('ControlOrMeta+Shift+z');
  await expect.poll(() => again.written()).toBe(whole);
});

test('a run that has said nothing yet is what the first undo takes back', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(opening);
  await studio.setNumber('Tokens', 2000);
  await studio.editor.focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(studio.writeNote).toContainText('Stopped');
  await page.waitForTimeout(500);
  expect(await studio.written()).toBe(opening);
});
