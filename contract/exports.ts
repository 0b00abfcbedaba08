/**
 * Batch export: pictures of the library as files for other people and programs.
 *
 * `settings` say how a picture is written, and are what a preset keeps; `source` says which pictures, and
 * `target` where they go. Every field has a default, so that `{ source, target }` is an export.
 */
import { z } from 'zod';
import { ErrorBody } from './errors.ts';
import { AlbumId, ImageId, Timestamp } from './ids.ts';
import { libraryLimits, SearchText } from './images.ts';
import { call, stream } from './rpc.ts';

export const ExportId = z.uuid();
export type ExportId = z.infer<typeof ExportId>;

/** `original`: each in its own, and its pixels as they are unless something else changes them. */
export const exportFormats = ['png', 'jpeg', 'webp', 'avif', 'tiff', 'jxl', 'original'] as const;
export const ExportFormat = z.enum(exportFormats);
export type ExportFormat = z.infer<typeof ExportFormat>;

export const exportPositions = [
  'top-left',
  'top',
  'top-right',
  'left',
  'centre',
  'right',
  'bottom-left',
  'bottom',
  'bottom-right',
] as const;
export const ExportPosition = z.enum(exportPositions);
export type ExportPosition = z.infer<typeof ExportPosition>;

/** One edge of a picture, in pixels. */
const Edge = z.number().int().min(1).max(32_768);
const HexColour = z.string().regex(/^#[0-9a-f]{6}$/i, 'A colour reads #rrggbb.');
/** A share of the picture, 0 … 1. */
const Share = z.number().min(0).max(1);

export const ExportSize = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('none') }),
  /** Whole within these bounds. */
  z.object({ mode: z.literal('fit'), width: Edge, height: Edge }),
  /** Exactly these bounds; what is beyond them on the side away from `position` is cut off. */
  z.object({
    mode: z.literal('fill'),
    width: Edge,
    height: Edge,
    position: z.union([ExportPosition, z.enum(['entropy', 'attention'])]).default('centre'),
  }),
  z.object({ mode: z.literal('long-edge'), pixels: Edge }),
  z.object({ mode: z.literal('short-edge'), pixels: Edge }),
  /** Per cent of each edge. */
  z.object({ mode: z.literal('scale'), percent: z.number().min(1).max(1000) }),
  /** Millions of pixels. */
  z.object({ mode: z.literal('megapixels'), megapixels: z.number().min(0.001).max(250) }),
]);
export type ExportSize = z.infer<typeof ExportSize>;

export const ExportWatermark = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({
    kind: z.literal('text'),
    text: z.string().trim().min(1).max(200),
    colour: HexColour.default('#ffffff'),
    position: ExportPosition.default('bottom-right'),
    /** Height of the letters, of the picture's short edge. */
    size: z.number().min(0.005).max(1).default(0.035),
    opacity: Share.default(0.7),
    /** Distance from the edges, of the picture's short edge. */
    margin: z.number().min(0).max(0.5).default(0.03),
  }),
  z.object({
    kind: z.literal('picture'),
    /** Absolute path of a picture file on this machine. */
    path: z.string().min(1).max(4096),
    position: ExportPosition.default('bottom-right'),
    /** Width of the mark, of the picture's short edge. */
    size: z.number().min(0.005).max(1).default(0.2),
    opacity: Share.default(0.7),
    margin: z.number().min(0).max(0.5).default(0.03),
  }),
]);
export type ExportWatermark = z.infer<typeof ExportWatermark>;

export const exportSharpenings = ['off', 'screen', 'print'] as const;
export const exportStrengths = ['low', 'standard', 'high'] as const;
export const exportProfiles = ['keep', 'srgb', 'display-p3'] as const;
export const exportChromas = ['4:2:0', '4:4:4'] as const;

/**
 * What a file tells of its making.
 * `full`        everything: recipe, prompt, rating, tags, note, provenance
 * `disclosure`  that it is made with a model, and by which program; nothing else
 * `clean`       nothing at all
 */
export const exportMetadataProfiles = ['full', 'disclosure', 'clean'] as const;
export const ExportMetadata = z.enum(exportMetadataProfiles);
export type ExportMetadata = z.infer<typeof ExportMetadata>;

/** What happens where a name is taken: the next free one, no file, or another's place. */
export const exportWhenTaken = ['number', 'skip', 'replace'] as const;

