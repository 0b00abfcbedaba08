/** Pictures of every screen, for people to look at: test-results/screens. */
import path from 'node:path';
import { expect, test } from '../fixtures/test.ts';
import { rootFolder } from '../fixtures/host.ts';
import { screens, StudioPage } from '../pages/studio-page.ts';

const sizes = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'narrow', width: 1024, height: 700 },
] as const;

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('every screen fits a wide and a narrow window', async ({ page }) => {
      const studio = new StudioPage(page);
      for (const [index, prompt] of [
        'a red apple, 3d',
        'a castle, flat',
        'a peach, watercolor',
      ].entries()) {
        await studio.generate(prompt, 20);
        await expect(studio.newest).toHaveCount(index + 1, { timeout: 60_000 });
      }
      await studio.open('Write');
      await studio.editor.fill('Once upon a time there was a king who');
      await studio.setNumber('Tokens', 60);
      await page.keyboard.press('ControlOrMeta+Enter');
      await expect(studio.writeNote).toContainText('60 tokens');
      for (const { name, ...size } of sizes) {
        await page.setViewportSize(size);
        for (const screen of screens) {
          await studio.open(screen);
          if (screen === 'Gallery') await studio.pictures.first().click();
          await page.mouse.move(0, 0);
          await page.waitForTimeout(300);
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          expect(overflow, `${screen} is wider than a ${name} window`).toBeLessThanOrEqual(0);
          const file = `${screen.toLowerCase()}-${colorScheme}-${name}.png`;
          await page.screenshot({ path: path.join(rootFolder, 'test-results/screens', file) });
        }
      }
    });
  });
}
