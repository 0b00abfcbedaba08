import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('fine settings draw, say what is on while folded, and are in the recipe', async ({
  page,
  folders,
}) => {
  const studio = new StudioPage(page);
  const heading = page.locator('summary').filter({ hasText: /^Fine settings/ });
  await heading.focus();
  await page.keyboard.press('Enter');
  await studio.setNumber('CLIP skip', 2);
  await page.getByRole('switch', { name: 'FreeU' }).focus();
  await page.keyboard.press('Space');
  await studio.setNumber('Guidance rescale', 0.5);
  await heading.focus();
  await page.keyboard.press('Enter');
  await expect(heading).toContainText('CLIP skip 2 · rescale 0.5 · FreeU');
  await studio.generate('a castle, flat', 3);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  const [file] = globSync('images/**/*.png', { cwd: folders.library });
  const bytes = await readFile(path.join(folders.library, file ?? ''));
  expect(bytes.includes('"clipSkip":2')).toBe(true);
  expect(bytes.includes('"freeU":{')).toBe(true);
});
