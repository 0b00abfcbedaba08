import { cp, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCatalog, type Catalog } from './catalog.ts';
import {
  imageModelFiles,
  onnxGraph,
  temporaryFolder,
  textModelFiles,
  writeFolder,
} from './model.fixture.ts';

interface TemporaryCatalog extends AsyncDisposable {
  readonly folder: string;
  readonly bundledModels: string;
  readonly libraryModels: string;
  readonly entries: string[];
  open(): Promise<Catalog>;
}

/** With one image model that came with the program and one text model in the library. */
async function temporaryCatalog(): Promise<TemporaryCatalog> {
  const temporary = await temporaryFolder();
  const { folder } = temporary;
  const bundledModels = path.join(folder, 'bundled');
  const libraryModels = path.join(folder, 'library', 'models');
  await writeFolder(path.join(bundledModels, 'starter'), imageModelFiles);
  await writeFolder(path.join(libraryModels, 'prose'), textModelFiles);
  const opened: Catalog[] = [];
  const entries: string[] = [];
  return {
    folder,
    bundledModels,
    libraryModels,
    entries,
    async open() {
      const catalog = await openCatalog({
        bundledModels,
        libraryModels,
        dataFolder: path.join(folder, 'data'),
        log: (level, text) => entries.push(`${level}: ${text}`),
      });
      opened.push(catalog);
      return catalog;
    },
    async [Symbol.asyncDispose]() {
      for (const catalog of opened) await catalog.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
}

const soon = () => AbortSignal.timeout(20_000);

describe('the catalog', () => {
  it('lists what came with the program and what lies in the library', async () => {
    await using temporary = await temporaryCatalog();
    const catalog = await temporary.open();
    expect(catalog.list()).toMatchObject([
      { id: 'starter', kind: 'image', bundled: true, problem: null },
      { id: 'prose', kind: 'text', bundled: false, problem: null },
    ]);
    expect(catalog.locate('prose')).toEqual({
      id: 'prose',
      folder: path.join(temporary.libraryModels, 'prose'),
    });
    expect(await catalog.card('starter')).toContain('# A model');
    expect(await catalog.card('prose')).toBeNull();
    expect(() => catalog.find('sdxl')).toThrow(expect.objectContaining({ code: 'model-missing' }));
  });

  it('lists a broken model with its problem and refuses to use it', async () => {
    await using temporary = await temporaryCatalog();
    await rm(path.join(temporary.bundledModels, 'starter', 'unet', 'model.onnx'));
    const catalog = await temporary.open();
    expect(catalog.list()[0]?.problem).toContain('unet/model.onnx');
    expect(() => catalog.locate('starter')).toThrow(
      expect.objectContaining({
        code: 'model-invalid',
        message: expect.stringContaining('unet/model.onnx'),
      }),
    );
    await expect(catalog.hash('starter', soon())).rejects.toMatchObject({ code: 'model-invalid' });
    await writeFile(
      path.join(temporary.bundledModels, 'starter', 'unet', 'model.onnx'),
      onnxGraph(),
    );
    await catalog.refresh();
    expect(catalog.find('starter').problem).toBeNull();
  });

  it('starts without any models', async () => {
    await using temporary = await temporaryCatalog();
    await rm(temporary.bundledModels, { recursive: true });
    await rm(temporary.libraryModels, { recursive: true });
    expect((await temporary.open()).list()).toEqual([]);
  });

  it('tells two models of one id apart', async () => {
    await using temporary = await temporaryCatalog();
    await writeFolder(path.join(temporary.libraryModels, 'starter'), imageModelFiles);
    await writeFolder(path.join(temporary.libraryModels, 'x'), {
      ...imageModelFiles,
      'atelier.json': '{"id":"starter"}',
    });
    const catalog = await temporary.open();
    expect(catalog.list().map(({ id }) => id)).toEqual(['starter', 'prose', 'starter-2', 'x']);
    expect(catalog.find('starter').bundled).toBe(true);
  });

  it('follows a link that a person put among the models, to a model on another disk', async () => {
    await using temporary = await temporaryCatalog();
    await writeFolder(path.join(temporary.folder, 'elsewhere'), imageModelFiles);
    await symlink(
      path.join(temporary.folder, 'elsewhere'),
      path.join(temporary.libraryModels, 'linked'),
    );
    expect((await temporary.open()).find('linked')).toMatchObject({ problem: null });
  });
});

describe('hashes of models', () => {
  it('come in the background, are told to watchers, and are of the weights alone', async () => {
    await using temporary = await temporaryCatalog();
    await cp(
      path.join(temporary.bundledModels, 'starter'),
      path.join(temporary.libraryModels, 'twin'),
      { recursive: true },
    );
    await writeFile(path.join(temporary.libraryModels, 'twin', 'README.md'), 'another card');
    const catalog = await temporary.open();
    for await (const models of catalog.watch(soon())) {
      if (models.every(({ hash }) => hash !== null)) break;
    }
    const [starter, prose, twin] = catalog.list();
    expect(starter?.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(twin?.hash).toBe(starter?.hash);
    expect(prose?.hash).not.toBe(starter?.hash);
    expect(await catalog.hash('starter', soon())).toBe(starter?.hash);
    await expect(catalog.hash('starter', AbortSignal.abort())).rejects.toThrow();
  });

  it('are read again only after a change of size or time', async () => {
    await using temporary = await temporaryCatalog();
    const weights = path.join(temporary.bundledModels, 'starter', 'unet', 'weights.onnx_data');
    const atSeconds = 1_700_000_000;
    await utimes(weights, atSeconds, atSeconds);
    const first = await temporary.open();
    const before = await first.hash('starter', soon());
    await first.close();
    await writeFile(weights, 'LARGE');
    await utimes(weights, atSeconds, atSeconds);
    const second = await temporary.open();
    expect(second.find('starter').hash).toBe(before);
    await utimes(weights, atSeconds, atSeconds + 1);
    await second.refresh();
    expect(await second.hash('starter', soon())).not.toBe(before);
  });
});

describe('importing a model', () => {
  it('copies it whole, without hidden files, and keeps it', async () => {
    await using temporary = await temporaryCatalog();
    const from = await writeFolder(path.join(temporary.folder, 'my model?'), {
      ...textModelFiles,
      '.git/config': 'x',
    });
    const catalog = await temporary.open();
    const model = await catalog.importFolder(from, soon());
    expect(model).toMatchObject({
      kind: 'text',
      bundled: false,
      problem: null,
      folder: path.join(temporary.libraryModels, 'my model-'),
    });
    expect((await readdir(temporary.libraryModels)).toSorted()).toEqual(['my model-', 'prose']);
    expect(await readdir(model.folder)).not.toContain('.git');
    expect(catalog.find(model.id)).toMatchObject({ id: model.id });
    await rm(from, { recursive: true });
    expect((await (await temporary.open()).refresh()).map(({ id }) => id)).toContain(model.id);
    await expect(catalog.importFolder(model.folder, soon())).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('refuses what is missing, no model, broken, or installed, and leaves nothing behind', async () => {
    await using temporary = await temporaryCatalog();
    const catalog = await temporary.open();
    const before = await readdir(temporary.libraryModels);
    const refuse = (folder: string, code: string) =>
      expect(
        catalog.importFolder(path.join(temporary.folder, folder), soon()),
      ).rejects.toMatchObject({ code });
    await refuse('nowhere', 'not-found');
    await writeFile(path.join(temporary.folder, 'file'), 'x');
    await refuse('file', 'not-found');
    await mkdir(path.join(temporary.folder, 'photos'));
    await refuse('photos', 'model-invalid');
    await writeFolder(path.join(temporary.folder, 'broken'), {
      ...imageModelFiles,
      'unet/model.onnx': 'x',
    });
    await refuse('broken', 'model-invalid');
    await writeFolder(path.join(temporary.folder, 'evil'), {
      ...imageModelFiles,
      'unet/model.onnx': onnxGraph({ external: ['../../x'] }),
    });
    await refuse('evil', 'model-invalid');
    await writeFolder(path.join(temporary.folder, 'other', 'starter'), imageModelFiles);
    await refuse('other/starter', 'conflict');
    await refuse('bundled/starter', 'conflict');
    expect(await readdir(temporary.libraryModels)).toEqual(before);
  });

  it('leaves nothing behind when it is cancelled or was killed', async () => {
    await using temporary = await temporaryCatalog();
    const from = await writeFolder(path.join(temporary.folder, 'big'), textModelFiles);
    const catalog = await temporary.open();
    await expect(catalog.importFolder(from, AbortSignal.abort())).rejects.toMatchObject({
      code: 'cancelled',
    });
    await catalog.close();
    await rename(from, path.join(temporary.libraryModels, '.import-half'));
    const again = await temporary.open();
    expect(again.list().map(({ id }) => id)).toEqual(['starter', 'prose']);
    expect(await readdir(temporary.libraryModels)).toEqual(['prose']);
  });
});
