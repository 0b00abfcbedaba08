import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('a grid is set up and drawn by keyboard, and its sheet leads to its pictures', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', 128);
  await studio.setNumber('Height', 128);
  await studio.prompt.fill('a red apple, 3d');
  const settings = page.getByRole('group', { name: 'Settings of the picture' });
  await settings.locator('summary', { hasText: 'Grid' }).press('Enter');
  await page.getByRole('switch', { name: 'Draw a grid' }).press('Space');
  const columns = page.getByRole('textbox', { name: 'Values of the columns' });
  const rows = page.getByRole('textbox', { name: 'Values of the rows' });
  await columns.fill('2-4 (+2)');
  await page.getByRole('combobox', { name: 'Rows vary' }).selectOption('Prompt words');
  await rows.fill('apple, pear, "ball, x');
  await expect(page.getByText('A quotation mark is not closed.')).toBeVisible();
  await expect(rows).toHaveAttribute('aria-invalid', 'true');
  await page.keyboard.press('Control+Enter');
  await expect(studio.newest).toHaveCount(0);
  await expect(rows).toBeFocused();
  await expectNothingSerious(page, 'a grid that is set up');

  await rows.fill('apple, pear, "ball, x"');
  await expect(settings.getByText('2 × 3 = 6 pictures')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Generate grid · 6 pictures/ })).toBeVisible();
  await rows.press('Control+Enter');
  await expect(studio.newest).toHaveCount(7, { timeout: 60_000 });
  await expect(studio.status).toContainText('Ready');

  const cells = page.getByRole('group', { name: 'Pictures of the grid' }).getByRole('button');
  await expect(cells).toHaveCount(6);
  await expectNothingSerious(page, 'a grid');
  await page.getByRole('button', { name: 'Steps: 4, pear' }).press('Enter');
  await expect(page.getByRole('img', { name: 'a red pear, 3d' })).toBeVisible();
  await expect(cells).toHaveCount(0);

  await studio.open('Gallery');
  await studio.pictures.first().click();
  await expect(studio.pictures.first()).toHaveAccessibleName('Grid: a red apple, 3d');
  const details = page.getByLabel('Details of the picture');
  await expect(details).toContainText('2-4 (+2)');
  // The whole grid comes back with the sheet's recipe.
  await page.keyboard.press('r');
  await expect(page.getByRole('button', { name: /^Generate grid · 6 pictures/ })).toBeVisible();
});
