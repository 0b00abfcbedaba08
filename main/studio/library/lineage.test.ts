import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Grid } from '../../../contract/grid.ts';
import { ImageOptions } from '../../../contract/image-options.ts';
import { libraryLimits, type Lineage } from '../../../contract/images.ts';
import { assetAddress } from './asset-address.ts';
import { openWritable } from './database/connection.ts';
import { imageIdOf } from './image-rows.ts';
import { insertRow } from './insert-image.ts';
import { addPicture, recipeOf, temporaryLibrary, trash } from './library.fixture.ts';
import type { Library } from './library.ts';
import { lineageOf } from './lineage.ts';
import { migrate } from './migrations/index.ts';

const elsewhere = 'e'.repeat(64);
let made = 0;

/** A picture of that seed, made from others as the options say. */
async function drawn(
  library: Library,
  options: Parameters<typeof ImageOptions.parse>[0] = {},
  { seed = (made += 1), cells }: { readonly seed?: number; readonly cells?: string[] } = {},
) {
  const recipe = recipeOf({ seed, createdAt: 1_800_000_000_000 + (made += 1) });
  const grid = Grid.parse({ axes: [{ field: 'steps', values: '8' }] });
  return addPicture(library, {
    ...recipe,
    sheet: cells ? { grid, cells } : null,
    settings: { ...recipe.settings, ...ImageOptions.parse(options) },
  });
}

const lineage = (library: Library, id: string, depth = 6) => library.ask.lineage({ id, depth });

/** Nodes by generation, and edges, with names in the place of keys. */
function named({ nodes, edges, isCut }: Lineage, names: Readonly<Record<string, string>>) {
  const nameOf = (key: string) => names[key] ?? key;
  return {
    nodes: Object.fromEntries(nodes.map(({ key, generation }) => [nameOf(key), generation])),
    edges: edges
      .map(({ from, to, through }) => `${nameOf(from)} → ${nameOf(to)}: ${through}`)
      .toSorted(),
    isCut,
  };
}

