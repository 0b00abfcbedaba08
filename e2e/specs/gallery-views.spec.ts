/** What opens over the gallery: comparison, viewer, slideshow, lineage, likeness, duplicates. */
import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { Recipe } from '../../contract/images.ts';
import { embedRecipe } from '../../main/studio/library/metadata/picture-metadata.ts';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { fillLibrary } from '../fixtures/filled-library.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

async function openGallery(page: Page, pictures: number): Promise<StudioPage> {
  const studio = new StudioPage(page);
  await expect(studio.prompt).toBeVisible();
  await page.keyboard.press('ControlOrMeta+3');
  await expect(page.getByRole('toolbar', { name: 'Gallery' }).getByRole('status')).toHaveText(
    `${pictures} pictures`,
  );
  await expect(studio.pictures.first()).toHaveAccessibleName(/number/);
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('Home');
  return studio;
}

test.describe('with a dozen pictures', () => {
  test.beforeEach(async ({ folders }) => {
    await fillLibrary(folders.library, 12);
  });

  test('pictures are compared side by side: rated, swapped, taken out', async ({ page }) => {
    const studio = await openGallery(page, 12);
    for (let more = 0; more < 3; more += 1) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog', { name: 'Compare' });
    await expect(dialog.getByRole('figure')).toHaveCount(4);
    await expect(dialog.getByRole('row', { name: /^Seed/ })).toHaveAttribute('data-differs', '');
    await expect(dialog.getByRole('row', { name: /^Steps/ })).not.toHaveAttribute('data-differs');
    await expect(dialog.locator('ins').first()).toBeVisible();
    await expectNothingSerious(page, 'a comparison');
    const name = await dialog.getByRole('figure').first().getAttribute('aria-label');
    await page.keyboard.press('s');
    await expect(dialog.getByRole('figure').nth(1)).toHaveAttribute('aria-label', name ?? '');
    await page.keyboard.press('5');
    await expect(dialog.getByRole('figure').nth(1).getByLabel('Rating: 5 of 5')).toBeVisible();
    const scales = () =>
      dialog
        .locator('[data-pane] img')
        .evaluateAll((images) =>
          images.map((image) => new DOMMatrix(getComputedStyle(image).transform).a),
        );
    const before = await scales();
    await page.keyboard.press('+');
    const after = await scales();
    after.forEach((scale, at) => expect(scale / (before[at] ?? 1)).toBeCloseTo(1.5));
    await page.keyboard.press('Delete');
    await expect(dialog.getByRole('figure')).toHaveCount(3);
    await page.keyboard.press('Escape');
    await expect(studio.pictures.first()).toHaveAccessibleName(/5 stars/);
  });

  test('one picture is looked at closely, then the next', async ({ page }) => {
    const studio = await openGallery(page, 12);
    await page.keyboard.press('Space');
    const dialog = page.getByRole('dialog', { name: 'Preview' });
    await expect(dialog.getByText('1 of 12')).toBeVisible();
    await page.keyboard.press('i');
    await expect(dialog.getByLabel('How the picture was made')).toContainText('Euler a');
    await expectNothingSerious(page, 'the viewer');
    await page.keyboard.press('ArrowRight');
    await expect(dialog.getByText('2 of 12')).toBeVisible();
    await page.keyboard.press('x');
    await page.keyboard.press('t');
    await page.keyboard.type('sea');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('a');
    await page.keyboard.type('Cover');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Put into an album' })).toHaveCount(0);
    await page.keyboard.press('Space');
    await expect(dialog).toHaveCount(0);
    await expect(studio.pictures.nth(1)).toHaveAccessibleName(/rejected/);
    await expect(studio.pictures.nth(1)).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('button', { name: 'Album Cover, 1' })).toBeVisible();
    await expect(
      page.getByLabel('Details of the picture').getByRole('button', { name: 'sea', exact: true }),
    ).toBeVisible();
  });

  test('a slideshow is paused, walked and rated', async ({ page }) => {
    const studio = await openGallery(page, 12);
    await page.keyboard.press('f');
    const dialog = page.getByRole('dialog', { name: 'Slideshow' });
    await page.keyboard.press('Space');
    await expect(dialog.getByRole('button', { name: 'Go on' })).toBeVisible();
    await expectNothingSerious(page, 'the slideshow');
    await expect(dialog.getByRole('img')).toBeVisible();
    await page.keyboard.press('4');
    await page.keyboard.press('ArrowRight');
    await expect(dialog.getByText('2 of 12')).toBeVisible();
    await page.keyboard.press('f');
    await expect(dialog).toHaveCount(0);
    await expect(studio.pictures.first()).toHaveAccessibleName(/4 stars/);
  });

  test('pictures like one are found, and left again', async ({ page }) => {
    await openGallery(page, 12);
    await page.keyboard.press('s');
    await expect(page.getByRole('button', { name: 'Leave similar pictures' })).toBeVisible();
    await expectNothingSerious(page, 'similar pictures');
    await page.getByRole('button', { name: 'Leave similar pictures' }).click();
    await expect(page.getByRole('toolbar', { name: 'Gallery' }).getByRole('status')).toHaveText(
      '12 pictures',
    );
  });
});

