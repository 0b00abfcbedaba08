/** The program itself: versions, engine state, activity. */
import { z } from 'zod';
import { ModelId, Timestamp } from './ids.ts';
import { call, stream } from './rpc.ts';

export const providerNames = ['cpu', 'webgpu', 'dml', 'cuda', 'coreml'] as const;
export const ProviderName = z.enum(providerNames);
export type ProviderName = z.infer<typeof ProviderName>;

/** One execution provider as probed on this machine. */
export const ProviderStatus = z.object({
  name: ProviderName,
  available: z.boolean(),
  /** Why it can or cannot run, in words for people; empty when there is nothing to say. */
  reason: z.string(),
});
export type ProviderStatus = z.infer<typeof ProviderStatus>;

/** How the engine reaches onnxruntime: by the library's own C API, or by its package for Node. */
export const RuntimeStatus = z.object({
  name: z.enum(['native', 'onnxruntime-node']),
  /** Why it is not `native`, in words for people; empty when it is. */
  reason: z.string(),
});
export type RuntimeStatus = z.infer<typeof RuntimeStatus>;

export const EngineState = z.enum(['starting', 'ready', 'busy', 'restarting', 'stopped']);
export type EngineState = z.infer<typeof EngineState>;

export const EngineStatus = z.object({
  state: EngineState,
  pid: z.number().int().nullable(),
  provider: ProviderName.nullable(),
  providers: z.array(ProviderStatus),
  /** What runs on `provider`; null until the engine has started. */
  runtime: RuntimeStatus.nullable(),
  loadedModels: z.array(ModelId),
  /** Resident memory of the engine process, bytes. */
  memoryBytes: z.number().int().nonnegative(),
  /** How often the engine ended unexpectedly since the studio started. */
  crashes: z.number().int().nonnegative(),
  /** What happened last, in a sentence; null when nothing is worth saying. */
  message: z.string().nullable(),
});
export type EngineStatus = z.infer<typeof EngineStatus>;

export const StudioInfo = z.object({
  version: z.string(),
  host: z.enum(['electron', 'server', 'cli']),
  platform: z.string(),
  nodeVersion: z.string(),
  onnxruntimeVersion: z.string(),
  libraryFolder: z.string(),
  dataFolder: z.string(),
  modelFolders: z.array(z.string()),
  /** True where the host can show a file in the system's file manager. */
  canReveal: z.boolean(),
  /** True where the host can ask for a folder or a file in the system's own dialog. */
  canChoosePath: z.boolean(),
});
export type StudioInfo = z.infer<typeof StudioInfo>;

export const ActivityEntry = z.object({
  id: z.number().int(),
  at: Timestamp,
  kind: z.enum(['engine', 'job', 'library', 'network']),
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
});
export type ActivityEntry = z.infer<typeof ActivityEntry>;

export const systemContract = {
  'system.info': call(z.object({}), StudioInfo),
  /** The current status at once, then every change (at most 4 a second). */
  'system.engine': stream(z.object({}), EngineStatus),
  /** Ends the engine process and starts a fresh one; running work fails with `engine-stopped`. */
  'system.restartEngine': call(z.object({}), z.object({})),
  /**
   * Asks in the system's own dialog; null if the person took none.
   * @throws {StudioError} `unsupported` where the host has no such dialog
   */
  'system.choosePath': call(
    z.object({
      kind: z.enum(['folder', 'file']),
      title: z.string().max(200),
      /** Absolute; where the dialog begins, as far as it exists. */
      startAt: z.string().max(4096).default(''),
    }),
    z.object({ path: z.string().nullable() }),
  ),
  /**
   * Folders that a path may go on with, for completion: those within it, or, where its last part is no
   * folder yet, those beside it that begin so. At most 100, absolute; none where they cannot be read.
   */
  'system.folders': call(
    z.object({ path: z.string().max(4096) }),
    z.object({ folders: z.array(z.string()) }),
  ),
  /** Newest first. */
  'activity.page': call(
    z.object({
      before: z.number().int().nullable().default(null),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.array(ActivityEntry),
  ),
  'activity.watch': stream(z.object({}), ActivityEntry),
} as const;
