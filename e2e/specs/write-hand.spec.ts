/** What the desk does of itself or by pointer alone: pauses, hovering, pasting, dragging. */
import type { Page } from '@playwright/test';
import { expect, lettersOf, opening, test } from '../fixtures/writing.ts';
import { StudioPage } from '../pages/studio-page.ts';

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

test('a suggestion comes after a pause, once, and none while the pause is 0', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  const ghost = desk.editor.locator('[data-ghost]');
  await page.waitForTimeout(1_200);
  await expect(ghost).toHaveCount(0);
  await desk.setNumber('Suggest after', 0.5);
  await desk.editor.focus();
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

/** Onto the last line of what the model wrote. */
async function overLastWords(page: Page): Promise<void> {
  const { x, y } = await page.evaluate(() => {
    const rects = [...document.querySelectorAll('[data-run]')].at(-1)?.getClientRects();
    const rect = rects?.[rects.length - 1];
    return { x: (rect?.left ?? 0) + 8, y: (rect?.top ?? 0) + (rect?.height ?? 0) / 2 };
  });
  await page.mouse.move(x - 4, y);
  await page.mouse.move(x, y);
}

test('a pointer on a word of the model shows what it considered; a press takes another', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  await desk.goOn(20);
  const first = await desk.written();
  await overLastWords(page);
  const lens = page.getByRole('group', { name: /^What the model considered/ });
  await expect(lens).toBeVisible();
  await expect(desk.editor.locator('[data-token]')).toHaveCount(1);
  await lens.hover();
  await lens.locator('button:not([data-drawn])').first().click();
  await expect(lens).toHaveCount(0);
  await expect.poll(() => desk.written()).not.toBe(first);
  await expect(desk.writeNote).toContainText('20 tokens');

  // Away from the words it goes by itself.
  await overLastWords(page);
  await expect(lens).toBeVisible();
  await page.getByRole('navigation', { name: 'Screens' }).hover();
  await expect(lens).toHaveCount(0);
});

test('HTML is pasted as what it means, without scripts or colours, in one change', async ({
  page,
  desk,
}) => {
  await paste(
    page,
    'text/html',
    '<h2 style="color:red">Part</h2><p>A <span style="font-weight:700">bold</span> and <em>quiet</em> line.</p><b style="font-weight:normal"><p>Of Google Docs.</p></b><ul><li>One</li><li>Two</li></ul><script>document.title="taken"</script><blockquote><p>Said.</p></blockquote>',
  );
  await expect(desk.editor.locator('strong')).toHaveText('bold');
  await expect(desk.editor.locator('em')).toHaveText('quiet');
  await expect(desk.editor.locator('ul > li')).toHaveText(['One', 'Two']);
  await expect(desk.editor.locator('blockquote')).toHaveText('Said.');
  await expect(desk.editor.getByRole('heading', { name: 'Part' })).not.toHaveAttribute('style');
  expect(await page.title()).not.toBe('taken');
  await desk.editor.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe('');
});

for (const type of ['text/plain', 'text/html'] as const) {
  test(`50 MB of ${type} are refused in words, and nothing is lost`, async ({ page, desk }) => {
    await page.keyboard.type('Mine.');
    const line = type === 'text/html' ? '<p>A line of a very long book.</p>\n' : 'A line of it.\n';
    const heldUpMs = await paste(page, type, line, Math.ceil(50e6 / line.length));
    expect(heldUpMs).toBeLessThan(3_000);
    await expect(page.getByText(/million characters are too much to paste at once/)).toBeVisible();
    await page.keyboard.type(' Still mine.');
    await expect.poll(() => desk.written()).toBe('Mine. Still mine.');
    await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  });
}

test('whoever comes back to the page by keyboard goes on where the caret was', async ({
  page,
  desk,
}) => {
  await page.keyboard.type('One two.');
  for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowLeft');
  const tokens = page.getByRole('spinbutton', { name: 'Tokens', exact: true });
  await tokens.focus();
  await desk.editor.focus();
  await page.keyboard.type('and ');
  await expect.poll(() => desk.written()).toBe('One and two.');
  await tokens.focus();
  await desk.editor.click({ position: { x: 4, y: 10 } });
  await page.keyboard.type('Here: ');
  await expect.poll(() => desk.written()).toBe('Here: One and two.');
});

test('a long scene is walked to its ends, scrolled and changed whole, though most of it is skipped', async ({
  page,
  desk,
}) => {
  const paragraphs = 600;
  await paste(page, 'text/html', '<p>A line of the book, among many others.</p>', paragraphs);
  await expect(desk.editor.locator('p')).toHaveCount(paragraphs);
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.type('First. ');
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type(' Last.');
  const last = desk.editor.locator('p').last();
  await expect(last).toHaveText('A line of the book, among many others. Last.');
  await expect(last).toBeInViewport();
  await expect(desk.editor.locator('p').first()).toHaveText(/^First\. A line/);

  // Nothing on the screen is blank, wherever it is scrolled to.
  for (const share of [0, 0.5, 0.25, 0.9]) {
    await desk.editor.evaluate((editor, share) => {
      let scroller = editor.parentElement;
      while (scroller && getComputedStyle(scroller).overflowY !== 'auto')
        scroller = scroller.parentElement;
      scroller?.scrollTo(0, share * scroller.scrollHeight);
    }, share);
    await expect
      .poll(() =>
        desk.editor.evaluate((editor) => {
          const seen = [...editor.children].filter((block) => {
            const { top, bottom } = block.getBoundingClientRect();
            return bottom > 0 && top < innerHeight;
          });
          const isSkipped = (block: Element) =>
            getComputedStyle(block).contentVisibility === 'hidden';
          return seen.length > 3 && !seen.some(isSkipped);
        }),
      )
      .toBe(true);
  }

  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('At the ');
  await expect(desk.editor.locator('p').first()).toHaveText(/^At the First\. A line/);
  await expect(desk.editor.locator('p').first()).toBeInViewport();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type(' Of all.');
  await expect(last).toHaveText('A line of the book, among many others. Last. Of all.');
  await page.keyboard.press('ControlOrMeta+Home');
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.type('All.');
  await expect.poll(() => desk.written()).toBe('All.');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(desk.editor.locator('p')).toHaveCount(paragraphs);
});

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

test('ways to go on that nobody chose are offered again after a restart', async ({
  page,
  desk,
  studio: host,
}) => {
  await page.keyboard.type(opening);
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  await desk.setNumber('Tokens', 400);
  await desk.editor.press('ControlOrMeta+Shift+Enter');
  const cards = page.getByRole('listbox', { name: 'Alternatives' }).getByRole('option');
  await expect(cards.nth(2)).toContainText(/\w+ \w+ \w+ \w+ \w+ \w+/);
  const again = await host.restart();
  const next = new StudioPage(again);
  await next.open('Write');
  const kept = again.getByRole('listbox', { name: 'Alternatives' }).getByRole('option');
  await expect(kept).toHaveCount(3);
  await expect(next.editor).toBeVisible();
  expect(await next.written()).toBe(opening);
  const text = lettersOf((await kept.nth(1).textContent()) ?? '');
  await kept.nth(1).click();
  await again.keyboard.press('Enter');
  await expect.poll(async () => (await next.written()).length).toBeGreaterThan(opening.length + 10);
  expect(lettersOf(await next.written())).toContain(text.slice(0, 12));
});
