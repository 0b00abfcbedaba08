/** The gallery by keyboard, over pictures that another program left in the library's folder. */
import { fillLibrary } from '../fixtures/filled-library.ts';
import { expect, test } from '../fixtures/test.ts';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { StudioPage } from '../pages/studio-page.ts';
import type { Page } from '@playwright/test';

const count = 24;

test.beforeEach(async ({ folders }) => {
  await fillLibrary(folders.library, count);
});

async function openGallery(page: Page): Promise<StudioPage> {
  const studio = new StudioPage(page);
  await expect(studio.prompt).toBeVisible();
  await page.keyboard.press('ControlOrMeta+3');
  await expect(found(page)).toHaveText(`${count} pictures`);
  await expect(studio.pictures.first()).toHaveAccessibleName(/number/);
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('Home');
  return studio;
}

function found(page: Page) {
  return page.getByRole('toolbar', { name: 'Gallery' }).getByRole('status');
}

function details(page: Page) {
  return page.getByLabel('Details of the picture');
}

test('pictures are rated, flagged, labelled and tagged by key, each with its undo', async ({
  page,
}) => {
  const studio = await openGallery(page);
  const first = studio.pictures.first();
  await page.keyboard.press('4');
  await page.keyboard.press('p');
  await page.keyboard.press('6');
  await expect(first).toHaveAccessibleName(/4 stars, picked, labelled red$/);
  await page.keyboard.press('6');
  await expect(first).toHaveAccessibleName(/4 stars, picked$/);
  await page.keyboard.press('ControlOrMeta+z');
  await page.keyboard.press('ControlOrMeta+z');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(first).toHaveAccessibleName(/4 stars$/);
  await page.keyboard.press('ControlOrMeta+Shift+z');
  await expect(first).toHaveAccessibleName(/4 stars, picked$/);

  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+ArrowRight');
  await expect(found(page)).toHaveText(`3 of ${count} pictures`);
  await page.keyboard.press('t');
  await page.keyboard.type('sea');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(details(page).getByRole('button', { name: 'sea', exact: true })).toBeVisible();
  await expect(page.getByText('3 pictures tagged sea')).toBeVisible();
  await expectNothingSerious(page, 'many chosen');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(details(page).getByRole('button', { name: 'sea', exact: true })).toHaveCount(0);

  await page.keyboard.press('Home');
  await page.keyboard.press('n');
  await page.keyboard.type('for the cover');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(details(page).getByRole('textbox', { name: 'Note' })).toHaveValue('for the cover');
});

test('the grid goes on after a mark where that is wanted, and all are chosen and restored at once', async ({
  page,
}) => {
  const studio = await openGallery(page);
  await page.getByRole('button', { name: 'Go on after a mark' }).click();
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('3');
  await page.keyboard.press('x');
  await expect(studio.pictures.nth(0)).toHaveAccessibleName(/3 stars/);
  await expect(studio.pictures.nth(1)).toHaveAccessibleName(/rejected/);
  await expect(studio.pictures.nth(2)).toHaveAttribute('aria-selected', 'true');

  await page.keyboard.press('ControlOrMeta+a');
  await expect(found(page)).toHaveText(`${count} of ${count} pictures`);
  // A file that moves while its thumbnail is being read is a failed request.
  await page.waitForLoadState('networkidle');
  await page.keyboard.press('Delete');
  await expect(page.getByText('No pictures yet')).toBeVisible();
  await expectNothingSerious(page, 'an empty gallery');
  await page.keyboard.press('ControlOrMeta+z');
  await expect(found(page)).toHaveText(`${count} pictures`);
});

test('a search is completed, corrected, kept as a smart album and narrowed by filters', async ({
  page,
}) => {
  await openGallery(page);
  await page.keyboard.press('/');
  const search = page.getByRole('combobox', { name: 'Search pictures' });
  await expect(search).toBeFocused();
  await page.keyboard.type('mod');
  await page.keyboard.press('Tab');
  await expect(search).toHaveValue('model:');
  await page.keyboard.type('ink');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(search).toHaveValue('model:ink-wash');
  await expect(found(page)).toHaveText('8 pictures');
  await page.getByRole('button', { name: 'Save as smart album' }).click();
  const name = page.getByRole('textbox', { name: 'Name of the album' });
  await name.fill('Ink');
  await name.press('Enter');
  await expect(page.getByRole('button', { name: 'Smart album Ink, 8' })).toBeVisible();
  await expectNothingSerious(page, 'a smart album');

  await page.getByRole('button', { name: 'All pictures' }).click();
  await page.getByRole('button', { name: /^Model: starter/ }).click({ modifiers: ['Alt'] });
  await expect(search).toHaveValue('-model=starter');
  await expect(found(page)).toHaveText('8 pictures');
  await page.getByRole('button', { name: /^Model: starter/ }).click();
  await expect(search).toHaveValue('');

  await search.fill('stpes>3 castle');
  await search.press('End');
  await expect(page.getByRole('list', { name: 'Not understood' })).toContainText('steps');
  await expectNothingSerious(page, 'a search that was not understood');
  await search.press('Escape');
  await expect(search).toHaveValue('');
  await search.press('Escape');
  await expect(page.getByRole('listbox', { name: 'Pictures' })).toBeFocused();
});

