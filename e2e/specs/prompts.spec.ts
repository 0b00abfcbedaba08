import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('a prompt with choices and wildcards draws, and the recipe keeps template and result', async ({
  page,
  folders,
}) => {
  await mkdir(path.join(folders.library, 'wildcards'), { recursive: true });
  await writeFile(path.join(folders.library, 'wildcards', 'colour.txt'), 'teal\n');
  await page.reload();
  const studio = new StudioPage(page);
  await studio.prompt.fill('a {red|blue} apple, ');
  await studio.prompt.press('End');
  await page.keyboard.type('__co');
  await expect(page.getByRole('option', { name: 'colour' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(studio.prompt).toHaveValue('a {red|blue} apple, __colour__');
  await studio.setNumber('Steps', 2);
  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(studio.newest).toHaveCount(1);

  await studio.open('Gallery');
  await studio.pictures.first().click();
  await expect(page.getByLabel('Details of the picture')).toContainText(/a (red|blue) apple, teal/);

  await studio.open('Create');
  await studio.prompt.fill('something else');
  await page.getByRole('button', { name: 'History', exact: true }).click();
  await page.getByRole('searchbox', { name: 'Search earlier prompts' }).fill('apple');
  await page.getByRole('button', { name: 'a {red|blue} apple, __colour__' }).click();
  await expect(studio.prompt).toHaveValue('a {red|blue} apple, __colour__');
});

test('styles and presets are saved, picked and removed; nothing serious is found by axe', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.prompt.fill('ink drawing of {prompt}');
  const styles = page.getByRole('button', { name: 'Styles', exact: true });
  await styles.click();
  await page.getByRole('textbox', { name: 'Name for styles' }).fill('Ink');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Ink', exact: true })).toBeVisible();
  await expectNothingSerious(page, 'styles');
  await page.keyboard.press('Escape');
  await studio.prompt.fill('a (cat:1.4) __missing__');
  await expect(page.getByText('There is no wildcard "missing".')).toBeVisible();
  await styles.click();
  await page.getByRole('button', { name: 'Ink', exact: true }).click();
  await expect(studio.prompt).toHaveValue('ink drawing of a (cat:1.4) __missing__');

  await studio.setNumber('Steps', 9);
  await page.getByRole('button', { name: 'Presets', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name for presets' }).fill('Nine');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await studio.setNumber('Steps', 5);
  await page.getByRole('button', { name: 'Presets', exact: true }).click();
  await page.getByRole('button', { name: 'Nine', exact: true }).click();
  await expect(studio.number('Steps')).toHaveValue('9');
  await page.getByRole('button', { name: 'Presets', exact: true }).click();
  await page.getByRole('button', { name: 'Remove Nine' }).click();
  await expect(page.getByRole('button', { name: 'Nine', exact: true })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await page.getByRole('button', { name: 'Presets', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Nine', exact: true })).toBeVisible();
});

test('problems of a prompt are listed with their places, and shown in the text', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.prompt.fill('a cat, (a hat, {3$$red|blue}');
  const open = page.getByRole('button', { name: /This bracket is never closed/ });
  await expect(open).toContainText('(a hat');
  await expect(page.getByRole('button', { name: /asks for 3 of 2/ })).toBeVisible();
  await open.click();
  await expect(studio.prompt).toBeFocused();
  const selected = await studio.prompt.evaluate((field: HTMLTextAreaElement) =>
    field.value.slice(field.selectionStart, field.selectionEnd),
  );
  expect(selected).toBe('(');
});
