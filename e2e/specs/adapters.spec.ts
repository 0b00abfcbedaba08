import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import sharp from 'sharp';
import { expectNothingSerious } from '../fixtures/axe.ts';
import { rootFolder } from '../fixtures/host.ts';
import { expect, test } from '../fixtures/test.ts';
import { StudioPage } from '../pages/studio-page.ts';

const golden = path.join(rootFolder, 'main/engine/diffusion/golden');
const adapters = path.join(golden, 'tiny-adapters');

test.beforeEach(async ({ folders: { library } }) => {
  const tiny = path.join(library, 'models', 'tiny');
  await cp(path.join(golden, 'tiny-stable-diffusion'), tiny, { recursive: true });
  const inLibrary = (name: string) => path.join(library, 'adapters', name);
  await cp(path.join(adapters, 'control'), inLibrary('controlnets/edges'), { recursive: true });
  await mkdir(inLibrary('embeddings'), { recursive: true });
  await mkdir(inLibrary('loras'), { recursive: true });
  await cp(path.join(adapters, 'sketchy.safetensors'), inLibrary('embeddings/sketchy.safetensors'));
  await writeFile(inLibrary('loras/cut.safetensors'), 'x');
});

async function chooseTiny(studio: StudioPage): Promise<void> {
  await studio.page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('tiny');
  await studio.setNumber('Width', 64);
  await studio.setNumber('Height', 64);
  await studio.setNumber('Steps', 2);
}

/** Levels that occur in the picture within an element. */
async function coloursOf(element: Locator): Promise<Set<number>> {
  const bytes = await element.locator('img').evaluate(async (image: HTMLImageElement) => {
    return [...new Uint8Array(await (await createImageBitmapBytes(image)).arrayBuffer())];

    async function createImageBitmapBytes({ src }: HTMLImageElement): Promise<Blob> {
      const drawn = new Image();
      drawn.src = src;
      await drawn.decode();
      const canvas = new OffscreenCanvas(drawn.naturalWidth, drawn.naturalHeight);
      canvas.getContext('2d')?.drawImage(drawn, 0, 0);
      return canvas.convertToBlob({ type: 'image/png' });
    }
  });
  return new Set(await sharp(Buffer.from(bytes)).removeAlpha().raw().toBuffer());
}

test('a LoRA is imported, weighed, switched off and on, and its hash goes into the picture', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await chooseTiny(studio);
  await page.locator('summary', { hasText: 'LoRA' }).press('Enter');
  const file = page.getByLabel('LoRA file');
  await file.setInputFiles({
    name: 'bad.safetensors',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from('too short'),
  });
  await expect(page.getByRole('alert')).toContainText('"bad.safetensors" was not imported');
  await file.setInputFiles(path.join(adapters, 'kohya.safetensors'));
  const kohya = page.getByRole('group', { name: 'LoRA kohya', exact: true });
  await expect(kohya).toBeVisible();

  const picker = page.getByRole('combobox', { name: 'Add a LoRA' });
  await picker.press('ArrowDown');
  await expect(page.getByRole('option', { name: /cut/ })).toHaveAttribute('aria-disabled', 'true');
  await picker.press('Escape');
  await studio.setNumber('Weight', 0.6);
  await kohya.locator('summary').press('Enter');
  await expect(kohya.getByRole('spinbutton', { name: 'Text encoder' })).toHaveValue('0.6');
  await expectNothingSerious(page, 'adapters');

  const isOn = kohya.getByRole('switch', { name: 'kohya' });
  await isOn.press('Space');
  await studio.generate('a red apple', 2);
  await expect(studio.newest).toHaveCount(1);
  await isOn.press('Space');
  await studio.generate('a red apple, sketchy', 2);
  await expect(studio.newest).toHaveCount(2);
  await studio.open('Gallery');
  const parameters = page.getByLabel('Parameters in the file');
  await expect(studio.pictures).toHaveCount(2);
  await studio.pictures.first().click();
  await expect(parameters).toContainText('Lora hashes');
  await expect(parameters).toContainText('TI hashes');
  await studio.pictures.last().click();
  await expect(parameters).not.toContainText('Lora hashes');
});

test('a ControlNet follows a picture over some of the steps', async ({ page }) => {
  const studio = new StudioPage(page);
  await chooseTiny(studio);
  await page.locator('summary', { hasText: 'ControlNet' }).press('Enter');
  await page
    .getByLabel('Picture for a ControlNet', { exact: true })
    .setInputFiles(path.join(adapters, 'control.png'));
  const unit = page.getByRole('group', { name: 'ControlNet 1' });
  await expect(unit).toBeVisible();
  await page.getByRole('switch', { name: 'ControlNet 1' }).press('Space');
  await expect(page.locator('summary', { hasText: 'ControlNet' })).not.toContainText('edges');
  await page.getByRole('switch', { name: 'ControlNet 1' }).press('Space');
  const preview = unit.getByRole('button', { name: 'What ControlNet 1 sees' });
  await expect(preview.locator('img')).toBeVisible();
  expect((await coloursOf(preview)).size).toBeGreaterThan(2);
  await unit.getByRole('combobox', { name: 'Read as' }).selectOption('canny');
  // Edges are black and white, of the size that will be drawn.
  await expect
    .poll(async () => [...(await coloursOf(preview))].toSorted((a, b) => a - b))
    .toEqual([0, 255]);
  await preview.press('Enter');
  await expect(page.getByRole('img', { name: 'What ControlNet 1 sees, 64 × 64' })).toBeVisible();
  await expectNothingSerious(page, 'adapters');
  await page.keyboard.press('Escape');
  await expect(preview).toBeFocused();
  await unit.getByRole('slider', { name: 'To, slider' }).press('Home');
  await expect(unit.getByRole('spinbutton', { name: 'To' })).toHaveValue('0');
  await unit.getByRole('spinbutton', { name: 'To' }).fill('50');
  await expectNothingSerious(page, 'adapters');
  await studio.generate('a red apple', 2);
  await expect(studio.newest).toHaveCount(1);
  await expect(studio.status).toContainText('Ready');
  await studio.open('Gallery');
  await studio.pictures.first().click();
  await expect(studio.pictures).toHaveCount(1);
});