test('pictures are put together in albums by menu and by dropping', async ({ page }) => {
  const studio = await openGallery(page);
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menu', { name: 'Picture' })).toBeVisible();
  await expectNothingSerious(page, 'the menu');
  await page.getByRole('menuitem', { name: 'New album of them' }).click();
  const name = page.getByRole('textbox', { name: 'Name of the album' });
  await name.fill('Cover');
  await name.press('Enter');
  const album = page.getByRole('button', { name: /^Album Cover/ });
  await expect(album).toHaveAccessibleName('Album Cover, 2');
  await studio.pictures.nth(4).dragTo(album);
  await expect(album).toHaveAccessibleName('Album Cover, 3');
  await album.click();
  await expect(found(page)).toHaveText('3 pictures');
  await studio.pictures.first().click();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Take out of the album' }).click();
  await expect(found(page)).toHaveText('2 pictures');
  await album.focus();
  await page.keyboard.press('Delete');
  await expect(album).toHaveCount(0);
  await expect(found(page)).toHaveText(`${count} pictures`);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(album).toHaveAccessibleName('Album Cover, 2');
});

/** As they stand in the grid. */
function namesOf(studio: StudioPage): Promise<(string | null)[]> {
  return studio.pictures.evaluateAll((cells) =>
    cells
      .toSorted((a, b) => Number(a.dataset['place']) - Number(b.dataset['place']))
      .map((cell) => cell.getAttribute('aria-label')),
  );
}

test('pictures of an album and albums are put in order by key and by dragging, over a restart', async ({
  page,
  studio: host,
}) => {
  const studio = await openGallery(page);
  for (const [key, name] of [
    ['Home', 'Cover'],
    ['End', 'Zoo'],
  ] as const) {
    await page.getByRole('listbox', { name: 'Pictures' }).focus();
    await page.keyboard.press(key);
    await page.keyboard.press(`Shift+Arrow${key === 'Home' ? 'Right' : 'Left'}`);
    await page.keyboard.press(`Shift+Arrow${key === 'Home' ? 'Right' : 'Left'}`);
    await page.keyboard.press('a');
    await expect(page.getByRole('combobox', { name: /^Name of an album/ })).toBeFocused();
    await page.keyboard.type(name);
    await expectNothingSerious(page, 'putting pictures into an album');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: `Album ${name}, 3` })).toBeVisible();
  }
  const cover = page.getByRole('button', { name: /^Album Cover/ });
  await cover.click();
  await expect(found(page)).toHaveText('3 pictures');
  const [a, b, c] = await namesOf(studio);
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Alt+ArrowRight');
  expect(await namesOf(studio)).toEqual([b, a, c]);
  await page.keyboard.press('Alt+End');
  expect(await namesOf(studio)).toEqual([b, c, a]);
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(() => namesOf(studio)).toEqual([b, a, c]);
  await studio.pictures.nth(2).dragTo(studio.pictures.nth(0), { targetPosition: { x: 4, y: 20 } });
  await expect.poll(() => namesOf(studio)).toEqual([c, b, a]);

  const albums = page.getByRole('list', { name: 'Albums' }).getByRole('button', { name: /^Album/ });
  const listed = () =>
    albums.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')));
  const zoo = page.getByRole('button', { name: /^Album Zoo/ });
  await zoo.focus();
  await page.keyboard.press('Alt+ArrowUp');
  expect(await listed()).toEqual(['Album Zoo, 3', 'Album Cover, 3']);
  await expect(zoo).toBeFocused();
  await page.keyboard.press('ControlOrMeta+z');
  await expect.poll(listed).toEqual(['Album Cover, 3', 'Album Zoo, 3']);
  await zoo.dragTo(cover, { targetPosition: { x: 20, y: 3 } });
  await expect.poll(listed).toEqual(['Album Zoo, 3', 'Album Cover, 3']);

  // Ordered otherwise there is nothing to move; the album keeps that order too.
  await page.getByRole('combobox', { name: 'Order' }).selectOption('oldest');
  const byAge = await namesOf(studio);
  await page.getByRole('listbox', { name: 'Pictures' }).focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect(page.getByText('“As in the album”')).toBeVisible();
  await page.getByRole('combobox', { name: 'Order' }).selectOption('album');
  await expect.poll(() => namesOf(studio)).toEqual([c, b, a]);

  const again = await host.restart();
  await again.keyboard.press('ControlOrMeta+3');
  await again.getByRole('button', { name: /^Album Cover/ }).click();
  await expect(found(again)).toHaveText('3 pictures');
  await expect.poll(() => namesOf(new StudioPage(again))).toEqual([c, b, a]);
  expect(byAge).toHaveLength(3);
});

test('tiles have the colours of their pictures before those are there', async ({
  page,
  studio: host,
}) => {
  await openGallery(page);
  await expect(
    details(page)
      .getByRole('button', { name: /^Find pictures of the colour/ })
      .first(),
  ).toBeVisible();
  const released = Promise.withResolvers<void>();
  await page.context().route('**/thumbnail/**', async (route) => {
    await released.promise;
    await route.continue();
  });
  const again = await host.restart();
  const first = new StudioPage(again).pictures.first();
  await expect(first).toHaveAttribute('style', /background-color: rgb/);
  released.resolve();
  await expect(first).not.toHaveAttribute('style', /background-color/);
});

test('what another program wrote is read, and sent to Create', async ({ page }) => {
  await openGallery(page);
  await expect(details(page)).toContainText('from Web UI');
  await expect(details(page)).toContainText('Euler a');
  await expect(details(page).getByLabel('Parameters in the file')).toContainText('Steps: 20');
  const prompt = (await details(page).locator('p').first().textContent()) ?? '';
  await expectNothingSerious(page, 'the details');
  await page.keyboard.press('r');
  await expect(new StudioPage(page).prompt).toHaveValue(prompt);
});
