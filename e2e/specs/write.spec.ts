import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

const opening = 'Once upon a time there was a king who';

test('the model goes on at the cursor; one undo takes its words back, one redo puts them there again', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(opening);
  await studio.setNumber('Tokens', 24);
  await page.getByRole('button', { name: /^Continue/ }).click();
  await expect(studio.writeNote).toContainText('24 tokens');
  const written = await studio.written();
  expect(written.startsWith(opening)).toBe(true);
  expect(written.length).toBeGreaterThan(60);
  await studio.editor.press('ControlOrMeta+z');
  await expect.poll(() => studio.written()).toBe(opening);
  await studio.editor.press('ControlOrMeta+Shift+z');
  await expect.poll(() => studio.written()).toBe(written);
});

test('the model writes in the middle while the person types elsewhere', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(`${opening}\nThe end`);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  await studio.setNumber('Tokens', 60);
  await studio.editor.focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' of the story is mine.', { delay: 40 });
  await expect(studio.writeNote).toContainText('60 tokens');
  const lines = (await studio.written()).split('\n');
  expect(lines.at(-1)).toBe('The end of the story is mine.');
  expect(lines[0]?.startsWith(opening)).toBe(true);
  expect((await studio.written()).length).toBeGreaterThan(120);
});

test('Esc stops the model at once and keeps its words', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type('It was a cold night, and');
  await studio.setNumber('Tokens', 2000);
  await studio.editor.press('ControlOrMeta+Enter');
  await expect.poll(async () => (await studio.written()).length).toBeGreaterThan(80);
  await page.keyboard.press('Escape');
  await expect(studio.writeNote).toContainText('Stopped');
  const kept = await studio.written();
  await page.waitForTimeout(500);
  expect(await studio.written()).toBe(kept);
});

test('what was typed survives a restart, with its history', async ({ page, studio: host }) => {
  const words = 'Words that must not be lost: 猫, naïve, “quoted”.';
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(words);
  await page.waitForTimeout(1_100);
  await page.keyboard.type(' And more.');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const again = new StudioPage(await host.restart());
  await again.open('Write');
  await expect.poll(() => again.written()).toBe(`${words} And more.`);
  await again.editor.press('ControlOrMeta+z');
  await expect.poll(() => again.written()).toBe(words);
  await again.editor.press('ControlOrMeta+Shift+z');
  await expect.poll(() => again.written()).toBe(`${words} And more.`);
});

test('Markdown becomes what it means, typed and pasted', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type('# Title\nSome **bold** and _slanted_ words\n> quoted\n\n\n- one\ntwo');
  await expect(studio.editor.getByRole('heading', { name: 'Title' })).toBeVisible();
  await expect(studio.editor.locator('strong')).toHaveText('bold');
  await expect(studio.editor.locator('em')).toHaveText('slanted');
  await expect(studio.editor.locator('blockquote')).toHaveText('quoted');
  await expect(studio.editor.locator('li')).toHaveText(['one', 'two']);
  await studio.editor.press('ControlOrMeta+a');
  await studio.editor.evaluate((element) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '## Pasted\n\nOne *word* here\n\n***\n\nAnd another.');
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  });
  await expect(studio.editor.getByRole('heading', { name: 'Pasted' })).toBeVisible();
  await expect(studio.editor.locator('em')).toHaveText('word');
  await expect(studio.editor.locator('hr')).toHaveCount(1);
});
