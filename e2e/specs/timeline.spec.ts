import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('a finished picture is branched from one of its steps, by keyboard, with another prompt', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.generate('a red apple, 3d', 8);
  await expect(studio.newest).toHaveCount(1);
  const strip = page.getByRole('slider', { name: 'Steps of the picture' });
  await strip.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect(strip).toHaveAttribute('aria-valuetext', 'Step 3 of 8');
  await page.getByRole('button', { name: 'Branch from step 3' }).press('Enter');
  await expect(studio.prompt).toBeFocused();
  await expect(page.getByText('Goes on from step 3 of a picture')).toBeVisible();

  await studio.prompt.fill('a green pear, 3d');
  await page.keyboard.press('Control+Enter');
  await expect(studio.newest).toHaveCount(2);
  await expect(studio.status).toContainText('Ready');
  // The three steps before the branch were not drawn again.
  await expect(strip).toHaveAttribute('aria-valuemax', '8');
  await expect(strip.getByLabel('Step 3', { exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Remove the branch' }).click();
  await expect(page.getByText('Goes on from step 3')).toHaveCount(0);
});

test('a branch goes on with another sampler or seed, by keyboard, and the picture differs', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', 128);
  await studio.setNumber('Height', 128);
  await page.getByRole('combobox', { name: 'Sampler' }).selectOption('euler-ancestral');
  await studio.generate('a red apple, 3d', 6);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  const seen = new Set([await shownBytes(page)]);
  const changes = [
    () => page.getByRole('combobox', { name: 'Sampler' }).selectOption('euler'),
    () => page.getByRole('textbox', { name: 'Seed' }).fill('4711'),
  ];
  for (const [index, change] of changes.entries()) {
    await studio.newest.last().press('Enter');
    const strip = page.getByRole('slider', { name: 'Steps of the picture' });
    await strip.press('Home');
    await strip.press('ArrowRight');
    await page.getByRole('button', { name: 'Branch from step 2' }).press('Enter');
    await expect(page.getByText('Goes on from step 2 of a picture')).toBeVisible();
    await change();
    await page.keyboard.press('Control+Enter');
    await expect(studio.newest).toHaveCount(index + 2);
    await expect(studio.status).toContainText('Ready');
    seen.add(await shownBytes(page));
    expect(seen.size).toBe(index + 2);
  }
});

/** The shown picture's file, as text. */
function shownBytes(page: Page): Promise<string> {
  return page
    .getByRole('main')
    .locator('img[draggable="true"]')
    .evaluate(async (image: HTMLImageElement) => {
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      canvas.getContext('2d')?.drawImage(image, 0, 0);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())].join();
    });
}