export const exportSidecars = ['json', 'txt', 'xmp'] as const;
/** What a `.txt` sidecar and the line below a picture hold. */
export const exportCaptions = ['prompt', 'tags', 'note', 'name', 'none'] as const;

export const exportPageSizes = ['a4', 'a3', 'a5', 'letter', 'tabloid'] as const;

export const ContactSheetSettings = z.object({
  page: z.enum(exportPageSizes).default('a4'),
  orientation: z.enum(['portrait', 'landscape']).default('portrait'),
  columns: z.number().int().min(1).max(12).default(4),
  rows: z.number().int().min(1).max(16).default(5),
  /** Millimetres, all round. */
  marginMm: z.number().min(0).max(50).default(12),
  title: z.string().max(200).default(''),
  captions: z.enum(exportCaptions).default('name'),
  background: HexColour.default('#ffffff'),
});
export type ContactSheetSettings = z.infer<typeof ContactSheetSettings>;

export const WebGallerySettings = z.object({
  title: z.string().max(200).default('Gallery'),
  /** Below the title. */
  introduction: z.string().max(2000).default(''),
  captions: z.enum(exportCaptions).default('none'),
  /** Long edge of the small pictures, pixels. */
  thumbnailPixels: z.number().int().min(64).max(1024).default(480),
  /** BCP 47. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i)
    .default('en'),
});
export type WebGallerySettings = z.infer<typeof WebGallerySettings>;

export const defaultNameTemplate = '{date:yyyy-MM-dd}_{model}_{seed}_{n:04}';

export const ExportSettings = z.object({
  format: ExportFormat.default('png'),
  /** Of formats that lose something; 1 … 100. */
  quality: z.number().int().min(1).max(100).default(85),
  /** WebP, AVIF and JPEG XL alone; PNG and TIFF lose nothing. */
  lossless: z.boolean().default(false),
  /** How long the encoder looks for fewer bytes: 0 quick … 100 thorough. */
  effort: z.number().int().min(0).max(100).default(50),
  /** Chroma subsampling of JPEG and AVIF. */
  chroma: z.enum(exportChromas).default('4:2:0'),
  size: ExportSize.default({ mode: 'none' }),
  /** Whether a picture may become larger than it is. */
  enlarge: z.boolean().default(false),
  /** After resizing. */
  sharpening: z.enum(exportSharpenings).default('off'),
  sharpeningStrength: z.enum(exportStrengths).default('standard'),
  /** The colours that the file's numbers mean. */
  profile: z.enum(exportProfiles).default('keep'),
  /** Whether the profile lies in the file. */
  embedProfile: z.boolean().default(true),
  /** Behind what is transparent; null keeps transparency where the format can, white where it cannot. */
  background: HexColour.nullable().default(null),
  watermark: ExportWatermark.default({ kind: 'none' }),
  /** Names without an ending; see `exports.preview` for what is wrong with one. */
  name: z.string().max(1000).default(defaultNameTemplate),
  whenTaken: z.enum(exportWhenTaken).default('number'),
  /** Files of the same name beside each picture. */
  sidecars: z.array(z.enum(exportSidecars)).max(3).default([]),
  /** What a `.txt` sidecar holds. */
  caption: z.enum(['prompt', 'tags', 'note']).default('prompt'),
  metadata: ExportMetadata.default('full'),
  /** Signed provenance (C2PA), where `exports.capabilities` says that it can be had. */
  contentCredentials: z.boolean().default(false),
  sheet: ContactSheetSettings.prefault({}),
  gallery: WebGallerySettings.prefault({}),
});
export type ExportSettings = z.infer<typeof ExportSettings>;

/** In this order: of a list as it stands, of an album its own, of a query as `order` says. */
export const ExportSource = z.union([
  z.strictObject({ ids: z.array(ImageId).min(1).max(libraryLimits.ids) }),
  z.strictObject({
    /** In the query language of the gallery; empty for every picture. */
    query: SearchText,
    order: z.enum(['newest', 'oldest', 'rating', 'name', 'largest']).default('newest'),
  }),
  z.strictObject({ album: AlbumId }),
]);
export type ExportSource = z.infer<typeof ExportSource>;

export const exportKinds = ['folder', 'zip', 'contact-sheet', 'web-gallery'] as const;
export const ExportKind = z.enum(exportKinds);
export type ExportKind = z.infer<typeof ExportKind>;

