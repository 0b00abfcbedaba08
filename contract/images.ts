/** The library of pictures. */
import { z } from 'zod';
import { Sheet } from './grid.ts';
import { AlbumId, ChangeId, ContentHash, ImageId, JobId, Timestamp } from './ids.ts';
import { ImageSettings } from './image-request.ts';
import { ResourceKind } from './resources.ts';
import { ColourLabel, Flag, PictureFormat, PictureSource, ProgramName } from './picture-facts.ts';
import { call, stream } from './rpc.ts';
import { facetFields } from './search/fields.ts';
import { SearchProblem, searchLimits } from './search/problems.ts';
import { ProviderName } from './system.ts';

/**
 * Everything needed to make a picture again; embedded in its file as JSON.
 * `version` rises when a field changes its meaning.
 */
export const Recipe = z.object({
  version: z.literal(1),
  settings: ImageSettings,
  /** The prompt after wildcards and the like were resolved. */
  resolvedPrompt: z.string(),
  resolvedNegativePrompt: z.string().optional(),
  /** Adapters that took part, with the hash of each file. */
  resources: z
    .array(
      z.object({
        kind: ResourceKind,
        name: z.string(),
        hash: z.string(),
        /** SHA-256 of a `.safetensors` file behind its header, by which the web UI knows a LoRA. */
        tensorsHash: z.string().optional(),
        weight: z.number(),
      }),
    )
    .default([]),
  /** The axes of a sheet and the pictures on it; null for any other picture. */
  sheet: Sheet.nullable().default(null),
  modelName: z.string(),
  modelHash: z.string(),
  provider: ProviderName,
  /** Versions of what made it: `atelier`, `onnxruntime`. */
  versions: z.record(z.string(), z.string()),
  jobId: JobId.nullable(),
  /** Index within the job, from 0; null for a picture that no job made. */
  pictureIndex: z.number().int().nonnegative().nullable(),
  createdAt: Timestamp,
  /** Wall-clock milliseconds from the first denoising step to the decoded picture. */
  durationMs: z.number(),
});
export type Recipe = z.infer<typeof Recipe>;

/** How many pictures one call may name. */
export const libraryLimits = {
  ids: 250_000,
  summaries: 500,
  tagCharacters: 100,
  tagsOfOnePicture: 500,
  noteCharacters: 10_000,
  albumNameCharacters: 200,
  facetValues: 200,
  lineageNodes: 400,
  duplicateGroups: 1000,
} as const;

/** Trimmed; two that differ in case alone are one tag, whose case is that of its first use. */
export const Tag = z
  .string()
  .transform((text) => text.replaceAll(/\s+/g, ' ').trim())
  .refine((text) => text !== '', 'A tag needs at least one character.')
  .refine(
    (text) => text.length <= libraryLimits.tagCharacters,
    `A tag can be at most ${libraryLimits.tagCharacters} characters long.`,
  )
  .refine((text) => !/\p{Cc}/u.test(text), 'A tag cannot hold control characters.');
export type Tag = z.infer<typeof Tag>;

export const Note = z
  .string()
  .max(
    libraryLimits.noteCharacters,
    `A note can be at most ${libraryLimits.noteCharacters} characters long.`,
  )
  .transform((text) => text.replaceAll('\0', ''));

const rating = z.number().int().min(0).max(5);

/** What the grid needs. */
export const ImageSummary = z.object({
  id: ImageId,
  contentHash: ContentHash,
  width: z.number().int(),
  height: z.number().int(),
  createdAt: Timestamp,
  prompt: z.string(),
  rating,
  flag: Flag.nullable(),
  label: ColourLabel.nullable(),
  tagCount: z.number().int(),
  hasNote: z.boolean(),
  format: PictureFormat,
  source: PictureSource,
  /** Addresses that the window can load: same origin as the page. Other sizes: see `thumbnailUrlOf`. */
  url: z.string(),
  thumbnailUrl: z.string(),
  /** Whether it shows the pictures of a grid. */
  isSheet: z.boolean(),
});
export type ImageSummary = z.infer<typeof ImageSummary>;

/** What the metadata of a picture was understood to say; null where it says nothing of a thing. */
export const Understood = z.object({
  /** As its program wrote them. */
  prompt: z.string(),
  negativePrompt: z.string(),
  modelName: z.string().nullable(),
  modelHash: z.string().nullable(),
  sampler: z.string().nullable(),
  schedule: z.string().nullable(),
  steps: z.number().nullable(),
  guidanceScale: z.number().nullable(),
  seed: z.number().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  clipSkip: z.number().nullable(),
  denoisingStrength: z.number().nullable(),
  loras: z.array(z.object({ name: z.string(), unetWeight: z.number(), textWeight: z.number() })),
  /** All other pairs, in the order of the file. */
  further: z.record(z.string(), z.string()),
});
export type Understood = z.infer<typeof Understood>;

