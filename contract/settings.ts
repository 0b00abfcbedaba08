/** Preferences and the small pieces of text that must survive a restart. */
import { z } from 'zod';
import { call, stream } from './rpc.ts';
import { ProviderName } from './system.ts';

/** Folders of a model whose graph may run on a device of its own. */
export const modelParts = [
  'text_encoder',
  'text_encoder_2',
  'text_encoder_3',
  'unet',
  'transformer',
  'vae_encoder',
  'vae_decoder',
] as const;
/** Parts that run elsewhere than the rest. */
export const PartProviders = z.partialRecord(z.enum(modelParts), ProviderName);
export type PartProviders = z.infer<typeof PartProviders>;

export const Settings = z.object({
  theme: z.enum(['system', 'dark', 'light']),
  /** `auto` probes dml, cuda, coreml, webgpu, cpu in the order that suits the platform. */
  provider: z.union([z.literal('auto'), ProviderName]),
  /** Where single parts run instead; one that is not available there follows the rest. */
  partProviders: PartProviders.default({}),
  /** Sessions beyond this budget are released, least recently used first. Bytes. */
  memoryBudgetBytes: z
    .number()
    .int()
    .min(256 * 2 ** 20)
    .max(2 ** 40),
  /** Intra-op threads for the CPU provider; 0 lets onnxruntime choose. */
  threads: z.number().int().min(0).max(256),
  /** Show the picture forming at every step. */
  livePreview: z.boolean(),
  /** Writes the recipe into each picture file. */
  embedRecipe: z.boolean(),
  /** Play no motion beyond what the system asks for. */
  reduceMotion: z.boolean(),
});
export type Settings = z.infer<typeof Settings>;

/** What changes; what is left out stays as it is, so no field has a default here. */
export const SettingsChanges = Settings.extend({ partProviders: PartProviders }).partial();

export const defaultSettings: Settings = {
  theme: 'system',
  provider: 'auto',
  partProviders: {},
  memoryBudgetBytes: 4 * 2 ** 30,
  threads: 0,
  livePreview: true,
  embedRecipe: true,
  reduceMotion: false,
};

/** Draft keys: lower-case words joined by dots, for example `create.prompt`. */
const DraftKey = z
  .string()
  .regex(/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/)
  .max(100);

export const settingsContract = {
  'settings.get': call(z.object({}), Settings),
  'settings.set': call(SettingsChanges, Settings),
  'settings.watch': stream(z.object({}), Settings),
  /** View state, unsent prompts and the plain page: kept by main so that every window and port sees them. */
  'drafts.get': call(z.object({ key: DraftKey }), z.object({ text: z.string().nullable() })),
  'drafts.set': call(z.object({ key: DraftKey, text: z.string().max(20_000_000) }), z.object({})),
} as const;
