import { expect, opening, test } from '../fixtures/writing.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('the model goes on at the cursor; one undo takes its words back, one redo puts them there again', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  await desk.setNumber('Tokens', 24);
  await page.getByRole('button', { name: /^Continue/ }).click();
  await expect(desk.writeNote).toContainText('24 tokens');
  const written = await desk.written();
  expect(written.startsWith(opening)).toBe(true);
  expect(written.length).toBeGreaterThan(60);
  await desk.editor.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe(opening);
  await desk.editor.press('ControlOrMeta+Shift+z');
  await expect.poll(() => desk.written()).toBe(written);
});

test('the model writes in the middle while the person types elsewhere', async ({ page, desk }) => {
  await page.keyboard.type(`${opening}\nThe end`);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('End');
  await desk.setNumber('Tokens', 60);
  await desk.editor.focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' of the story is mine.', { delay: 40 });
  await expect(desk.writeNote).toContainText('60 tokens');
  const lines = (await desk.written()).split('\n');
  expect(lines.at(-1)).toBe('The end of the story is mine.');
  expect(lines[0]?.startsWith(opening)).toBe(true);
  expect((await desk.written()).length).toBeGreaterThan(120);
});

test('Esc stops the model at once and keeps its words', async ({ page, desk }) => {
  await page.keyboard.type('It was a cold night, and');
  await desk.setNumber('Tokens', 2000);
  await desk.editor.press('ControlOrMeta+Enter');
  await expect.poll(async () => (await desk.written()).length).toBeGreaterThan(80);
  await page.keyboard.press('Escape');
  await expect(desk.writeNote).toContainText('Stopped');
  const kept = await desk.written();
  await page.waitForTimeout(500);
  expect(await desk.written()).toBe(kept);
});

test('what was typed survives a restart, with its history', async ({ desk, studio: host }) => {
  const { page } = desk;
  const words = 'Words that must not be lost: 猫, naïve, “quoted”.';
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

test('Markdown becomes what it means, typed and pasted', async ({ page, desk }) => {
  await page.keyboard.type('# Title\nSome **bold** and _slanted_ words\n> quoted\n\n\n- one\ntwo');
  await expect(desk.editor.getByRole('heading', { name: 'Title' })).toBeVisible();
  await expect(desk.editor.locator('strong')).toHaveText('bold');
  await expect(desk.editor.locator('em')).toHaveText('slanted');
  await expect(desk.editor.locator('blockquote')).toHaveText('quoted');
  await expect(desk.editor.locator('li')).toHaveText(['one', 'two']);
  await desk.editor.press('ControlOrMeta+a');
  await desk.editor.evaluate((element) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', '## Pasted\n\nOne *word* here\n\n***\n\nAnd another.');
    element.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
    );
  });
  await expect(desk.editor.getByRole('heading', { name: 'Pasted' })).toBeVisible();
  await expect(desk.editor.locator('em')).toHaveText('word');
  await expect(desk.editor.locator('hr')).toHaveCount(1);
});
