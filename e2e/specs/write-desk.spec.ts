/** The desk around the page: outline, search, snapshots, how it looks. */
import { expectFits } from '../fixtures/looks.ts';
import { expect, test } from '../fixtures/writing.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('the outline is worked by keyboard alone', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await expect(studio.editor).toBeVisible();
  const outline = page.getByRole('tree', { name: 'Outline' });
  const scenes = outline.locator('[aria-level="2"]');
  await outline.getByRole('treeitem', { name: 'Scene 1' }).focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Arrival');
  await page.keyboard.press('Enter');
  await expect(outline.getByRole('treeitem', { name: 'Arrival' })).toBeFocused();
  await page.keyboard.press('n');
  await expect(scenes).toHaveCount(2);
  await expect(outline.getByRole('treeitem', { name: 'Scene 2' })).toHaveAttribute(
    'aria-selected',
    'true',
  );
  await studio.editor.click();
  await page.keyboard.type('The second scene');
  await outline.getByRole('treeitem', { name: 'Scene 2' }).focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect(scenes.last()).toHaveAttribute('aria-label', 'Arrival');
  await outline.getByRole('treeitem', { name: 'Arrival' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => studio.written()).toBe('');
  await outline.getByRole('treeitem', { name: 'Scene 1' }).focus();
  await page.keyboard.press('Delete');
  await expect(scenes).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(scenes).toHaveCount(2);
  await expect.poll(() => studio.written()).toBe('The second scene');
});

test('words are found and replaced, in the scene and in the project', async ({ page, desk }) => {
  await page.keyboard.type('The keeper saw the keeper.');
  await page.getByRole('button', { name: 'New scene' }).click();
  await expect.poll(() => desk.written()).toBe('');
  await desk.editor.click();
  await page.keyboard.type('No keeper here.');
  await page.keyboard.press('ControlOrMeta+f');
  const find = page.getByRole('search', { name: 'Find and replace' });
  await page.keyboard.type('keeper');
  await expect(find.getByRole('status')).toHaveText('1 here');
  await find.getByText('Project').click();
  await expect(find.getByRole('listitem')).toHaveCount(3);
  await find.getByRole('textbox', { name: 'Replace with' }).fill('captain');
  await find.getByRole('button', { name: 'Replace 3' }).click();
  await expect.poll(() => desk.written()).toBe('No captain here.');
  await page.keyboard.press('Escape');
  await desk.editor.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe('No keeper here.');
});

test('a version that was kept is compared and gone back to', async ({ page, desk }) => {
  await page.keyboard.type('The first version.');
  await page.keyboard.press('ControlOrMeta+Shift+h');
  await page.getByRole('textbox', { name: 'Name of the snapshot' }).fill('First draft');
  await page.keyboard.press('Enter');
  await desk.editor.click();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' And then another.');
  await page.getByRole('option', { name: /^First draft/ }).hover();
  await expect(page.getByRole('status', { name: 'The text there' })).toContainText('another');
  await page.getByRole('listbox', { name: 'History of the scene' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('d');
  const dialog = page.getByRole('dialog', { name: 'Changes since “First draft”' });
  await expect(dialog.locator('ins')).toContainText('another');
  await dialog.getByRole('button', { name: 'Go back to it' }).click();
  await expect.poll(() => desk.written()).toBe('The first version.');
});

test('two windows on one scene lose no word of either', async ({ page, studio: host }) => {
  const first = new StudioPage(page);
  await first.open('Write');
  await first.editor.click();
  await page.keyboard.type('One line.\nAnother line.');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const other = await host.openWindow();
  const second = new StudioPage(other);
  await second.open('Write');
  await expect.poll(() => second.written()).toBe('One line.\nAnother line.');
  await second.editor.click();
  await other.keyboard.press('ControlOrMeta+End');
  await Promise.all([
    other.keyboard.type(' From the second window.'),
    (async () => {
      await first.editor.click();
      await page.keyboard.press('ControlOrMeta+Home');
      await page.keyboard.type('From the first window. ');
    })(),
  ]);
  const both = 'From the first window. One line.\nAnother line. From the second window.';
  await expect.poll(() => first.written(), { timeout: 15_000 }).toBe(both);
  await expect.poll(() => second.written(), { timeout: 15_000 }).toBe(both);
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('every state of the desk fits its window, and axe finds nothing serious', async ({
      page,
      desk,
    }) => {
      test.setTimeout(120_000);
      const look = (state: string) => expectFits(page, `write-${state}-${colorScheme}`);
      await look('empty');
      await page.keyboard.type(
        '# The Lighthouse\nThe keeper had not spoken since the storm. **Nobody** came, and _nobody_ was expected.\n',
      );
      await page.keyboard.type('Once upon a time there was a king who');
      await desk.goOn(60);
      await look('written');
      await page.getByRole('button', { name: 'Surprise' }).click();
      await page.waitForTimeout(600);
      await look('surprise');
      await page.getByRole('button', { name: 'Surprise' }).click();
      await desk.editor.press('ControlOrMeta+l');
      await expect(page.getByRole('group', { name: /^What the model considered/ })).toBeVisible();
      await look('lens');
      await page.keyboard.press('Escape');
      await desk.editor.press('ControlOrMeta+Shift+Enter');
      await expect(page.getByRole('listbox', { name: 'Alternatives' })).toBeVisible();
      await expect(desk.writeNote).toContainText('180 tokens', { timeout: 30_000 });
      await look('alternatives');
      await page.keyboard.press('Escape');
      await desk.editor.press('ControlOrMeta+a');
      await expect(page.getByRole('toolbar', { name: 'Change the selected text' })).toBeVisible();
      await look('selected');
      await page.keyboard.press('ControlOrMeta+j');
      await page.keyboard.type('darker');
      await page.keyboard.press('Enter');
      await expect(page.getByRole('button', { name: 'Accept' })).toBeEnabled();
      await look('proposal');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+Shift+h');
      await page.getByRole('listbox', { name: 'History of the scene' }).focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await page.waitForTimeout(500);
      await look('history');
      await page.getByText('Project', { exact: true }).first().click();
      await look('project');
      await desk.editor.press('ControlOrMeta+f');
      await page.keyboard.type('the');
      await look('find');
      await page.keyboard.press('Escape');
      await desk.editor.press('ControlOrMeta+Shift+d');
      await look('quiet');
    });
  });
}