test('the same file twice is found, and all but the best goes to the trash in one step', async ({
  folders,
  studio: host,
}) => {
  await fillLibrary(folders.library, 4);
  const [file = ''] = globSync('images/**/*.png', { cwd: folders.library });
  const place = path.join(folders.library, file);
  await copyFile(place, path.join(path.dirname(place), 'copy-of-it.png'));
  const page = await host.restart();
  await openGallery(page, 5);
  await page.getByRole('button', { name: 'Duplicates' }).click();
  const dialog = page.getByRole('dialog', { name: 'Duplicates' });
  await expect(dialog.getByRole('checkbox')).toHaveCount(2);
  await expectNothingSerious(page, 'duplicates');
  await dialog.getByRole('button', { name: /^Trash the rest of all/ }).click();
  const status = page.getByRole('toolbar', { name: 'Gallery' }).getByRole('status');
  await expect(status).toHaveText('4 pictures');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(status).toHaveText('5 pictures');
});

test('what came from what is shown, and walked by arrow keys', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.generate('a red apple, 3d', 2);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  await studio.newest.first().dragTo(page.getByText('From a picture', { exact: true }));
  await expect(page.getByRole('button', { name: 'Remove the picture' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(studio.newest).toHaveCount(2);
  await expect(studio.status).toContainText('Ready');
  await studio.open('Gallery');
  await expect(studio.pictures).toHaveCount(2);
  await studio.pictures.first().click();
  await expect(
    page.getByLabel('Details of the picture').getByRole('region', { name: 'Lineage' }),
  ).toContainText('Made from');
  await page.keyboard.press('l');
  const dialog = page.getByRole('dialog', { name: 'Lineage' });
  const nodes = dialog.getByRole('group').getByRole('button');
  await expect(nodes).toHaveCount(2);
  await expectNothingSerious(page, 'the lineage');
  await expect(nodes.filter({ hasText: 'Image to image' })).toBeFocused();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
  await expect(studio.pictures.nth(1)).toHaveAttribute('aria-selected', 'true');
});

test.describe('with a chain of ten pictures, each made from the one before', () => {
  test.beforeEach(async ({ folders }) => {
    const place = path.join(folders.library, 'images');
    mkdirSync(place, { recursive: true });
    // The first was made from a picture that nobody has.
    let picture = 'e'.repeat(64);
    for (let number = 0; number < 10; number += 1) {
      const prompt = `castle number ${number}`;
      const recipe = Recipe.parse({
        version: 1,
        settings: {
          modelId: 'starter',
          prompt,
          negativePrompt: '',
          width: 64,
          height: 64,
          steps: 20,
          guidanceScale: 7,
          scheduler: 'dpmpp-2m',
          sigmaSchedule: 'karras',
          seed: number,
          source: { picture },
        },
        resolvedPrompt: prompt,
        modelName: 'Starter',
        modelHash: '0'.repeat(64),
        provider: 'cpu',
        versions: {},
        jobId: null,
        pictureIndex: null,
        createdAt: Date.UTC(2026, 10, 24, 3, number),
        durationMs: 1,
      });
      const background = { r: 20 * number, g: 90, b: 150 };
      const png = await sharp({ create: { width: 64, height: 64, channels: 3, background } })
        .png()
        .toBuffer();
      const bytes = embedRecipe(png, recipe, true);
      picture = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(path.join(place, `castle ${number}.png`), bytes);
    }
  });

  test('a lineage that is cut says so and goes on from its edge, to what is gone', async ({
    page,
  }) => {
    await openGallery(page, 10);
    await page.keyboard.press('l');
    const dialog = page.getByRole('dialog', { name: 'Lineage' });
    const nodes = dialog.getByRole('group').getByRole('button');
    // Six generations back from the newest.
    await expect(nodes).toHaveCount(7);
    await expect(dialog).toContainText('There is more than fits here');
    await expect(nodes.filter({ hasText: 'Beginning' })).toHaveCount(1);
    for (let back = 0; back < 6; back += 1) await page.keyboard.press('ArrowLeft');
    const oldest = nodes.and(page.getByLabel(/castle number 3/));
    await expect(oldest).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    await page.keyboard.press('l');
    // Four back, the first of them gone, and six on.
    await expect(nodes).toHaveCount(11);
    await expect(dialog).not.toContainText('There is more than fits here');
    for (let back = 0; back < 4; back += 1) await page.keyboard.press('ArrowLeft');
    await expect(nodes.and(page.getByLabel('Gone from the library'))).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(dialog).toBeVisible();
    await expectNothingSerious(page, 'a long lineage');
    await page.keyboard.press('Escape');
    const strip = page
      .getByLabel('Details of the picture')
      .getByRole('region', { name: 'Lineage' });
    await expect(strip.getByRole('button', { name: /castle number [24]$/ })).toHaveCount(2);
  });
});