test('names complete, odd ones are told of, and weights are nudged and undone by key', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await page.getByText('LoRA', { exact: true }).click();
  await page.getByLabel('LoRA file').setInputFiles(path.join(adapters, 'kohya.safetensors'));
  await expect(page.getByRole('group', { name: 'LoRA kohya', exact: true })).toBeVisible();
  await studio.prompt.click();
  await page.keyboard.type('a red apple <lora:ko');
  await expect(page.getByRole('option', { name: 'kohya' })).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1>');
  await page.keyboard.press('Control+ArrowUp');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1.05>');
  await page.keyboard.press('End');
  await page.keyboard.type(', ske');
  await page.keyboard.press('Enter');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1.05>, sketchy');
  await page.keyboard.press('Control+ArrowUp');
  await page.keyboard.press('Control+ArrowUp');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1.05>, (sketchy:1.1)');
  await page.keyboard.press('Control+z');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1.05>, (sketchy:1.05)');
  await page.keyboard.press('Control+z');
  await expect(studio.prompt).toHaveValue('a red apple <lora:kohya:1.05>, sketchy');
  await studio.prompt.fill('a <lora:kohya:much>');
  await expect(page.getByText('“much” of “kohya” is no number')).toBeVisible();
  await studio.prompt.fill('a <lora:nobody:1>');
  await expect(page.getByText('There is no LoRA “nobody”.')).toBeVisible();
});

test('a finished picture is made larger from the result bar', async ({ page }) => {
  const studio = new StudioPage(page);
  await chooseTiny(studio);
  await studio.generate('a red apple', 2);
  await expect(studio.newest).toHaveCount(1);
  await page.getByRole('button', { name: 'Upscale' }).press('Enter');
  await studio.number('Times').fill('3');
  await expectNothingSerious(page, 'adapters');
  await page.getByRole('button', { name: 'Make 192 × 192' }).press('Enter');
  await expect(studio.newest).toHaveCount(2);
  await studio.open('Gallery');
  await studio.pictures.first().click();
  await expect(page.getByLabel('Details of the picture')).toContainText('192 × 192');
});

test('Models lists adapters with their facts, and names what is wrong with a damaged one', async ({
  page,
}) => {
  const studio = new StudioPage(page);
  await studio.open('Models');
  await page.getByLabel('Add an adapter').fill(path.join(adapters, 'second-control'));
  await page.keyboard.press('Enter');
  const detail = page.getByRole('article', { name: 'second-control' });
  await expect(detail.getByText(/^[0-9a-f]{64}$/)).toBeVisible();
  await page
    .getByRole('group', { name: 'Adapters: LoRA' })
    .getByRole('button', { name: /cut/ })
    .press('Enter');
  await expect(page.getByRole('article', { name: 'cut' }).getByRole('alert')).toContainText(
    'It is damaged',
  );
  await expectNothingSerious(page, 'adapters');
});

test('a ControlNet’s folder is chosen, and dropped, where one is asked for', async ({ page }) => {
  const studio = new StudioPage(page);
  await chooseTiny(studio);
  await page.locator('summary', { hasText: 'ControlNet' }).press('Enter');
  await page.getByLabel('ControlNet folder').setInputFiles(path.join(adapters, 'second-control'));
  await expect(page.getByText('second-control was added')).toBeVisible();

  // A browser hands a dropped folder out as entries; here they are made of the same files.
  const files = await Promise.all(
    ['config.json', 'model.onnx'].map(async (name) => ({
      name,
      base64: (await readFile(path.join(adapters, 'control', name))).toString('base64'),
    })),
  );
  await page.getByRole('button', { name: 'Import a folder' }).first().evaluate(dropFolder, files);
  await expect(page.getByText('dropped was added')).toBeVisible();
  await studio.open('Models');
  const listed = page.getByRole('group', { name: 'Adapters: ControlNets' });
  await expect(listed.getByRole('button', { name: /dropped/ })).toBeVisible();
  await expect(listed.getByRole('button', { name: /second-control/ })).toBeVisible();
});

function dropFolder(
  target: Element,
  files: readonly { readonly name: string; readonly base64: string }[],
): void {
  const entries = files.map(({ name, base64 }) => ({
    name,
    isDirectory: false,
    file: (take: (file: File) => void) =>
      take(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name)),
  }));
  const folder = {
    name: 'dropped',
    isDirectory: true,
    createReader: () => ({
      readEntries: (take: (some: unknown[]) => void) => take(entries.splice(0)),
    }),
  };
  const dataTransfer = {
    types: ['Files'],
    items: [{ webkitGetAsEntry: () => folder }],
    files: [new File([], 'dropped')],
    getData: () => '',
  };
  const event = new Event('drop', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer });
  target.dispatchEvent(event);
}
