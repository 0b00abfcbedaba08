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
