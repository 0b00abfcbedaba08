import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('variations around a picture are explored wall by wall, and back, by keyboard', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', 128);
  await studio.setNumber('Height', 128);
  await studio.generate('a red apple, 3d', 2);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  await page.locator('body').press('e');
  const tiles = page.getByRole('group', { name: 'Variations' }).getByRole('button');
  await expect(tiles).toHaveCount(9);
  await expect(tiles.nth(4)).toBeFocused();
  await expect(page.getByText('Pick one to go on')).toBeVisible({ timeout: 60_000 });
  await expect(studio.newest).toHaveCount(10);
  await expectNothingSerious(page, 'a wall of variations');

  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowUp');
  await expect(tiles.nth(2)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Around pick 1' })).toBeVisible();
  await expect(studio.newest).toHaveCount(19, { timeout: 60_000 });
  await tiles.nth(0).focus();
  await page.keyboard.press('Shift+Enter');
  await expect(tiles).toHaveCount(0);
  await studio.open('Gallery');
  await expect(studio.pictures).toHaveCount(19);
  await studio.open('Create');

  await page.getByRole('button', { name: 'Explore' }).press('Enter');
  await expect(page.getByText('Pick one to go on')).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Draw another nine' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Earlier wall' })).toBeEnabled();
  await tiles.nth(4).focus();
  await page.keyboard.press('Backspace');
  await expect(page.getByRole('button', { name: 'Earlier wall' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(tiles).toHaveCount(0);
});
