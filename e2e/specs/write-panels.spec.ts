/** The panels around the page: what the model reads, lore, files in and out, pictures in the text. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expectFits } from '../fixtures/looks.ts';
import { expect, test } from '../fixtures/writing.ts';
import { StudioPage } from '../pages/studio-page.ts';

const card = {
  spec: 'chara_card_v2',
  spec_version: '2.0',
  data: {
    name: 'Mira',
    description: '{{char}} keeps the lighthouse with {{user}}.',
    personality: 'silent',
    first_mes: 'The lamp is out, {{user}}.\n\nIt was Mira who said it.',
    creator: 'A. Writer',
    tags: ['sea', 'night'],
    character_book: {
      entries: [{ keys: ['lamp'], content: 'The lamp burns oil.', name: 'Lamp', enabled: true }],
    },
  },
};
const cardFile = {
  name: 'mira.json',
  mimeType: 'application/json',
  buffer: Buffer.from(JSON.stringify(card)),
};

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('radiogroup', { name: 'What the panel shows' }).getByText(name).click();
}

async function choose(page: Page, open: () => Promise<void>, file: typeof cardFile): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await open();
  await (await chooser).setFiles(file);
}

test('an entry of lore is written, found and read by the model, by keyboard alone', async ({
  page,
  desk,
  studio: host,
}) => {
  await page.keyboard.type('The king slept.');
  const tabs = page.getByRole('radiogroup', { name: 'What the panel shows' });
  await tabs.getByRole('radio', { checked: true }).focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Tab');
  await page.keyboard.type('King');
  await page.keyboard.press('Enter');
  const entry = page.getByRole('group', { name: 'Entry' });
  await expect(entry.getByRole('textbox', { name: 'Title of the entry' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(entry.getByRole('textbox', { name: 'Keys' })).toBeFocused();
  await page.keyboard.type('monarch,');
  await page.keyboard.press('Tab');
  await page.keyboard.type('He is called Rex.');
  await expect(entry.getByText('The text at the cursor brings it up.')).toBeVisible();
  await page.keyboard.press('Escape');
  const row = page.getByRole('list', { name: 'Lore' }).getByRole('button', { name: /^King/ });
  await expect(row).toBeFocused();
  await expect(row).toContainText('told');
  await page.getByLabel(/^Told at the cursor/).fill('Nobody of that name.');
  await expect(page.getByLabel('This text brings up 0 of 1')).toBeVisible();
  await desk.editor.press('ControlOrMeta+Shift+m');
  const reads = page.getByRole('dialog', { name: 'What the model reads' });
  await expect(reads.getByRole('group', { name: 'Text of King' })).toContainText(
    '[He is called Rex.]',
  );
  await page.keyboard.press('Escape');
  await expect(reads).toHaveCount(0);
  await row.focus();
  await page.keyboard.press('Delete');
  await expect(row).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toBeVisible();
  const again = new StudioPage(await host.restart());
  await again.open('Write');
  await openTab(again.page, 'Lore');
  await expect(again.page.getByRole('list', { name: 'Lore' })).toContainText('King, monarch');
});

test('memory and note are kept as they are typed, and the model is told them', async ({
  page,
  desk,
  studio: host,
}) => {
  await page.keyboard.type('Once upon a time there was a king who');
  await openTab(page, 'Project');
  await page.getByRole('textbox', { name: 'Memory' }).fill('A tale of the north.');
  await page.getByRole('textbox', { name: 'Author’s note' }).fill('It is cold.');
  await page.waitForTimeout(1_000);
  await desk.editor.press('ControlOrMeta+Shift+m');
  const reads = page.getByRole('dialog', { name: 'What the model reads' });
  await expect(reads.getByRole('group', { name: 'Text of Memory' })).toContainText('the north');
  await expect(reads.getByRole('status')).toContainText('computes all of it');
  await page.keyboard.press('Escape');
  await openTab(page, 'Model');
  await desk.goOn(12);
  await desk.editor.press('ControlOrMeta+Shift+m');
  await expect(reads.getByRole('status')).toContainText('known from the last run');
  await reads.getByRole('switch', { name: 'Token by token' }).check();
  await expect(reads.locator('[data-token]').first()).toBeVisible();
  await page.keyboard.press('Escape');
  const again = new StudioPage(await host.restart());
  await again.open('Write');
  await openTab(again.page, 'Project');
  await expect(again.page.getByRole('textbox', { name: 'Memory' })).toHaveValue(
    'A tale of the north.',
  );
});

test('a project becomes an EPUB, with a picture of the library', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.generate('a red apple, 3d', 2);
  await expect(studio.newest).toHaveCount(1);
  await studio.open('Write');
  await studio.editor.click();
  await page.keyboard.type('# One\nThe apple lay there.');
  await page.getByRole('button', { name: 'Place a picture' }).click();
  const pictures = page.getByRole('dialog', { name: 'Place a picture' });
  await pictures.getByRole('radio', { name: 'a red apple, 3d' }).check({ force: true });
  await pictures.getByLabel('Caption').fill('The apple');
  await pictures.getByRole('button', { name: 'Place' }).click();
  const figure = studio.editor.locator('figure');
  await expect(figure.locator('figcaption')).toHaveText('The apple');
  await expect
    .poll(() => figure.locator('img').evaluate((img: HTMLImageElement) => img.naturalWidth))
    .toBeGreaterThan(0);
  await figure.locator('img').click();
  await page.getByRole('button', { name: 'Place a picture' }).click();
  const placed = page.getByRole('dialog', { name: 'The picture in the text' });
  await placed.getByLabel('Caption').fill('An apple');
  await placed.getByRole('button', { name: 'Save' }).click();
  await expect(figure.locator('figcaption')).toHaveText('An apple');
  await studio.editor.press('ControlOrMeta+z');
  await expect(figure.locator('figcaption')).toHaveText('The apple');
  await studio.editor.locator('p').last().click();
  await page.keyboard.type('It was red.');
  await studio.editor.press('ControlOrMeta+Alt+e');
  const dialog = page.getByRole('dialog', { name: 'Export the project' });
  await dialog.getByRole('button', { name: 'Export' }).click();
  const link = dialog.getByRole('link', { name: 'Download' });
  await expect(link).toBeVisible();
  await expect(dialog.getByRole('list')).toHaveCount(0);
  const waiting = page.waitForEvent('download');
  await link.click();
  const download = await waiting;
  expect(download.suggestedFilename()).toMatch(/\.epub$/);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(30, 58).toString()).toBe('mimetypeapplication/epub+zip');
  expect(bytes.includes('.png')).toBe(true);
});

test('a Markdown file becomes a project, and chapters of the open one', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await expect(studio.editor).toBeVisible();
  const switcher = page.locator('[data-tip="Opens another project, or begins one"]');
  const file = {
    name: 'voyage.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# The voyage\n\n## Out\n\nThey left.\n\n## Home\n\nThey *came* back.\n'),
  };
  await switcher.click();
  await choose(
    page,
    () => page.getByRole('menuitem', { name: 'Import a document as a project…' }).click(),
    file,
  );
  const outline = page.getByRole('tree', { name: 'Outline' });
  await expect(outline.locator('[aria-level="1"]')).toHaveCount(2);
  await expect(switcher).toHaveText('The voyage');
  await expect.poll(() => studio.written()).toContain('They left.');
  await page
    .getByRole('tree', { name: 'Outline' })
    .locator('..')
    .evaluate((element) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['And then they slept.'], 'end.txt', { type: 'text/plain' }));
      element.dispatchEvent(
        new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }),
      );
    });
  await expect(outline.locator('[aria-level="1"]')).toHaveCount(3);
  await expect.poll(() => studio.written()).toBe('And then they slept.');
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(outline.locator('[aria-level="1"]')).toHaveCount(2);
});

test('a character card brings memory, lore and a greeting; undone, all of it goes', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await expect(studio.editor).toBeVisible();
  await openTab(page, 'Lore');
  await choose(
    page,
    () => page.getByRole('button', { name: 'Import a character card' }).click(),
    cardFile,
  );
  const dialog = page.getByRole('dialog', { name: 'Mira' });
  await dialog.getByLabel('You are called').fill('Sam');
  await dialog.getByLabel('You are called').press('Tab');
  await expect(dialog.getByRole('note', { name: 'The greeting' })).toContainText(
    'The lamp is out, Sam.',
  );
  await dialog.getByRole('button', { name: 'Add to the project' }).click();
  await expect.poll(() => studio.written()).toContain('The lamp is out, Sam.');
  await expect(page.getByRole('list', { name: 'Lore' })).toContainText('Lamp');
  await openTab(page, 'Project');
  await expect(page.getByRole('textbox', { name: 'Memory' })).toHaveValue(
    /Mira keeps the lighthouse with Sam\./,
  );
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('textbox', { name: 'Memory' })).toHaveValue('');
  await expect.poll(() => studio.written()).toBe('');
});

test('a file that is no card says so and changes nothing', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await openTab(page, 'Lore');
  await choose(page, () => page.getByRole('button', { name: 'Import a character card' }).click(), {
    ...cardFile,
    buffer: Buffer.from('{"a":1}'),
  });
  await expect(page.getByText('This JSON is no character card', { exact: false })).toBeVisible();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('a preset of another program is kept, used, and says what it left out', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await page.getByRole('button', { name: 'Presets of your own' }).click();
  const surface = page.getByRole('dialog', { name: 'Presets of your own' });
  await choose(page, () => surface.getByRole('button', { name: 'Import a preset…' }).click(), {
    name: 'Storyteller.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify({ temp: 1.2, top_k: 55, tfs: 0.9 })),
  });
  await expect(surface.getByRole('status')).toContainText('“Storyteller” is in use.');
  await expect(surface.getByRole('status')).toContainText('Tail-free sampling');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('Storyteller');
  await expect(page.getByRole('spinbutton', { name: 'Temperature', exact: true })).toHaveValue(
    '1.2',
  );
});

test('“Draw this” brings an entry’s picture to Create', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.open('Write');
  await openTab(page, 'Lore');
  await page.getByRole('button', { name: 'New entry' }).click();
  await page.getByRole('textbox', { name: 'Picture' }).fill('an old lighthouse at night');
  await page.getByRole('button', { name: 'Draw this' }).click();
  await expect(studio.prompt).toHaveText('an old lighthouse at night');
});

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('every panel fits its window, and axe finds nothing serious', async ({ page }) => {
      test.setTimeout(120_000);
      const studio = new StudioPage(page);
      const look = (state: string) => expectFits(page, `panels-${state}-${colorScheme}`);
      await studio.generate('a red apple, 3d', 2);
      await expect(studio.newest).toHaveCount(1);
      await studio.open('Write');
      await studio.editor.click();
      await page.keyboard.type(
        '# The Lighthouse\nThe keeper had not spoken since the storm. Nobody came, and nobody was expected.\nThe lamp was out when the boat turned in, and Mira stood on the stairs.',
      );
      await openTab(page, 'Lore');
      await look('lore-empty');
      await choose(
        page,
        () => page.getByRole('button', { name: 'Import a character card' }).click(),
        cardFile,
      );
      await expect(page.getByRole('dialog', { name: 'Mira' })).toBeVisible();
      await look('card');
      await page.getByRole('button', { name: 'Add to the project' }).click();
      for (const title of ['The keeper', 'The harbour', 'The storm of 1911']) {
        await page.getByRole('searchbox', { name: 'Search the lore' }).fill(title);
        await page.keyboard.press('Enter');
        await page
          .getByRole('textbox', { name: 'What the model is told' })
          .fill(`${title} is old.`);
        await page.getByRole('button', { name: 'All entries' }).click();
      }
      await look('lore');
      await page.getByRole('list', { name: 'Lore' }).getByRole('button').first().click();
      await page.getByText('When it comes up').click();
      await look('lore-entry');
      await page.getByRole('button', { name: 'All entries' }).click();
      await openTab(page, 'Project');
      await page
        .getByRole('textbox', { name: 'Author’s note' })
        .fill('Short sentences. The sea is never blue.');
      await page.waitForTimeout(1_200);
      await look('project');
      await openTab(page, 'Model');
      await studio.setNumber('Tokens', 40);
      await studio.editor.press('ControlOrMeta+Enter');
      await expect(studio.writeNote).toContainText('40 tokens');
      await openTab(page, 'Project');
      await page.getByRole('textbox', { name: 'Author’s note' }).fill('Long sentences.');
      await page.waitForTimeout(1_200);
      await studio.editor.press('ControlOrMeta+Shift+m');
      await expect(page.getByRole('dialog').getByRole('status')).toContainText('computes');
      await look('context');
      await page.getByRole('switch', { name: 'Token by token' }).check();
      await expect(page.locator('[data-token]').first()).toBeVisible();
      await look('tokens');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Place a picture' }).click();
      const pictures = page.getByRole('dialog', { name: 'Place a picture' });
      await pictures.getByRole('radio', { name: 'a red apple, 3d' }).check({ force: true });
      await look('picture');
      await pictures.getByLabel('Caption').fill('The apple');
      await pictures.getByRole('button', { name: 'Place' }).click();
      await page.getByRole('button', { name: 'New chapter' }).click();
      await expect(
        page.getByRole('tree', { name: 'Outline' }).locator('[aria-level="1"]'),
      ).toHaveCount(2);
      await page.keyboard.press('ControlOrMeta+Alt+e');
      await page.getByRole('dialog').getByText('PDF').click();
      await look('export');
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      await expect(page.getByRole('link', { name: 'Download' })).toBeVisible();
      await look('exported');
      await page.keyboard.press('Escape');
      await openTab(page, 'Model');
      await page.getByRole('button', { name: 'Presets of your own' }).click();
      await look('presets');
    });
  });
}