export const ExportTarget = z.object({
  kind: ExportKind,
  /**
   * Absolute. A folder for `folder` and `web-gallery`, which is made if need be; a file for `zip` and
   * `contact-sheet`, whose ending is added where it is left out.
   */
  path: z.string().min(1).max(4096),
});
export type ExportTarget = z.infer<typeof ExportTarget>;

export const ExportOptions = z.object({
  source: ExportSource,
  target: ExportTarget,
  settings: ExportSettings.prefault({}),
});
export type ExportOptions = z.infer<typeof ExportOptions>;

/** Where something in a name template, or in the settings, is not as it should be. */
export const ExportProblem = z.object({
  /** `name` has a place in the template; the others concern the field of that name. */
  field: z.enum([
    'name',
    'format',
    'size',
    'watermark',
    'source',
    'target',
    'sidecars',
    'metadata',
    'content-credentials',
  ]),
  /** An error keeps the export from starting; a notice does not. */
  severity: z.enum(['error', 'notice']),
  /** UTF-16 units of the template; null for the other fields. */
  start: z.number().int().nonnegative().nullable(),
  end: z.number().int().nonnegative().nullable(),
  message: z.string(),
  remedy: z.string(),
});
export type ExportProblem = z.infer<typeof ExportProblem>;

export const ExportPreview = z.object({
  /** Pictures of the source. */
  total: z.number().int(),
  /** The first ones: where they would go, below the target, `/` between folders. */
  names: z.array(
    z.object({
      id: ImageId,
      name: z.string(),
      /** The template alone gives a name that an earlier picture of this export has. */
      collides: z.boolean(),
      /** There is a file of that name in the target. */
      taken: z.boolean(),
      /** Pixels of the exported picture. */
      width: z.number().int(),
      height: z.number().int(),
    }),
  ),
  /** Pictures whose name an earlier one has, among the first `examined`, before collisions are resolved. */
  collisions: z.number().int(),
  examined: z.number().int(),
  problems: z.array(ExportProblem),
  /** From encoding some of the pictures; null where none could be. */
  estimatedBytes: z.number().int().nonnegative().nullable(),
  /** On the disk of the target; null where it cannot be told. */
  freeBytes: z.number().int().nonnegative().nullable(),
});
export type ExportPreview = z.infer<typeof ExportPreview>;

/**
 * `paused` waits for `exports.resume`: a person asked for it, or `pausedBecause` tells what went wrong.
 * `done` may have failures of single pictures.
 */
export const ExportState = z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']);
export type ExportState = z.infer<typeof ExportState>;

export const ExportFailure = z.object({
  id: ImageId,
  /** The name of the library's file; empty where the picture is not known any more. */
  fileName: z.string(),
  error: ErrorBody,
});
export type ExportFailure = z.infer<typeof ExportFailure>;

export const ExportProgress = z.object({
  phase: z.enum(['preparing', 'writing', 'finishing']),
  /** Pictures that are finished, were skipped or failed. */
  done: z.number().int(),
  total: z.number().int(),
  written: z.number().int(),
  /** Left out because their name was taken. */
  skipped: z.number().int(),
  failed: z.number().int(),
  /** Bytes of finished files, sidecars among them. */
  bytes: z.number().int(),
  /** Over the last seconds of this run; null while unknown. */
  filesPerSecond: z.number().nullable(),
  remainingMs: z.number().nullable(),
});
export type ExportProgress = z.infer<typeof ExportProgress>;

export const ExportJob = z.object({
  id: ExportId,
  state: ExportState,
  /** A list of ids is told by its length alone. */
  source: z.union([
    z.object({ ids: z.number().int() }),
    z.object({ query: z.string() }),
    z.object({ album: AlbumId }),
  ]),
  target: ExportTarget,
  settings: ExportSettings,
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  finishedAt: Timestamp.nullable(),
  progress: ExportProgress,
  /** The first ones; `exports.report` has them all. */
  failures: z.array(ExportFailure),
  /** Why it stands still without having been told to. */
  pausedBecause: ErrorBody.nullable(),
  /** Why it failed as a whole. */
  error: ErrorBody.nullable(),
});
export type ExportJob = z.infer<typeof ExportJob>;

