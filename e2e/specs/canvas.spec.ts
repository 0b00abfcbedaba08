import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

const sidePx = 128;

/** A picture of one's own as the source of the next. */
async function chooseSource(page: Page): Promise<Buffer> {
  const levels = Uint8Array.from({ length: sidePx ** 2 * 3 }, (_, index) => (index * 7) % 251);
  const pixels = Buffer.from(levels);
  const raw = { width: sidePx, height: sidePx, channels: 3 } as const;
  const png = await sharp(pixels, { raw }).png().toBuffer();
  await page.getByText('From a picture', { exact: true }).click();
  await page
    .getByLabel('Picture to start from')
    .setInputFiles({ name: 'source.png', mimeType: 'image/png', buffer: png });
  await expect(page.getByText(`${sidePx} × ${sidePx}`)).toBeVisible();
  return pixels;
}

/** The newest picture's file, RGB. */
async function newestPixels(page: Page): Promise<Buffer> {
  const bytes = await page
    .getByRole('main')
    .locator('img[draggable="true"]')
    .evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      return [...new Uint8Array(await (await fetch(image.src)).arrayBuffer())];
    });
  return sharp(Buffer.from(bytes)).removeAlpha().raw().toBuffer();
}

/** Most that a channel differs, within columns of the picture. */
function mostDifference(a: Buffer, b: Buffer, from: number, to: number): number {
  let most = 0;
  for (let y = 0; y < sidePx; y += 1) {
    for (let index = (y * sidePx + from) * 3; index < (y * sidePx + to) * 3; index += 1)
      most = Math.max(most, Math.abs((a[index] ?? 0) - (b[index] ?? 0)));
  }
  return most;
}

test('what a mask covers is made anew and the rest is kept, by pointer', async ({
  page,
  studio: host,
}) => {
  let studio = new StudioPage(page);
  await studio.setNumber('Width', sidePx);
  await studio.setNumber('Height', sidePx);
  const before = await chooseSource(page);
  await studio.setNumber('Strength', 1);
  await page.getByRole('button', { name: 'Paint a mask…' }).click();
  const canvas = page.getByRole('application', { name: 'Mask canvas' });
  await expect(canvas).toBeFocused();

  // A stroke, taken back and made again.
  const box = await canvas.boundingBox();
  if (!box) throw new Error('The canvas has no place.');
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  await studio.setNumber('Size', 20);
  await page.mouse.move(middle.x, middle.y);
  await page.mouse.down();
  await page.mouse.move(middle.x + 20, middle.y + 10, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: 'Undo the stroke' })).toBeDisabled();
  await page.keyboard.press('Control+Shift+z');
  await expect(page.getByRole('button', { name: 'Redo the stroke' })).toBeDisabled();

  // A lasso around the right half, far beyond its edges.
  await page.keyboard.press('l');
  await expect(page.getByRole('button', { name: 'Lasso' })).toHaveAttribute('aria-pressed', 'true');
  await page.mouse.move(middle.x, box.y + 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 2, box.y + 2);
  await page.mouse.move(box.x + box.width - 2, box.y + box.height - 2);
  await page.mouse.move(middle.x, box.y + box.height - 2);
  await page.mouse.up();
  await page.mouse.wheel(0, -240);
  await expect(page.getByRole('status', { name: 'Zoom' })).not.toHaveText('400 %');
  await page.keyboard.press('0');
  await expectNothingSerious(page, 'the canvas');
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('button', { name: 'Edit mask…' })).toBeFocused();
  await studio.setNumber('Mask blur', 2);

  // It is all still there when the studio starts again.
  await page.waitForTimeout(600);
  const again = await host.restart();
  studio = new StudioPage(again);
  await expect(again.getByRole('button', { name: 'Edit mask…' })).toBeVisible();
  await expect(studio.number('Mask blur')).toHaveValue('2');
  await studio.generate('a red apple, 3d', 4);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  const after = await newestPixels(again);
  expect(mostDifference(before, after, 0, 40)).toBe(0);
  expect(mostDifference(before, after, 80, 128)).toBeGreaterThan(40);

  // Its source and the result lie over each other.
  await again.getByRole('button', { name: 'Compare' }).click();
  const border = again.getByRole('slider', { name: 'Border between Source and Result' });
  await border.focus();
  await again.keyboard.press('Home');
  await again.keyboard.press('Shift+ArrowRight');
  await expect(border).toHaveAttribute('aria-valuenow', '10');
  const frame = await border.locator('..').boundingBox();
  if (!frame) throw new Error('The comparison has no place.');
  await again.mouse.move(frame.x + frame.width * 0.2, frame.y + 50);
  await again.mouse.down();
  await again.mouse.move(frame.x + frame.width * 0.75, frame.y + 60);
  await again.mouse.up();
  await expect(border).toHaveAttribute('aria-valuenow', '75');
  await expectNothingSerious(again, 'the canvas');
  await again.keyboard.press('Escape');
  await expect(border).toHaveCount(0);
});

