import { readFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

test('the first run offers three prompts, and one of them becomes a picture with its recipe inside', async ({
  page,
  folders,
}) => {
  const studio = new StudioPage(page);
  const examples = page.getByRole('button', { name: /^an? / });
  await expect(examples).toHaveCount(3);
  await studio.setNumber('Steps', 6);
  const prompt = (await examples.first().textContent()) ?? '';
  await examples.first().click();
  await expect(page.getByLabel('The picture being drawn')).toBeVisible();
  await expect(studio.newest).toHaveCount(1);

  await studio.open('Gallery');
  await studio.pictures.first().click();
  const details = page.getByLabel('Details of the picture');
  await expect(details).toContainText(prompt);
  await expect(details.getByLabel('Parameters in the file')).toContainText('Steps: 6, Sampler:');

  const [file] = globSync('images/**/*.png', { cwd: folders.library });
  const bytes = await readFile(path.join(folders.library, file ?? ''));
  expect(bytes.includes('parameters\0')).toBe(true);
  expect(bytes.includes('trainedAlgorithmicMedia')).toBe(true);
  expect(bytes.includes('"modelHash"')).toBe(true);
});

test('generating goes on while more is asked for, and Esc cancels what runs', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.setNumber('Width', 512);
  await studio.setNumber('Height', 512);
  await studio.generate('a castle, flat', 150);
  await expect(studio.status).toContainText('it/s');
  await studio.setNumber('Width', 128);
  await studio.setNumber('Height', 128);
  await studio.generate('a pear, watercolor', 2);
  await expect(page.getByRole('button', { name: /^Generate · 1 waiting/ })).toBeVisible();
  await studio.prompt.press('Escape');
  await expect(studio.newest).toHaveCount(1);
  await studio.open('Activity');
  await expect(page.getByText('Cancelled').first()).toBeVisible();
});

test('deleting a picture can be undone', async ({ page }) => {
  const studio = new StudioPage(page);
  await studio.generate('a red apple, 3d', 2);
  await expect(studio.newest).toHaveCount(1);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(studio.newest).toHaveCount(0);
  await page.getByRole('button', { name: /Undo/ }).click();
  await expect(studio.newest).toHaveCount(1);
});

test('a picture is made by keyboard alone, and found in the gallery', async ({ page }) => {
  const studio = new StudioPage(page);
  await expect(studio.prompt).toBeVisible();
  await page.keyboard.press('p');
  await expect(studio.prompt).toBeFocused();
  await page.keyboard.type('a green frog, cartoon');
  await studio.number('Steps').focus();
  for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('ArrowDown');
  await expect(studio.number('Steps')).toHaveValue('17');
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(studio.newest).toHaveCount(1);
  await page.keyboard.press('ControlOrMeta+3');
  await expect(studio.pictures).toHaveCount(1);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('4');
  await expect(page.getByLabel('Details of the picture')).toContainText('a green frog, cartoon');
  await page.keyboard.press('Delete');
  await expect(studio.pictures).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(studio.pictures).toHaveCount(1);
});

test('the engine may be killed in the middle of a picture: it comes back and the picture is made', async ({
  page,
  hostKind,
  folders,
}) => {
  const studio = new StudioPage(page);
  await studio.generate('a rocket, flat', 60);
  await expect(studio.status).toContainText('it/s');
  const pid = await studio.engine.getAttribute('data-pid');
  test.skip(!pid && hostKind === 'electron', 'the engine has no process id to kill');
  process.kill(Number(pid), 'SIGKILL');
  await expect
    .poll(() => globSync('images/**/*.png', { cwd: folders.library }).length, { timeout: 60_000 })
    .toBe(1);
  expect(await studio.engine.getAttribute('data-pid')).not.toBe(pid);
});

test('unsent words and settings survive a restart', async ({ page, studio: host }) => {
  const studio = new StudioPage(page);
  await studio.prompt.fill('a half-written thought');
  await studio.setNumber('Guidance', 6);
  await page.waitForTimeout(1500);
  const again = new StudioPage(await host.restart());
  await expect(again.prompt).toHaveValue('a half-written thought');
  await expect(again.number('Guidance')).toHaveValue('6');
});

test('two windows show the same studio', async ({ page, studio: host }) => {
  const second = new StudioPage(await host.openWindow());
  await new StudioPage(page).generate('a star, 3d', 2);
  await expect(second.newest).toHaveCount(1);
});

test('a size that the model cannot draw is refused beside the field, and nothing is lost', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.prompt.fill('a house, flat');
  await studio.setNumber('Width', 7);
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(studio.prompt).toHaveValue('a house, flat');
  await expect(studio.newest).toHaveCount(0);
  await expect(page.getByRole('alert').first()).toContainText('64');
  await studio.setNumber('Width', 128);
  await expect(page.getByRole('alert')).toHaveCount(0);
});