/** A metadata text as it stands in a file. */
export const RawText = z.object({
  /** Such as `png:parameters`, `exif:UserComment`, `xmp`. */
  where: z.string(),
  text: z.string(),
});
export type RawText = z.infer<typeof RawText>;

/** One of the main colours of a picture. */
export const PictureColour = z.object({
  /** `#rrggbb` */
  hex: z.string().regex(/^#[0-9a-f]{6}$/),
  /** Of the picture's area, 0–1. */
  share: z.number().min(0).max(1),
});
export type PictureColour = z.infer<typeof PictureColour>;

export const ImageDetail = ImageSummary.extend({
  fileName: z.string(),
  path: z.string(),
  sizeBytes: z.number().int(),
  recipe: Recipe.nullable(),
  /** The A1111 text as it stands in the file; null when there is none. */
  parameters: z.string().nullable(),
  missing: z.boolean(),
  tags: z.array(z.string()),
  note: z.string(),
  /** The albums that it was put into; smart ones are not among them. */
  albums: z.array(z.object({ id: AlbumId, name: z.string() })),
  program: ProgramName.nullable(),
  understood: Understood.nullable(),
  rawTexts: z.array(RawText),
  /** Where an imported file lay, as the import was told; null for drawn pictures. */
  importedFrom: z.string().nullable(),
  /** The largest share first; empty until the picture was looked at. */
  colours: z.array(PictureColour),
  /** What is odd about the file or its metadata, in sentences. */
  problems: z.array(z.string()),
});
export type ImageDetail = z.infer<typeof ImageDetail>;

export const imageOrders = [
  'newest',
  'oldest',
  'rating',
  'name',
  'largest',
  /** Of `like`, or else of the newest picture found. */
  'similar',
  /** As the pictures of an album were put; newest first where no album is asked for. */
  'album',
] as const;
export const ImageOrder = z.enum(imageOrders);
export type ImageOrder = z.infer<typeof ImageOrder>;

/** Text in the query language of `search/`. */
export const SearchText = z
  .string()
  .max(
    searchLimits.characters,
    `A search can be at most ${searchLimits.characters} characters long. Take words out of it.`,
  );

export const ImageQuery = z.object({
  text: SearchText.default(''),
  trashed: z.boolean().default(false),
  /** Only pictures of this album; a smart one is searched for by its own query as well. */
  album: AlbumId.nullable().default(null),
  /** Pictures that look like this one, the most alike first where the order is `similar`. */
  like: ImageId.nullable().default(null),
  order: ImageOrder.default('newest'),
});
export type ImageQuery = z.infer<typeof ImageQuery>;

/** Everything there is, newest first. */
export const everyImage: ImageQuery = ImageQuery.parse({});

/** All pictures of a query, as little as lays them out: three columns of bytes of the same order. */
export const ImageIndex = z.object({
  /** Changes with every change of the library. */
  version: z.number().int(),
  /** How many match; more than `ids` holds where a limit was given. */
  total: z.number().int(),
  /** u8 [n · 16], a UUID each; `imageIdAt` reads one. */
  ids: z.instanceof(Uint8Array),
  /**
   * u16 little-endian [n · 2]: width and height; those beyond 65,535 are scaled into range with
   * their ratio kept.
   */
  sizes: z.instanceof(Uint8Array),
  /**
   * u8 [n · 4]: red, green, blue and 255 of the colour that most of the picture has; four zeros until
   * it was looked at.
   */
  colours: z.instanceof(Uint8Array),
  /** What in the text was not understood, and was searched for as plain words. */
  problems: z.array(SearchProblem),
});
export type ImageIndex = z.infer<typeof ImageIndex>;

export const FacetField = z.enum(facetFields);
export type FacetField = z.infer<typeof FacetField>;

export const Facet = z.object({
  field: FacetField,
  /** The most frequent first; months and sizes too. `value` is what `toggleTerm` takes. */
  values: z.array(z.object({ value: z.string(), count: z.number().int() })),
  /** Values beyond those. */
  more: z.number().int(),
});
export type Facet = z.infer<typeof Facet>;

/** What became of a picture. */
export const lineageKinds = [
  'image-to-image',
  'inpaint',
  'outpaint',
  'variation',
  'upscale',
  'branch',
  'control',
  'grid-cell',
  'same-content',
] as const;
export const LineageKind = z.enum(lineageKinds);

export const Lineage = z.object({
  nodes: z.array(
    z.object({
      /** Within this answer. */
      key: z.string(),
      /** Null for a picture that was never in the library or is deleted. */
      image: ImageSummary.nullable(),
      /** Where an input picture can be loaded from that is no picture of the library. */
      inputUrl: z.string().nullable(),
      /** Steps from the picture asked for: negative for what it came from. */
      generation: z.number().int(),
    }),
  ),
  /** `to` came from `from`. */
  edges: z.array(z.object({ from: z.string(), to: z.string(), through: LineageKind })),
  /** Whether there is more than was asked for or fits. */
  isCut: z.boolean(),
});
export type Lineage = z.infer<typeof Lineage>;

export const DuplicateGroup = z.object({
  /** `same`: byte for byte; `alike`: the same picture to the eye. */
  kind: z.enum(['same', 'alike']),
  /** The one that is worth keeping first: most pixels, then the best marks, then the oldest. */
  ids: z.array(ImageId).min(2),
});
export type DuplicateGroup = z.infer<typeof DuplicateGroup>;

/** What pictures have in common, and in what they differ; exact for any number of them. */
export const InCommon = z.object({
  /** Of the pictures asked about, those that are still there. */
  count: z.number().int(),
  /** Each once; a single one is what all of them have. */
  ratings: z.array(rating),
  flags: z.array(Flag.nullable()),
  labels: z.array(ColourLabel.nullable()),
  /** By name, with how many of the pictures have it. */
  tags: z.array(z.object({ name: z.string(), count: z.number().int() })),
});
export type InCommon = z.infer<typeof InCommon>;

/** What is to become of marks; what is left out stays. */
export const MarkChange = z.object({
  rating: rating.optional(),
  flag: Flag.nullable().optional(),
  label: ColourLabel.nullable().optional(),
  /** Empty takes the note away. */
  note: Note.optional(),
  addTags: z.array(Tag).max(libraryLimits.tagsOfOnePicture).optional(),
  removeTags: z.array(Tag).max(libraryLimits.tagsOfOnePicture).optional(),
});
export type MarkChange = z.infer<typeof MarkChange>;

/** A change that `library.revert` can take back for as long as the studio runs. */
export const Changed = z.object({ changeId: ChangeId });
export type Changed = z.infer<typeof Changed>;

export const LibraryChange = z.object({
  /** `albums`: albums and their members, without pictures; `analysed`: colours and likenesses. */
  kind: z.enum(['added', 'changed', 'trashed', 'restored', 'albums', 'analysed', 'reset']),
  ids: z.array(ImageId),
});
export type LibraryChange = z.infer<typeof LibraryChange>;

/** Pictures that one call names. */
export const ImageIds = z
  .array(ImageId)
  .min(1)
  .max(libraryLimits.ids, `One change can take ${libraryLimits.ids} pictures. Choose fewer.`);

export const imagesContract = {
  /** Everything that matches, in order. @throws {StudioError} `bad-request` for a text too long */
  'images.index': call(
    z.object({
      query: ImageQuery.default(everyImage),
      /** The first so many; null for all. */
      limit: z.number().int().min(1).nullable().default(null),
    }),
    ImageIndex,
  ),
  /** Those that are still there, in the order asked for. */
  'images.summaries': call(
    z.object({ ids: z.array(ImageId).max(libraryLimits.summaries) }),
    z.object({ summaries: z.array(ImageSummary) }),
  ),
  'images.get': call(z.object({ id: ImageId }), ImageDetail),
  'images.inCommon': call(z.object({ ids: ImageIds }), InCommon),
  /** Values of fields with how many pictures have them; a field's own terms do not narrow it. */
  'images.facets': call(
    z.object({
      query: ImageQuery.default(everyImage),
      fields: z.array(FacetField).default([...facetFields]),
    }),
    z.object({ total: z.number().int(), facets: z.array(Facet) }),
  ),
  'images.duplicates': call(
    z.object({}),
    z.object({ groups: z.array(DuplicateGroup), isCut: z.boolean() }),
  ),
  /** @throws {StudioError} `not-found` */
  'images.lineage': call(
    z.object({ id: ImageId, depth: z.number().int().min(1).max(20).default(6) }),
    Lineage,
  ),
  /** Copies of a file share their marks. @throws {StudioError} `not-found` before anything changes */
  'images.mark': call(z.object({ ids: ImageIds, change: MarkChange }), Changed),
  /** Moves files to the library's trash; `images.restore` with the same ids undoes it. */
  'images.trash': call(z.object({ ids: ImageIds }), Changed),
  'images.restore': call(z.object({ ids: ImageIds }), Changed),
  /** Deletes trashed files for good. */
  'images.emptyTrash': call(z.object({}), z.object({ deleted: z.number().int() })),
  'images.reveal': call(z.object({ id: ImageId }), z.object({})),
  'images.watch': stream(z.object({}), LibraryChange),
  /**
   * Takes back exactly that change: what was changed again since then stays as it is now.
   * @returns the id of the change that this is, by which it can be taken back in turn
   * @throws {StudioError} `not-found` for one that is too long ago or of an earlier run
   */
  'library.revert': call(z.object({ changeId: ChangeId }), Changed),
  /** Makes the database anew from the files alone. */
  'library.rebuild': stream(
    z.object({}),
    z.object({ done: z.number().int(), total: z.number().int() }),
  ),
} as const;
