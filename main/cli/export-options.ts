/** The options of `atelier export`, and what they ask for. */
import path from 'node:path';
import { type Command, Option } from 'commander';
import { StudioError } from '../../contract/errors.ts';
import {
  defaultNameTemplate,
  ExportOptions,
  exportFormats,
  exportMetadataProfiles,
  exportPositions,
  exportProfiles,
  exportSharpenings,
  exportWhenTaken,
  type ExportKind,
  type ExportPreset,
  type ExportSize,
} from '../../contract/exports.ts';
import { integer } from './number-options.ts';
import type { StudioOptions } from './open-studio.ts';

export interface ExportCommandOptions extends StudioOptions {
  readonly query?: string;
  readonly album?: string;
  readonly id?: readonly string[];
  readonly order: string;
  readonly preset?: string;
  readonly out?: string;
  /** An export's id; true for the one that was cut off last. */
  readonly resume?: string | true;
  readonly zip?: boolean;
  readonly sheet?: boolean;
  readonly gallery?: boolean;
  readonly format?: string;
  readonly quality?: number;
  readonly lossless?: boolean;
  readonly size?: string;
  readonly enlarge?: boolean;
  readonly sharpen?: string;
  readonly profile?: string;
  readonly background?: string;
  readonly watermark?: string;
  readonly watermarkAt?: string;
  readonly name?: string;
  readonly whenTaken?: string;
  readonly sidecar?: string;
  readonly caption?: string;
  readonly metadata?: string;
  readonly contentCredentials?: boolean;
  readonly title?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const orders = ['newest', 'oldest', 'rating', 'name', 'largest'] as const;
const sidecars = ['json', 'txt', 'xmp'] as const;

export function withExportOptions(command: Command): Command {
  return command
    .option('--query <text>', 'pictures that match, such as "rating>=4 model:starter"')
    .option('--album <name>', 'pictures of an album, by its name or id')
    .option('--id <id...>', 'these pictures')
    .addOption(new Option('--order <order>', 'of a query').choices(orders).default('newest'))
    .option('--out <path>', 'a folder, or the file of a ZIP or a contact sheet')
    .option(
      '--resume [id]',
      'instead of all else: go on with the export that was cut off last, or with this one; what is finished is not made again',
    )
    .option('--preset <name>', 'settings to start from, such as web, print or "training set"')
    .option('--zip', 'into one ZIP file')
    .option('--sheet', 'as a contact sheet, a PDF')
    .option('--gallery', 'as a web gallery without a script')
    .addOption(new Option('--format <format>', 'of the pictures').choices(exportFormats))
    .option('--quality <number>', 'of JPEG, WebP and AVIF, 1 to 100', integer)
    .option('--lossless', 'WebP and AVIF without loss')
    .option(
      '--size <size>',
      'long edge in pixels (2048), fit (1920x1080), fill (fill:1080x1080), short:PX, 50%, 2mp',
    )
    .option('--enlarge', 'let pictures become larger than they are')
    .addOption(new Option('--sharpen <for>', 'after resizing').choices(exportSharpenings))
    .addOption(new Option('--profile <profile>', 'colours').choices(exportProfiles))
    .option('--background <colour>', 'behind transparency, such as #ffffff')
    .option('--watermark <text|file>', 'a text, or a picture file')
    .addOption(new Option('--watermark-at <place>', 'where it lies').choices(exportPositions))
    .option('--name <template>', `names of the files (default: "${defaultNameTemplate}")`)
    .addOption(
      new Option('--when-taken <do>', 'where a name is taken (default: number)').choices(
        exportWhenTaken,
      ),
    )
    .option('--sidecar <list>', `files beside each picture: ${sidecars.join(', ')}`)
    .addOption(
      new Option('--caption <of>', 'what a .txt holds').choices(['prompt', 'tags', 'note']),
    )
    .addOption(
      new Option('--metadata <profile>', 'what files tell').choices(exportMetadataProfiles),
    )
    .option('--content-credentials', 'sign PNG, JPEG and AVIF files (C2PA)')
    .option('--title <text>', 'of a contact sheet or web gallery')
    .option('--dry-run', 'say what would be written, and write nothing')
    .option('--json', 'print one JSON object a line');
}

/**
 * @param presets what there is to start from
 * @param albumId of the album that was asked for; null for none
 * @throws {StudioError} `bad-request`
 */
export function exportOptionsOf(
  options: ExportCommandOptions,
  presets: readonly ExportPreset[],
  albumId: string | null,
): ExportOptions {
  if (options.out === undefined)
    throw new StudioError('bad-request', 'Say where the pictures go: with --out.');
  const preset = options.preset === undefined ? null : presetNamed(presets, options.preset);
  const settings = {
    ...preset?.settings,
    ...given('format', options.format),
    ...given('quality', options.quality),
    ...given('lossless', options.lossless),
    ...given('size', options.size === undefined ? undefined : sizeOf(options.size)),
    ...given('enlarge', options.enlarge),
    ...given('sharpening', options.sharpen),
    ...given('profile', options.profile),
    ...given('background', options.background),
    ...given('watermark', watermarkOf(options)),
    ...given('name', options.name),
    ...given('whenTaken', options.whenTaken),
    ...given(
      'sidecars',
      options.sidecar?.split(',').map((one) => one.trim()),
    ),
    ...given('caption', options.caption),
    ...given('metadata', options.metadata),
    ...given('contentCredentials', options.contentCredentials),
    ...(options.title === undefined
      ? {}
      : {
          sheet: { ...preset?.settings.sheet, title: options.title },
          gallery: { ...preset?.settings.gallery, title: options.title },
        }),
  };
  const parsed = ExportOptions.safeParse({
    source: sourceOf(options, albumId),
    target: {
      kind: kindOf(options) ?? preset?.kind ?? 'folder',
      path: path.resolve(options.out),
    },
    settings,
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new StudioError(
    'bad-request',
    `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''} Run atelier export --help to see what can be said.`,
  );
}

/** Beside `--resume`; the order has a default, so that it cannot be told whether it was given. */
const besideResume = new Set(['resume', 'json', 'library', 'data', 'models', 'order']);

/** @throws {StudioError} `bad-request` for options that would change an export that was begun */
export function refuseBesideResume(options: ExportCommandOptions): void {
  const others = Object.keys(options).filter((name) => !besideResume.has(name));
  if (others.length === 0) return;
  const flags = others.map(
    (name) => `--${name.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`,
  );
  throw new StudioError(
    'bad-request',
    `An export goes on as it was asked for. Leave out ${flags.join(', ')}, or start another export without --resume.`,
  );
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [name]: value };
}

function sourceOf({ query, album, id, order }: ExportCommandOptions, albumId: string | null) {
  const named = [query, album, id].filter((one) => one !== undefined).length;
  if (named !== 1)
    throw new StudioError(
      'bad-request',
      'Say which pictures: with one of --query, --album and --id. --query "" takes them all.',
    );
  if (id !== undefined) return { ids: id };
  return query === undefined ? { album: albumId } : { query, order };
}

function kindOf({ zip, sheet, gallery }: ExportCommandOptions): ExportKind | null {
  const kinds: ExportKind[] = [
    ...(zip === true ? (['zip'] as const) : []),
    ...(sheet === true ? (['contact-sheet'] as const) : []),
    ...(gallery === true ? (['web-gallery'] as const) : []),
  ];
  if (kinds.length > 1)
    throw new StudioError('bad-request', 'Choose one of --zip, --sheet and --gallery.');
  return kinds[0] ?? null;
}

function presetNamed(presets: readonly ExportPreset[], name: string): ExportPreset {
  const found = presets.find((preset) => preset.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new StudioError(
    'bad-request',
    `There is no preset "${name}". There are: ${presets.map((preset) => preset.name).join(', ')}.`,
  );
}

function sizeOf(text: string): ExportSize {
  const two = /^(?:(fit|fill):)?(\d+)x(\d+)$/.exec(text);
  if (two) {
    const bounds = { width: Number(two[2]), height: Number(two[3]) };
    return two[1] === 'fill'
      ? { mode: 'fill', ...bounds, position: 'centre' }
      : { mode: 'fit', ...bounds };
  }
  const edge = /^(?:(long|short):)?(\d+)$/.exec(text);
  if (edge)
    return { mode: edge[1] === 'short' ? 'short-edge' : 'long-edge', pixels: Number(edge[2]) };
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent) return { mode: 'scale', percent: Number(percent[1]) };
  const megapixels = /^(\d+(?:\.\d+)?)mp$/i.exec(text);
  if (megapixels) return { mode: 'megapixels', megapixels: Number(megapixels[1]) };
  if (text === 'none') return { mode: 'none' };
  throw new StudioError(
    'bad-request',
    `"${text}" is no size. Write 2048, 1920x1080, fill:1080x1080, short:720, 50% or 2mp.`,
  );
}

function watermarkOf({ watermark, watermarkAt }: ExportCommandOptions) {
  if (watermark === undefined) return undefined;
  const at = watermarkAt === undefined ? {} : { position: watermarkAt };
  return /\.(?:png|jpe?g|webp|avif|tiff?|svg)$/i.test(watermark)
    ? { kind: 'picture', path: path.resolve(watermark), ...at }
    : { kind: 'text', text: watermark, ...at };
}
