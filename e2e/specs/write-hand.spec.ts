/** What the desk does of itself or by pointer alone: pauses, hovering, pasting, dragging. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

const opening = 'Once upon a time there was a king who';

/** @returns how long the window was held up, ms */
function paste(page: Page, type: 'text/html' | 'text/plain', text: string, times = 1) {
  return page.evaluate(
    ([type, text, times]) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData(type, text.repeat(times));
      const startedAt = performance.now();
      document
        .querySelector('.ProseMirror')
        ?.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
        );
      return performance.now() - startedAt;
    },
    [type, text, times] as const,
  );
}

test('a suggestion comes after a pause, once, and none while the pause is 0', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(opening);
  const ghost = studio.editor.locator('[data-ghost]');
  await page.waitForTimeout(1_200);
  await expect(ghost).toHaveCount(0);
  await studio.setNumber('Suggest after', 0.5);
  await studio.editor.focus();
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' was old and');
  await expect(ghost).toHaveText(/\S+ \S+/);
  await page.keyboard.press('Escape');
  await expect(ghost).toHaveCount(0);
  // Turned down, it does not come again before something is typed.
  await page.waitForTimeout(1_200);
  await expect(ghost).toHaveCount(0);
  await page.keyboard.type(' who');
  await expect(ghost).toHaveText(/\S+ \S+/);
});

test('a pointer on a word of the model shows what it considered; a press takes another', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type(opening);
  await studio.setNumber('Tokens', 20);
  await studio.editor.press('ControlOrMeta+Enter');
  await expect(studio.writeNote).toContainText('20 tokens');
  const first = await studio.written();
  await studio.editor
    .locator('[data-run]')
    .first()
    .hover({ position: { x: 12, y: 8 } });
  const lens = page.getByRole('group', { name: /^What the model considered/ });
  await expect(lens).toBeVisible();
  await expect(studio.editor.locator('[data-token]')).toHaveCount(1);
  await lens.hover();
  await lens.locator('button:not([data-chosen])').first().click();
  await expect(lens).toHaveCount(0);
  await expect.poll(() => studio.written()).not.toBe(first);
  await expect(studio.writeNote).toContainText('20 tokens');

  // Away from the words it goes by itself.
  await studio.editor
    .locator('[data-run]')
    .first()
    .hover({ position: { x: 12, y: 8 } });
  await expect(lens).toBeVisible();
  await page.getByRole('navigation', { name: 'Screens' }).hover();
  await expect(lens).toHaveCount(0);
});

test('HTML is pasted as what it means, without scripts or colours, in one change', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await studio.editor.click();
  await paste(
    page,
    'text/html',
    '<h2 style="color:red">Part</h2><p>A <b>bold</b> and <em>quiet</em> line.</p><ul><li>One</li><li>Two</li></ul><script>document.title="taken"</script><blockquote><p>Said.</p></blockquote>',
  );
  await expect(studio.editor.locator('strong')).toHaveText('bold');
  await expect(studio.editor.locator('em')).toHaveText('quiet');
  await expect(studio.editor.locator('ul > li')).toHaveText(['One', 'Two']);
  await expect(studio.editor.locator('blockquote')).toHaveText('Said.');
  await expect(studio.editor.getByRole('heading', { name: 'Part' })).not.toHaveAttribute('style');
  expect(await page.title()).not.toBe('taken');
  await studio.editor.press('ControlOrMeta+z');
  await expect.poll(() => studio.written()).toBe('');
});

for (const type of ['text/plain', 'text/html'] as const) {
  test(`50 MB of ${type} are refused in words, and nothing is lost`, async ({ page }) => {
    const studio = new StudioPage(page);
    await studio.open('Write');
    await studio.editor.click();
    await page.keyboard.type('Mine.');
    const line = type === 'text/html' ? '<p>A line of a very long book.</p>\n' : 'A line of it.\n';
    const heldUpMs = await paste(page, type, line, Math.ceil(50e6 / line.length));
    expect(heldUpMs).toBeLessThan(3_000);
    await expect(page.getByText(/million characters are too much to paste at once/)).toBeVisible();
    await page.keyboard.type(' Still mine.');
    await expect.poll(() => studio.written()).toBe('Mine. Still mine.');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  });
}

test('a scene is dragged to another place', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  const outline = page.getByRole('tree', { name: 'Outline' });
  const scenes = outline.locator('[aria-level="2"]');
  await outline.getByRole('treeitem', { name: 'Scene 1' }).focus();
  await page.keyboard.press('F2');
  await page.keyboard.type('Arrival');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'New scene' }).click();
  await expect(scenes).toHaveCount(2);
  await outline
    .getByRole('treeitem', { name: 'Scene 2' })
    .dragTo(outline.getByRole('treeitem', { name: 'Arrival' }));
  await expect(scenes.last()).toHaveAttribute('aria-label', 'Arrival');
});