test('a mask is painted and the picture drawn without a pointer', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', sidePx);
  await studio.setNumber('Height', sidePx);
  const before = await chooseSource(page);
  await studio.setNumber('Strength', 1);
  await page.getByRole('button', { name: 'Paint a mask…' }).press('Enter');
  const canvas = page.getByRole('application', { name: 'Mask canvas' });
  await expect(canvas).toBeFocused();

  // The lasso's corners: from the middle of the upper edge around the right half.
  await page.keyboard.press('l');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Shift+ArrowDown');
  for (const [key, presses] of [
    ['Shift+ArrowUp', 1],
    ['Shift+ArrowRight', 1],
    ['Shift+ArrowDown', 2],
    ['Shift+ArrowLeft', 1],
  ] as const) {
    await page.keyboard.press('Space');
    for (let count = 0; count < presses; count += 1) await page.keyboard.press(key);
  }
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Lasso closed')).toBeAttached();

  // Brush strokes with the pen set down; then all of it is taken back and made again.
  await page.keyboard.press('b');
  await page.keyboard.press('[');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.press('x');
  await expect(page.getByRole('button', { name: 'Eraser' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.keyboard.press('Control+z');
  await expect(page.getByRole('button', { name: 'Undo the stroke' })).toBeEnabled();
  await page.keyboard.press('i');
  await page.keyboard.press('i');

  // Sending closes the editor and takes the mask along.
  await studio.prompt.fill('a red apple, 3d');
  await page.keyboard.press('Control+Enter');
  await expect(canvas).toHaveCount(0);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  const after = await newestPixels(page);
  expect(mostDifference(before, after, 0, 24)).toBe(0);
  expect(mostDifference(before, after, 80, 128)).toBeGreaterThan(40);
});

test('a result dragged onto the panel becomes the input, and two of the gallery are compared', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', sidePx);
  await studio.setNumber('Height', sidePx);
  await studio.generate('a red apple, 3d', 2);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  await studio.newest.first().dragTo(page.getByText('From a picture', { exact: true }));
  await expect(page.getByRole('button', { name: 'Remove the picture' })).toBeVisible();

  await page.keyboard.press('Control+Enter');
  await expect(studio.newest).toHaveCount(2);
  await expect(studio.status).toContainText('Ready');
  await studio.open('Gallery');
  await studio.pictures.first().click();
  await studio.pictures.nth(1).click({ modifiers: ['Shift'] });
  await page.keyboard.press('c');
  await expect(page.getByRole('dialog', { name: 'Compare' }).getByRole('figure')).toHaveCount(2);
  await page.keyboard.press('o');
  const border = page.getByRole('slider', { name: /^Border between/ });
  await expect(border).toBeVisible();
  await border.press('End');
  await expect(border).toHaveAttribute('aria-valuenow', '100');
  await page.keyboard.press('Escape');
  await expect(border).toHaveCount(0);

  // The newest was drawn from the other, so alone it lies over that.
  await studio.pictures.first().click();
  await page.keyboard.press('Space');
  await page.keyboard.press('c');
  await expect(
    page.getByRole('slider', { name: 'Border between Source and Result' }),
  ).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(border).toHaveCount(0);
  await expect(page.getByRole('dialog', { name: 'Preview' })).toBeVisible();
});

test('a mask, its history and the view are there again after a restart', async ({
  page,
  studio: host,
}) => {
  await chooseSource(page);
  await page.getByRole('button', { name: 'Paint a mask…' }).press('Enter');
  const canvas = page.getByRole('application', { name: 'Mask canvas' });
  await expect(canvas).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.press('i');
  await page.keyboard.press('Control+z');
  await page.keyboard.press('+');
  await expect(page.getByRole('status', { name: 'Zoom' })).toHaveText('500 %');
  await expect(page.getByRole('button', { name: 'Redo the stroke' })).toBeEnabled();
  await page.waitForTimeout(2500);

  const again = await host.restart();
  await expect(again.getByRole('application', { name: 'Mask canvas' })).toBeVisible();
  await expect(again.getByRole('status', { name: 'Zoom' })).toHaveText('500 %');
  const undo = again.getByRole('button', { name: 'Undo the stroke' });
  const redo = again.getByRole('button', { name: 'Redo the stroke' });
  await redo.press('Enter');
  await expect(redo).toBeDisabled();
  await undo.press('Enter');
  await undo.press('Enter');
  await expect(undo).toBeDisabled();
  await again.getByRole('button', { name: 'Done' }).press('Enter');
  // All of it undone, nothing is painted, and so there is no mask.
  await expect(again.getByRole('button', { name: 'Paint a mask…' })).toBeVisible();
});
