/**
 * Host ⇄ engine. The studio is the client, the engine process the server, over the same wire as
 * the window's. The renderer never imports this file.
 */
import { z } from 'zod';
import { ModelId } from './ids.ts';
import { ControlUse } from './image-options.ts';
import { ImageSettings } from './image-request.ts';
import { PromptChunks } from './queue.ts';
import {
  NextTokenRequest,
  NextTokens,
  ScoreEvent,
  ScoreRequest,
  TokenizedPrompt,
  TokenizeRequest,
} from './reading.ts';
import { call, stream, type Client, type Handlers } from './rpc.ts';
import { PartProviders } from './settings.ts';
import { ProviderName, ProviderStatus, RuntimeStatus } from './system.ts';
import { AlternativeEvent, alternativeCount, WriteEvent, WriteRequest } from './write.ts';

/** How sessions are opened. Sent with `engine.configure` before the first work and on change. */
export const EngineConfig = z.object({
  provider: z.union([z.literal('auto'), ProviderName]),
  partProviders: PartProviders.default({}),
  threads: z.number().int().min(0),
  memoryBudgetBytes: z.number().int().positive(),
  /** Folder for optimised graphs; the engine makes it. */
  cacheFolder: z.string(),
});
export type EngineConfig = z.infer<typeof EngineConfig>;

export const EngineReport = z.object({
  pid: z.number().int(),
  onnxruntimeVersion: z.string(),
  provider: ProviderName,
  providers: z.array(ProviderStatus),
  runtime: RuntimeStatus,
  loadedModels: z.array(ModelId),
  memoryBytes: z.number().int(),
  /** Longest time the engine's own event loop was blocked since the last report, ms. */
  loopStallMs: z.number(),
});
export type EngineReport = z.infer<typeof EngineReport>;

/** Where a model lies. Paths are absolute; the studio has checked the folder's layout. */
export const ModelLocation = z.object({ id: ModelId, folder: z.string() });
export type ModelLocation = z.infer<typeof ModelLocation>;

/** Adapters that the studio found, with the weights asked for. */
export const LoraFile = z.object({
  name: z.string(),
  path: z.string(),
  unetWeight: z.number(),
  textWeight: z.number(),
});
export type LoraFile = z.infer<typeof LoraFile>;

/** In the order of `settings.controls`. */
export const ControlFolder = z.object({
  name: z.string(),
  folder: z.string(),
  picture: z.string(),
});
export type ControlFolder = z.infer<typeof ControlFolder>;

/** Latents kept from a step of another picture. */
export const KeptLatents = z.object({
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  channels: z.number().int().positive(),
  /** float16, little-endian, [channels, height, width]. */
  values: z.instanceof(Uint8Array),
});
export type KeptLatents = z.infer<typeof KeptLatents>;

/** The files behind what the settings name. Paths are absolute; pictures are PNG. */
export const DrawFiles = z.object({
  source: z.string().nullable(),
  mask: z.string().nullable(),
  loras: z.array(LoraFile),
  /** All that are installed: prompts name them by a bare word. */
  embeddings: z.array(z.object({ name: z.string(), path: z.string() })),
  controls: z.array(ControlFolder),
  /** ONNX files for `hiresFix.upscaler` and `upscale.upscaler`, where those name a model. */
  hiresUpscaler: z.string().nullable(),
  upscaler: z.string().nullable(),
  /** Folder with `vae_decoder/` and perhaps `vae_encoder/`. */
  vae: z.string().nullable(),
  refiner: ModelLocation.nullable(),
  branch: KeptLatents.nullable(),
});
export type DrawFiles = z.infer<typeof DrawFiles>;

/** For settings that name nothing. */
export const noDrawFiles: DrawFiles = {
  source: null,
  mask: null,
  loras: [],
  embeddings: [],
  controls: [],
  hiresUpscaler: null,
  upscaler: null,
  vae: null,
  refiner: null,
  branch: null,
};

export const DrawEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loading'), part: z.string() }),
  z.object({ kind: z.literal('encoding') }),
  z.object({
    kind: z.literal('step'),
    /** 1-based: `step` steps are done. */
    step: z.number().int(),
    steps: z.number().int(),
    /** RGB bytes of the latents at latent resolution; null when previews are off. */
    preview: z
      .object({ width: z.number().int(), height: z.number().int(), rgb: z.instanceof(Uint8Array) })
      .nullable(),
    /** The latents themselves, if asked for and if one can go on from them. */
    latents: KeptLatents.nullable(),
  }),
  z.object({ kind: z.literal('decoding') }),
  z.object({ kind: z.literal('upscaling') }),
  z.object({
    kind: z.literal('image'),
    width: z.number().int(),
    height: z.number().int(),
    /** RGB bytes, row by row, width × height × 3. */
    rgb: z.instanceof(Uint8Array),
    provider: ProviderName,
    /** From the first denoising step to the decoded pixels, ms. */
    durationMs: z.number(),
    /** Milliseconds inside session.run, for the overhead figure. */
    runMs: z.number(),
  }),
]);
export type DrawEvent = z.infer<typeof DrawEvent>;

export const engineContract = {
  'engine.configure': call(EngineConfig, EngineReport),
  'engine.report': call(z.object({}), EngineReport),
  /** Frees every session, or those of one model. */
  'engine.release': call(z.object({ modelId: ModelId.nullable().default(null) }), EngineReport),
  /**
   * One picture; `settings.prompt` is resolved. Cancelling takes effect at once, or between steps on the
   * runtime that cannot be interrupted.
   */
  'engine.draw': stream(
    z.object({
      model: ModelLocation,
      settings: ImageSettings,
      files: DrawFiles.default(noDrawFiles),
      previews: z.boolean(),
      keepLatents: z.boolean().default(false),
    }),
    DrawEvent,
  ),
  /** What a ControlNet is shown of a picture, as PNG. */
  'engine.controlPicture': call(
    z.object({
      file: z.string(),
      preprocessor: ControlUse.shape.preprocessor,
      width: ImageSettings.shape.width,
      height: ImageSettings.shape.height,
    }),
    z.object({ png: z.instanceof(Uint8Array) }),
  ),
  /** Prompts whose choices are made. @returns one count per prompt */
  'engine.count': call(
    z.object({ model: ModelLocation, prompts: z.array(z.string()).min(1) }),
    z.array(PromptChunks),
  ),
  'engine.write': stream(
    z.object({
      model: ModelLocation,
      /** For requests whose `draft` names a model. */
      draftModel: ModelLocation.nullable().default(null),
      request: WriteRequest,
    }),
    WriteEvent,
  ),
  /** `count` texts in one batch. */
  'engine.alternatives': stream(
    z.object({ model: ModelLocation, request: WriteRequest, count: alternativeCount }),
    AlternativeEvent,
  ),
  'engine.score': stream(z.object({ model: ModelLocation, request: ScoreRequest }), ScoreEvent),
  'engine.tokenize': call(
    z.object({ model: ModelLocation, request: TokenizeRequest }),
    TokenizedPrompt,
  ),
  'engine.nextTokens': call(
    z.object({ model: ModelLocation, request: NextTokenRequest }),
    NextTokens,
  ),
} as const;

export type EngineContract = typeof engineContract;
export type EngineClient = Client<EngineContract>;
export type EngineHandlers = Handlers<EngineContract>;
