/** What the model offers: alternatives, suggestions, changes of a passage, other words at a place. */
import { expect, lettersOf, opening, test } from '../fixtures/writing.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('alternatives stand side by side; one is taken, the others stay in the history', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  await desk.setNumber('Tokens', 16);
  await desk.editor.press('ControlOrMeta+Shift+Enter');
  const cards = page.getByRole('listbox', { name: 'Alternatives' }).getByRole('option');
  await expect(cards).toHaveCount(3);
  await expect(desk.writeNote).toContainText('48 tokens', { timeout: 30_000 });
  await page.keyboard.press('ArrowDown');
  await expect(cards.nth(1)).toHaveAttribute('aria-selected', 'true');
  const written = async () => lettersOf(await desk.written());
  const second = lettersOf((await cards.nth(1).textContent()) ?? '');
  const third = lettersOf((await cards.nth(2).textContent()) ?? '');
  await page.keyboard.press('Enter');
  await expect.poll(written).toContain(`${opening} ${second}`);
  await page.keyboard.press('ControlOrMeta+Shift+h');
  const history = page.getByRole('listbox', { name: 'History of the scene' });
  const chosen = history.getByRole('option', { name: /^Chosen: / });
  await expect(chosen).toHaveCount(3);
  const summaries = (await chosen.allTextContents()).map(lettersOf);
  await chosen.nth(summaries.findIndex((summary) => summary.includes(third.slice(0, 10)))).click();
  await expect.poll(written).toContain(`${opening} ${third}`);
  expect(await written()).not.toContain(second);
});

test('a suggestion is taken word by word, whole, or not at all, by keyboard alone', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  const ghost = desk.editor.locator('[data-ghost]');
  const text = () =>
    desk.editor.evaluate((element) =>
      [...element.querySelectorAll('p')]
        .map((paragraph) => {
          const copy = paragraph.cloneNode(true) as HTMLElement;
          copy.querySelector('[data-ghost]')?.remove();
          return copy.textContent;
        })
        .join('\n'),
    );
  await desk.editor.press('ControlOrMeta+.');
  await expect(ghost).toHaveText(/\S+ \S+ \S+ \S+/);
  await expect(desk.writeNote).toContainText('tokens');
  const offered = (await ghost.textContent()) ?? '';
  await page.keyboard.press('ArrowRight');
  const [word = ''] = /^\s*\S+/.exec(offered) ?? [];
  await expect.poll(text).toBe(opening + word);
  await page.keyboard.press('Tab');
  await expect.poll(text).toBe(opening + offered);
  await expect(ghost).toHaveCount(0);
  await desk.editor.press('ControlOrMeta+.');
  await expect(ghost).toHaveText(/\S+ \S+/);
  await page.keyboard.press('Escape');
  await expect(ghost).toHaveCount(0);
  expect(await text()).toBe(opening + offered);
});

test('a passage is rewritten: proposed beside the page, accepted, undone', async ({
  page,
  desk,
}) => {
  await page.keyboard.type('The king was old.\nThe queen was young.');
  await page.keyboard.press('Shift+Home');
  await desk.setNumber('Tokens', 12);
  await desk.editor.focus();
  await page.keyboard.press('ControlOrMeta+j');
  await page.keyboard.type('Make it darker');
  await page.keyboard.press('Enter');
  const proposal = page.getByRole('group', { name: 'Proposed change' });
  const accept = proposal.getByRole('button', { name: 'Accept' });
  await expect(accept).toBeEnabled();
  await expect(accept).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(proposal).toHaveCount(0);
  await expect.poll(() => desk.written()).not.toContain('The queen was young.');
  expect(await desk.written()).toContain('The king was old.');
  await desk.editor.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe('The king was old.\nThe queen was young.');
});

test('another word is taken where one was drawn, and the first text stays in the history', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  await desk.goOn(20);
  const first = await desk.written();
  await page.keyboard.press('ControlOrMeta+l');
  const lens = page.getByRole('group', { name: /^What the model considered/ });
  await expect(lens).toBeFocused();
  for (let step = 0; step < 5; step += 1) {
    await page.keyboard.press('ArrowLeft');
    await page.waitForTimeout(80);
  }
  // Whichever of the two first was drawn, the other one was not.
  const drawn = await lens.getByRole('button').first().getAttribute('data-drawn');
  if (drawn !== null) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(desk.writeNote).toContainText('20 tokens');
  await expect.poll(() => desk.written()).not.toBe(first);
  await desk.editor.press('ControlOrMeta+z');
  await desk.editor.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe(opening);
  await page.keyboard.press('ControlOrMeta+Shift+h');
  await page
    .getByRole('listbox', { name: 'History of the scene' })
    .getByRole('option', { name: /^Written by the model/ })
    .last()
    .click();
  await expect.poll(() => desk.written()).toBe(first);
});

test('words keep telling who wrote them: edited, undone, and after a restart', async ({
  page,
  desk,
  studio: host,
}) => {
  await page.keyboard.type(opening);
  await desk.goOn(20);
  for (let step = 0; step < 6; step += 1) await desk.editor.press('ArrowLeft');
  await page.keyboard.type('XY');
  await expect(desk.editor.locator('[data-edited]')).toHaveText('XY');
  await desk.editor.press('ControlOrMeta+z');
  await expect(desk.editor.locator('[data-edited]')).toHaveCount(0);
  await desk.editor.press('ControlOrMeta+Shift+z');
  await expect(page.getByText('Saved', { exact: true })).toBeVisible();
  const again = new StudioPage(await host.restart());
  await again.open('Write');
  await expect(again.editor.locator('[data-edited]')).toHaveText('XY');
  await expect(again.editor.locator('[data-run]:not([data-edited])').first()).toBeVisible();
});

test('what may come next is seen before and after the samplers, steered, and taken, by keyboard', async ({
  page,
  desk,
}) => {
  await page.keyboard.type(opening);
  await page.keyboard.press('ControlOrMeta+Shift+l');
  const list = page.getByRole('list', { name: 'What may come next' });
  const tokens = list.getByRole('button');
  await expect(tokens.first()).toBeFocused();
  expect(await tokens.count()).toBeGreaterThanOrEqual(20);

  // At temperature 0 one token is drawn, and the others say why they are not.
  const stage = page.getByRole('list', { name: 'Samplers in the order in which they act' });
  await stage.getByRole('spinbutton', { name: 'Temperature', exact: true }).fill('0');
  await page.keyboard.press('Enter');
  await expect(list.getByRole('button', { name: /100 % as it is drawn$/ })).toHaveCount(1);
  await expect(list.getByRole('button', { name: /taken out by Temp\. 0$/ })).not.toHaveCount(0);

  await tokens.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(tokens.nth(1)).toBeFocused();
  const name = (await tokens.nth(1).getAttribute('aria-label')) ?? '';
  const [, taken = ''] = /^“([^”]*)”/.exec(name) ?? [];
  await page.keyboard.press('Enter');
  await expect.poll(() => desk.written()).toBe(opening + taken);
  await expect(desk.editor.locator('[data-run]')).toHaveText(taken.trimEnd());
  // One goes on from there without leaving the list, and one undo takes one token back.
  await expect(tokens.nth(1)).toBeFocused();
  await expect(tokens.nth(1)).not.toHaveAttribute('aria-label', name);
  await page.keyboard.press('Escape');
  await expect(desk.editor).toBeFocused();
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => desk.written()).toBe(opening);
});