/** What became of one picture. `files` are relative to the target, the picture first, then its sidecars. */
export const ExportedFile = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('written'),
    id: ImageId,
    files: z.array(z.string()),
    bytes: z.number().int(),
    /** The library's very bytes. */
    copied: z.boolean(),
  }),
  z.object({ outcome: z.literal('skipped'), id: ImageId, files: z.array(z.string()) }),
  z.object({ outcome: z.literal('failed'), id: ImageId, fileName: z.string(), error: ErrorBody }),
]);
export type ExportedFile = z.infer<typeof ExportedFile>;

export const ExportPresetName = z.string().trim().min(1).max(100);

export const ExportPreset = z.object({
  /** Names differ in more than case. */
  name: ExportPresetName,
  /** Comes with the program, cannot be changed or removed. */
  builtIn: z.boolean(),
  /** One sentence; empty for a person's own. */
  description: z.string(),
  kind: ExportKind,
  settings: ExportSettings,
});
export type ExportPreset = z.infer<typeof ExportPreset>;

export const ExportCapabilities = z.object({
  formats: z.array(
    z.object({
      format: ExportFormat,
      available: z.boolean(),
      /** Why not; empty if it is. */
      reason: z.string(),
      lossless: z.boolean(),
      alpha: z.boolean(),
      /** With the dot; empty where it is each picture's own. */
      ending: z.string(),
    }),
  ),
  contentCredentials: z.object({
    available: z.boolean(),
    /** Why not; empty if it is. */
    reason: z.string(),
    /** That can be signed; the others are written without. */
    formats: z.array(ExportFormat),
  }),
  /** Tokens of a name template, with an example of each. */
  tokens: z.array(z.object({ token: z.string(), title: z.string(), example: z.string() })),
});
export type ExportCapabilities = z.infer<typeof ExportCapabilities>;

const OfJob = z.object({ id: ExportId });

export const exportsContract = {
  'exports.capabilities': call(z.object({}), ExportCapabilities),
  /** Those of the program first, then one's own by name. */
  'exports.presets.list': call(z.object({}), z.array(ExportPreset)),
  /** Adds a preset or replaces the own one of that name. @throws `conflict` for a name of the program's */
  'exports.presets.save': call(
    z.object({
      name: ExportPresetName,
      kind: ExportKind.default('folder'),
      settings: ExportSettings.prefault({}),
    }),
    z.array(ExportPreset),
  ),
  /** @throws `not-found`; `conflict` for one of the program's */
  'exports.presets.remove': call(z.object({ name: ExportPresetName }), z.array(ExportPreset)),
  /** Writes nothing. Cancel it when the options change. */
  'exports.preview': call(
    z.object({
      options: ExportOptions,
      /** How many names are shown. */
      sample: z.number().int().min(1).max(200).default(12),
      /** Whether some pictures are encoded to foretell the bytes. */
      estimate: z.boolean().default(true),
    }),
    ExportPreview,
  ),
  /**
   * The job is on disk when this resolves; one job runs at a time.
   * @throws `bad-request` for errors that `exports.preview` tells; `disk-full`; `not-found` where there is
   *   no picture; `library-read-only` where the target cannot be written to
   */
  'exports.start': call(ExportOptions, ExportJob),
  /** All jobs whenever one changes, newest first; slow readers get the newest state, not every one. */
  'exports.watch': stream(z.object({}), z.array(ExportJob)),
  /** Pictures in progress are finished first. */
  'exports.pause': call(OfJob, ExportJob),
  /** Also for a failed or cancelled job: what is finished is not made again. */
  'exports.resume': call(OfJob, ExportJob),
  /** What is finished stays in a folder; of a ZIP or a contact sheet nothing stays. */
  'exports.cancel': call(OfJob, ExportJob),
  /** From the list; its files stay. @throws `conflict` while it runs */
  'exports.remove': call(OfJob, z.object({})),
  /** What became of each picture, in order. */
  'exports.report': call(
    OfJob.extend({
      outcome: z.enum(['all', 'written', 'skipped', 'failed']).default('all'),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().min(1).max(5000).default(500),
    }),
    z.object({ total: z.number().int(), files: z.array(ExportedFile) }),
  ),
  /** Shows the target in the file manager. @throws `unsupported` where the host cannot */
  'exports.reveal': call(OfJob, z.object({})),
} as const;
