/** Settings of exports that are kept by name: those of the program, and a person's own in the data folder. */
import { compareNames } from '../name-order.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import {
  ExportKind,
  ExportPresetName,
  ExportSettings,
  type ExportPreset,
} from '../../../contract/exports.ts';
import { writeFileDurably } from '../durable-file.ts';
import { storageError, systemCode } from '../storage-error.ts';

export interface ExportPresets {
  /** Those of the program first, then one's own by name. */
  list(): ExportPreset[];
  /** @throws {StudioError} `conflict` for a name of the program's */
  save(name: string, kind: ExportKind, settings: ExportSettings): Promise<ExportPreset[]>;
  /** @throws {StudioError} `not-found`, `conflict` */
  remove(name: string): Promise<ExportPreset[]>;
}

const OwnPreset = z.object({
  name: ExportPresetName,
  kind: ExportKind,
  settings: ExportSettings,
});
const PresetFile = z.object({ version: z.literal(1), presets: z.array(z.unknown()) });

type Given = Partial<z.input<typeof ExportSettings>>;

function builtIn(
  name: string,
  description: string,
  settings: Given,
  kind: ExportKind = 'folder',
): ExportPreset {
  return { name, builtIn: true, description, kind, settings: ExportSettings.parse(settings) };
}

export const builtInPresets: readonly ExportPreset[] = [
  builtIn('Web', 'WebP of at most 2048 pixels, sharp on screens, that says how it was made.', {
    format: 'webp',
    quality: 82,
    size: { mode: 'long-edge', pixels: 2048 },
    sharpening: 'screen',
    profile: 'srgb',
    metadata: 'disclosure',
  }),
  builtIn('Social', 'JPEG of at most 1350 pixels, as most services show it.', {
    format: 'jpeg',
    quality: 90,
    size: { mode: 'fit', width: 1080, height: 1350 },
    sharpening: 'screen',
    profile: 'srgb',
    metadata: 'disclosure',
    name: '{name}',
  }),
  builtIn('Print', 'TIFF of the full size, sharp on paper.', {
    format: 'tiff',
    sharpening: 'print',
    metadata: 'disclosure',
    name: '{date:yyyy-MM-dd}_{name}',
  }),
  builtIn('Training set', 'PNG with a caption in a text file beside each.', {
    format: 'png',
    profile: 'srgb',
    background: '#ffffff',
    sidecars: ['txt'],
    metadata: 'clean',
    name: '{n:06}',
  }),
  builtIn('Archive', 'Each in its own format with all that is known, in folders by month.', {
    format: 'original',
    sidecars: ['json'],
    metadata: 'full',
    name: '{date:yyyy}/{date:MM}/{name}',
  }),
  builtIn(
    'Proof sheet',
    'A PDF of all pictures side by side.',
    { sheet: { columns: 4, rows: 5, captions: 'name' } },
    'contact-sheet',
  ),
  builtIn(
    'Gallery',
    'A folder of pages for any browser, without a script.',
    {
      format: 'webp',
      quality: 85,
      size: { mode: 'long-edge', pixels: 2560 },
      profile: 'srgb',
      metadata: 'disclosure',
      name: '{n:04}',
    },
    'web-gallery',
  ),
];

/** A file that cannot be read is left alone until something is saved. */
export async function openExportPresets(dataFolder: string): Promise<ExportPresets> {
  const file = path.join(dataFolder, 'export-presets.json');
  let own = await read();

  async function read(): Promise<readonly z.infer<typeof OwnPreset>[]> {
    try {
      const { presets } = PresetFile.parse(JSON.parse(await readFile(file, 'utf8')));
      return presets.flatMap((preset) => OwnPreset.safeParse(preset).data ?? []);
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === null) return [];
      throw storageError(error, file);
    }
  }

  async function write(presets: typeof own): Promise<void> {
    await writeFileDurably(file, JSON.stringify({ version: 1, presets })).catch(
      (error: unknown) => {
        throw storageError(error, file);
      },
    );
    own = presets;
  }

  function list(): ExportPreset[] {
    return [
      ...builtInPresets,
      ...own
        .map((preset): ExportPreset => ({ ...preset, builtIn: false, description: '' }))
        .toSorted((a, b) => compareNames(a.name, b.name)),
    ];
  }

  function refuseBuiltIn(name: string): void {
    if (builtInPresets.some((preset) => isNamed(preset, name)))
      throw new StudioError(
        'conflict',
        `"${name}" comes with Atelier and stays as it is. Choose another name.`,
        { name },
      );
  }

  return {
    list,
    async save(name, kind, settings) {
      refuseBuiltIn(name);
      await write([...own.filter((preset) => !isNamed(preset, name)), { name, kind, settings }]);
      return list();
    },
    async remove(name) {
      refuseBuiltIn(name);
      if (!own.some((preset) => isNamed(preset, name)))
        throw new StudioError('not-found', `There is no preset "${name}".`, { name });
      await write(own.filter((preset) => !isNamed(preset, name)));
      return list();
    },
  };
}

function isNamed(preset: { readonly name: string }, name: string): boolean {
  return preset.name.toLowerCase() === name.toLowerCase();
}