describe('what a picture came from and what came from it', () => {
  it('is found through every way in which pictures are made from pictures', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const root = await drawn(library);
    const source = { picture: root.contentHash };
    const children = {
      again: await drawn(library, { source }),
      inpainted: await drawn(library, { source: { ...source, mask: { picture: elsewhere } } }),
      extended: await drawn(library, { source: { ...source, extend: { left: 64 } } }),
      enlarged: await drawn(library, { source: { ...source, strength: 0 }, upscale: {} }),
      branched: await drawn(library, { branch: { imageId: root.id, step: 3 } }),
      guided: await drawn(library, { controls: [{ id: 'canny', picture: root.contentHash }] }),
      sheet: await drawn(library, {}, { cells: [root.id] }),
    };
    const names = Object.fromEntries([
      [root.id, 'root'],
      ...Object.entries(children).map(([name, { id }]) => [id, name]),
    ]) as Record<string, string>;
    expect(named(await lineage(library, root.id), names)).toEqual({
      nodes: { root: 0, ...Object.fromEntries(Object.keys(children).map((name) => [name, 1])) },
      edges: [
        'root → again: image-to-image',
        'root → branched: branch',
        'root → enlarged: upscale',
        'root → extended: outpaint',
        'root → guided: control',
        'root → inpainted: inpaint',
        'root → sheet: grid-cell',
      ],
      isCut: false,
    });
    // From a child's side the root is a generation back, and its other children stand beside.
    const back = named(await lineage(library, children.again.id), names);
    expect(back.nodes).toMatchObject({ again: 0, root: -1, branched: 0 });
    expect(back.edges).toHaveLength(7);
  });

  it('follows variations one step of noise at a time, of the same settings alone', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const turn = (seed: number) => ({ seed, strength: 0.2 });
    const seed = 77;
    const plain = await drawn(library, {}, { seed });
    const once = await drawn(library, { variation: [turn(1)] }, { seed });
    const twice = await drawn(library, { variation: [turn(1), turn(2)] }, { seed });
    await drawn(library, { variation: [turn(1)], clipSkip: 2 }, { seed });
    await drawn(library, { variation: [turn(1)] }, { seed: 78 });
    const names = { [plain.id]: 'plain', [once.id]: 'once', [twice.id]: 'twice' };
    expect(named(await lineage(library, plain.id), names)).toEqual({
      nodes: { plain: 0, once: 1, twice: 2 },
      edges: ['once → twice: variation', 'plain → once: variation'],
      isCut: false,
    });
    expect(named(await lineage(library, plain.id, 1), names)).toMatchObject({
      nodes: { plain: 0, once: 1 },
      isCut: true,
    });
    expect((await lineage(library, twice.id, 2)).isCut).toBe(false);
  });

  it('shows inputs that are kept, pictures that are gone, trashed ones, and copies of the file', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    const kept = 'a'.repeat(64);
    await mkdir(path.join(temporary.folder, 'inputs'), { recursive: true });
    await writeFile(path.join(temporary.folder, 'inputs', `${kept}.png`), 'an input');
    const from = await drawn(library, { source: { picture: kept } });
    const lost = await drawn(library, { source: { picture: elsewhere } });
    const ofTrashed = await drawn(library);
    const child = await drawn(library, { source: { picture: ofTrashed.contentHash } });
    await trash(library, [ofTrashed.id]);
    expect((await lineage(library, from.id)).nodes).toMatchObject([
      { key: from.id, image: { id: from.id }, generation: 0 },
      { key: kept, image: null, inputUrl: assetAddress('input', kept), generation: -1 },
    ]);
    expect((await lineage(library, lost.id)).nodes[1]).toEqual({
      key: elsewhere,
      image: null,
      inputUrl: null,
      generation: -1,
    });
    expect((await lineage(library, child.id)).nodes[1]).toMatchObject({
      image: { id: ofTrashed.id },
    });

    const { path: file } = await library.get(from.id);
    await library.close();
    await copyFile(file, path.join(path.dirname(file), 'zz copy.png'));
    const again = await temporary.open();
    const copied = await lineage(again, from.id);
    const copy = imageIdOf(from.contentHash, 1);
    expect(copied.edges.filter(({ through }) => through === 'same-content')).toHaveLength(2);
    expect(copied.nodes.find(({ key }) => key === copy)).toMatchObject({ generation: 0 });
  });

  it('goes in circles no further than once round, and says which picture is not there', async () => {
    await using temporary = await temporaryLibrary();
    const library = await temporary.open();
    // Two sheets that claim each other, as files made by hand may.
    const first = await drawn(library, {}, { seed: 500 });
    const second = await drawn(library, {}, { cells: [first.id] });
    await drawn(library, { branch: { imageId: second.id, step: 1 } }, { cells: [first.id] });
    const { nodes, edges, isCut } = await lineage(library, first.id, 20);
    expect([nodes.length, edges.length, isCut]).toEqual([3, 3, false]);
    await expect(lineage(library, imageIdOf(elsewhere, 0))).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is cut, and says so, where there is more than can be shown', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'atelier-lineage-'));
    try {
      const file = path.join(folder, 'library.sqlite');
      using database = openWritable(file);
      migrate(database, file);
      const hashOf = (index: number) => index.toString(16).padStart(64, '0');
      const add = (index: number, picture: string | null) => {
        const { settings, ...recipe } = recipeOf({ seed: index });
        const options = ImageOptions.parse(picture === null ? {} : { source: { picture } });
        insertRow(
          database,
          {
            contentHash: hashOf(index),
            path: `images/${index}.png`,
            restorePath: null,
            createdAt: 1_800_000_000_000 + index,
            modifiedAt: null,
            width: 64,
            height: 64,
            sizeBytes: 1,
            format: 'png',
            source: 'drawn',
            program: 'atelier',
            recipe: { ...recipe, settings: { ...settings, ...options } },
            parameters: null,
            understood: null,
            rawTexts: [],
            problems: [],
            importedFrom: null,
          },
          undefined,
        );
      };
      database.transaction(() => {
        add(1, null);
        for (let index = 2; index <= libraryLimits.lineageNodes; index += 1) add(index, hashOf(1));
      });
      const ask = () => lineageOf(database, imageIdOf(hashOf(1), 0), 6, () => false);
      expect([ask().nodes.length, ask().isCut]).toEqual([libraryLimits.lineageNodes, false]);
      add(libraryLimits.lineageNodes + 1, hashOf(1));
      expect([ask().nodes.length, ask().isCut]).toEqual([libraryLimits.lineageNodes, true]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
