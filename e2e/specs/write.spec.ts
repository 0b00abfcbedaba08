import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('the model continues the page, and one undo takes its words back', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.fill('Once upon a time there was a king who');
  await studio.setNumber('Tokens', 24);
  await page.getByRole('button', { name: /^Continue/ }).click();
  await expect(studio.writeNote).toContainText('24 tokens');
  const written = await studio.editor.inputValue();
  expect(written.startsWith('Once upon a time there was a king who')).toBe(true);
  expect(written.length).toBeGreaterThan(60);
  await studio.editor.press('ControlOrMeta+z');
  await expect(studio.editor).toHaveValue('Once upon a time there was a king who');
});

test('Esc stops the model at once and keeps its words', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.fill('It was a cold night, and');
  await studio.setNumber('Tokens', 2000);
  await studio.editor.press('ControlOrMeta+Enter');
  await expect.poll(async () => (await studio.editor.inputValue()).length).toBeGreaterThan(80);
  await page.keyboard.press('Escape');
  await expect(studio.writeNote).toContainText('Stopped');
  const kept = await studio.editor.inputValue();
  await page.waitForTimeout(500);
  expect(await studio.editor.inputValue()).toBe(kept);
});

test('the page survives a restart', async ({ page, studio: host }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.fill('Words that must not be lost: 猫, naïve, “quoted”.');
  await page.waitForTimeout(1500);
  const again = new StudioPage(await host.restart());
  await again.open('Write');
  await expect(again.editor).toHaveValue('Words that must not be lost: 猫, naïve, “quoted”.');
});
