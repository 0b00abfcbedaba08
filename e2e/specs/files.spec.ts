/** Pictures on their way in and out: export, import, watched folders and the library's care. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { fillLibrary } from '../fixtures/filled-library.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';
import type { Page } from '@playwright/test';

const count = 8;

test.beforeEach(async ({ folders }) => {
  await fillLibrary(folders.library, count);
});

async function openGallery(page: Page): Promise<void> {
  const studio = new StudioPage(page);
  await expect(studio.prompt).toBeVisible();
  await page.keyboard.press('ControlOrMeta+3');
  await expect(found(page)).toHaveText(`${count} pictures`);
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
}

function found(page: Page) {
  return page.getByRole('toolbar', { name: 'Gallery' }).getByRole('status');
}

test('chosen pictures are exported by key with a preset of one’s own, and the same again beside them', async ({
  page,
  folders,
}) => {
  const out = path.join(folders.data, 'out');
  await openGallery(page);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog', { name: `Export ${count} pictures` });
  await dialog.getByLabel('Into the folder').fill(out);
  await dialog.getByLabel('File format').selectOption('webp');
  await dialog.getByText('Names', { exact: true }).click();
  const name = dialog.getByLabel('Name of each file');
  await name.fill('{nonsense}');
  await expect(dialog.getByRole('alert')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Export/ })).toBeDisabled();
  await name.fill('{model}-{n:03}');
  await expect(dialog.getByText('ink-wash-008.webp')).toHaveCount(0);
  await expect(dialog.getByText(/^starter-001\.webp$/)).toBeVisible();
  await expectNothingSerious(page, 'the export dialog');

  await dialog.getByRole('button', { name: 'Keep these settings as a preset' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Small');
  await dialog.getByRole('button', { name: 'Keep', exact: true }).click();
  await expect(dialog.getByRole('combobox', { name: 'Preset' })).toHaveValue('Small');
  await dialog.getByRole('button', { name: `Export ${count} pictures` }).click();
  await expect(page.getByText(`${count} pictures exported.`)).toBeVisible();
  expect((await readdir(out)).filter((file) => file.endsWith('.webp'))).toHaveLength(count);

  // What was set is there again, and nothing is overwritten.
  await page.keyboard.press('e');
  await expect(dialog.getByText('taken', { exact: true }).first()).toBeVisible();
  await dialog.getByRole('button', { name: `Export ${count} pictures` }).click();
  await expect.poll(async () => (await readdir(out)).length).toBe(2 * count);

  await page.keyboard.press('ControlOrMeta+5');
  await page.getByRole('radio', { name: 'Files' }).check({ force: true });
  await expect(page.getByRole('list', { name: 'Exports' }).getByRole('listitem')).toHaveCount(2);
  await expectNothingSerious(page, 'the lists of files');
});

test('a search is exported as a web gallery', async ({ page, folders }) => {
  await openGallery(page);
  await page.keyboard.press('/');
  await page.keyboard.type('model:ink-wash');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /^Export/ });
  await dialog.getByText('Web gallery', { exact: true }).first().click();
  await dialog.getByLabel('Into the folder').fill(folders.data);
  await dialog.getByLabel('Name of the gallery').fill('ink');
  await dialog.getByRole('button', { name: /^Export \d/ }).click();
  await expect(page.getByText(/pictures? exported\./)).toBeVisible();
  expect(await readdir(path.join(folders.data, 'ink'))).toContain('index.html');
});

test('a folder is imported with tags, its strays are told, and another is watched', async ({
  page,
  folders,
}) => {
  const old = path.join(folders.data, 'old');
  const watched = path.join(folders.data, 'watched');
  await mkdir(old, { recursive: true });
  await mkdir(watched, { recursive: true });
  for (const [index, format] of (['png', 'jpeg', 'webp'] as const).entries()) {
    const picture = sharp({
      create: { width: 40 + index, height: 30, channels: 3, background: '#3366aa' },
    });
    await picture.toFormat(format).toFile(path.join(old, `picture-${index}.${format}`));
  }
  await writeFile(path.join(old, 'broken.png'), 'no picture');

  await openGallery(page);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Import pictures' });
  await expectNothingSerious(page, 'the import dialog');
  await dialog.getByLabel('Or a folder of this machine').fill(old);
  await dialog.getByLabel('Tags').fill('from elsewhere');
  await dialog.getByRole('button', { name: 'Import the folder' }).click();
  await expect(page.getByText('3 pictures imported. 1 file was left out')).toBeVisible();
  await expect(found(page)).toHaveText(`${count + 3} pictures`);
  await page.keyboard.press('/');
  await page.keyboard.type('tag:"from elsewhere"');
  await expect(found(page)).toHaveText('3 pictures');

  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.getByLabel('Or a folder of this machine').fill(watched);
  await dialog.getByRole('switch', { name: 'Keep watching it' }).check();
  await dialog.getByRole('button', { name: 'Watch the folder' }).click();
  await expect(page.getByText('The folder is watched')).toBeVisible();
  await sharp({ create: { width: 64, height: 20, channels: 3, background: '#aa6633' } })
    .png()
    .toFile(path.join(watched, 'late.png'));
  await expect(page.getByText('1 picture imported.')).toBeVisible({ timeout: 20_000 });
});

test('files chosen in the window come in, and undo takes them out again', async ({ page }) => {
  await openGallery(page);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Choose files' }).click();
  const picture = sharp({ create: { width: 48, height: 32, channels: 3, background: '#22aa55' } });
  await (
    await chooser
  ).setFiles([
    { name: 'new.png', mimeType: 'image/png', buffer: await picture.png().toBuffer() },
    { name: 'text.png', mimeType: 'image/png', buffer: Buffer.from('no picture') },
  ]);
  await expect(page.getByText(/1 picture imported\. 1 file was left out/)).toBeVisible();
  await expect(found(page)).toHaveText(`${count + 1} pictures`);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(found(page)).toHaveText(`${count} pictures`);
});

test('the doctor finds what is wrong, mends it, and a backup is made and told of', async ({
  page,
  folders,
}) => {
  await openGallery(page);
  const place = path.join(folders.library, 'images', '2026', '11');
  const [first = ''] = await readdir(place);
  await writeFile(path.join(place, first), 'no picture any more');
  await page.keyboard.press('ControlOrMeta+,');
  await page.getByRole('button', { name: 'Check the library' }).click();
  await expect(page.getByText(/not in order/)).toBeVisible();
  await page.getByRole('button', { name: 'Mend it' }).click();
  await expect(page.getByText(/Mended:/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Check the library' }).click();
  await expect(page.getByText(/Everything is in order/)).toBeVisible();

  await page.getByLabel('Backup, or another library').fill(path.join(folders.data, 'backup'));
  await page.getByRole('button', { name: 'Back up to it' }).click();
  await expect(page.getByText(/pictures backed up/)).toBeVisible();
  await expect(page.getByText(/^A backup of /)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Restore from it' })).toBeEnabled();
  await expectNothingSerious(page, 'the library’s care');
});
