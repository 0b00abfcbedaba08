import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('a result becomes the input of the next picture, which the second pass draws larger', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', 128);
  await studio.setNumber('Height', 128);
  await studio.generate('a red apple, 3d', 4);
  await expect(studio.newest).toHaveCount(1);
  await page.getByRole('button', { name: 'Use as input' }).click();
  await expect(page.getByText('128 × 128')).toBeVisible();
  await studio.setNumber('Strength', 0.5);

  await page.getByText('Second pass', { exact: true }).click();
  await page.getByRole('switch', { name: 'Draw larger in a second pass' }).check();
  await page.getByText('Fine settings', { exact: true }).click();
  await expectNothingSerious(page, 'fine settings');

  await page.getByRole('button', { name: /^Generate/ }).click();
  await expect(studio.newest).toHaveCount(2);
  await expect(studio.status).toContainText('Ready');
  await studio.open('Gallery');
  await studio.pictures.first().click();
  const details = page.getByLabel('Details of the picture');
  await expect(details).toContainText('256 × 256');
  await expect(details.getByLabel('Parameters in the file')).toContainText(
    'Denoising strength: 0.5',
  );
});
