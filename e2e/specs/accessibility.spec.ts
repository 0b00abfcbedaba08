import { expectNothingSerious } from '../fixtures/axe.ts';
import { expect, test } from '../fixtures/test.ts';
import { screens, StudioPage } from '../pages/studio-page.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing serious on any screen', async ({ page }) => {
      const studio = new StudioPage(page);
      await studio.generate('a red apple, 3d', 2);
      await expect(studio.newest).toHaveCount(1);
      for (const screen of screens) {
        await studio.open(screen);
        await expectNothingSerious(page, screen);
      }
    });
  });
}
