/**
 * Host ⇄ engine. The studio is the client, the engine process the server, over the same wire as
 * the window's. The renderer never imports this file.
 */
import { z } from 'zod';
import { ModelId } from './ids.ts';
import { ImageSettings, PromptText } from './image-request.ts';
import { PromptChunks } from './queue.ts';
import { call, stream, type Client, type Handlers } from './rpc.ts';
import { ProviderName, ProviderStatus } from './system.ts';
import { WriteEvent, WriteRequest } from './write.ts';

/** How sessions are opened. Sent with `engine.configure` before the first work and on change. */
export const EngineConfig = z.object({
  provider: z.union([z.literal('auto'), ProviderName]),
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
  loadedModels: z.array(ModelId),
  memoryBytes: z.number().int(),
  /** Longest time the engine's own event loop was blocked since the last report, ms. */
  loopStallMs: z.number(),
});
export type EngineReport = z.infer<typeof EngineReport>;

/** Where a model lies. Paths are absolute; the studio has checked the folder's layout. */
export const ModelLocation = z.object({ id: ModelId, folder: z.string() });
export type ModelLocation = z.infer<typeof ModelLocation>;

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
  }),
  z.object({ kind: z.literal('decoding') }),
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
  /** One picture. Cancelling takes effect between steps. */
  'engine.draw': stream(
    z.object({ model: ModelLocation, settings: ImageSettings, previews: z.boolean() }),
    DrawEvent,
  ),
  'engine.count': call(z.object({ model: ModelLocation, prompt: PromptText }), PromptChunks),
  'engine.write': stream(z.object({ model: ModelLocation, request: WriteRequest }), WriteEvent),
} as const;

export type EngineContract = typeof engineContract;
export type EngineClient = Client<EngineContract>;
export type EngineHandlers = Handlers<EngineContract>;
