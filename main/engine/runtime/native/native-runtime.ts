/**
 * onnxruntime through its C API, from the very library that onnxruntime-node ships.
 *
 * Promises: where it cannot be had, says why instead of failing; opening a graph leaves the
 * JavaScript thread.
 */
import { createTurns, type Turns } from '../../turns.ts';
import type { GraphSource, Runtime, SessionSettings } from '../runtime.ts';
import {
  ApiUnavailable,
  bindApi,
  tableVersion,
  type NativeApi,
  type Pointer,
} from './api-table.ts';
import { readSignature } from './graph-signature.ts';
import { own, type Handle } from './handle.ts';
import { onnxruntimeLibraryPath } from './library-path.ts';
import { createNativeSession } from './native-session.ts';
import { createSessionOptions, isServed, pathBytes, textBytes } from './session-options.ts';
import { check, NativeFailure, pointerFrom } from './status.ts';
import { createValues } from './values.ts';

export interface NativeRuntime extends Runtime, Disposable {
  /** Ends every run in the middle. A process waits for its runs, also where it is told to exit. */
  interrupt(): void;
  /** Waits until no device but the processor is in use; none is until the result is disposed. */
  holdDevices(): Promise<Disposable>;
}

export type NativeRuntimeLoad =
  | { readonly kind: 'loaded'; readonly runtime: NativeRuntime }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** `OrtLoggingLevel` of onnxruntime_c_api.h; as `loadOnnxruntime`, whose environment is the same object. */
const fatal = 4;
/** `OrtAllocatorType` and `OrtMemType` of onnxruntime_c_api.h. */
const deviceAllocator = 0;
const defaultMemory = 0;

/**
 * onnxruntime's own frames are deep: opening a graph recurses through it, and its kernels keep
 * buffers on the stack. The 128 KiB that koffi gives to asynchronous calls are not made for that.
 */
const stackBytes = 8 * 2 ** 20;
/** Calls that run at once: one less than the threads of libuv's pool, on which files are read as well. */
const callsAtOnce = 3;

/**
 * @param libraryPath another library than onnxruntime-node's
 * @returns a runtime that the caller owns and keeps for longer than its sessions and values
 */
export async function loadNativeRuntime(
  libraryPath: string | null = onnxruntimeLibraryPath(),
): Promise<NativeRuntimeLoad> {
  try {
    return { kind: 'loaded', runtime: createNativeRuntime(await loadApi(libraryPath)) };
  } catch (error) {
    if (!(error instanceof ApiUnavailable || error instanceof NativeFailure)) throw error;
    return { kind: 'unavailable', reason: error.message };
  }
}

async function loadApi(libraryPath: string | null): Promise<NativeApi> {
  if (libraryPath === null)
    throw new ApiUnavailable(`There is no onnxruntime for ${process.platform}.`);
  // Not at the top: without its binary for this system the engine must start all the same.
  const { default: koffi } = await import('koffi').catch((cause: unknown) => {
    throw new ApiUnavailable(`koffi has no binary for ${process.platform} ${process.arch}.`, {
      cause,
    });
  });
  try {
    // Once a library is loaded this can only be asked.
    if (koffi.config().async_stack_size !== stackBytes) {
      koffi.config({
        sync_stack_size: stackBytes,
        async_stack_size: stackBytes,
        resident_async_pools: callsAtOnce,
      });
    }
    return bindApi(koffi, koffi.load(libraryPath));
  } catch (cause) {
    if (cause instanceof ApiUnavailable) throw cause;
    throw new ApiUnavailable(`The library ${libraryPath} cannot be loaded: ${String(cause)}`, {
      cause,
    });
  }
}

/** @throws {NativeFailure} */
function createNativeRuntime(api: NativeApi): NativeRuntime {
  using owned = new DisposableStack();
  const environment = owned.use(
    own(
      pointerFrom(api, (out) => api.CreateEnv(fatal, textBytes('atelier'), out)),
      api.ReleaseEnv,
      'The runtime',
    ),
  );
  const memoryInfo = owned.use(
    own(
      pointerFrom(api, (out) => api.CreateCpuMemoryInfo(deviceAllocator, defaultMemory, out)),
      api.ReleaseMemoryInfo,
      "The processor's memory",
    ),
  );
  // Belongs to the library.
  const allocator = pointerFrom(api, (out) => api.GetAllocatorWithDefaultOptions(out));
  const values = createValues(api, memoryInfo.pointer);
  const processorThreads = createTurns(callsAtOnce);
  // Dawn's devices take one call at a time: two at once ended the process.
  const deviceThread = createTurns(1);
  const interruptible = new Set<Handle>();
  const kept = owned.move();

  return {
    version: tableVersion,
    serves: isServed,
    async open(graph, settings) {
      const threads = settings.provider === 'cpu' ? processorThreads : deviceThread;
      const handle = await openHandle(api, environment.pointer, graph, settings, threads);
      try {
        const { path: graphPath } = graph;
        const signature = readSignature(api, handle.pointer, allocator, graphPath);
        const { provider } = settings;
        return createNativeSession({
          api,
          values,
          handle,
          signature,
          graphPath,
          provider,
          threads,
          interruptible,
        });
      } catch (error) {
        handle[Symbol.dispose]();
        throw error;
      }
    },
    interrupt() {
      for (const { pointer } of interruptible) check(api, api.RunOptionsSetTerminate(pointer));
    },
    holdDevices: () => deviceThread.take(),
    [Symbol.dispose]: () => kept[Symbol.dispose](),
  };
}

/** An `OrtSession`. @throws {NativeFailure} */
async function openHandle(
  api: NativeApi,
  environment: Pointer,
  { path, bytes }: GraphSource,
  settings: SessionSettings,
  threads: Turns,
): Promise<Handle> {
  using _thread = await threads.take();
  using options = createSessionOptions(api, settings);
  const out = new BigUint64Array(1);
  const source = bytes ?? pathBytes(path);
  // What the callback mentions stays where it is until the call is done.
  const { status } = await new Promise<{
    readonly status: Pointer | null;
    readonly kept: Uint8Array;
  }>((resolve, reject) => {
    const done = (error: unknown, result: Pointer | null): void =>
      error ? reject(error) : resolve({ status: result, kept: source });
    const from = api.addressOf(source);
    const to = api.addressOf(out);
    if (bytes === null) api.CreateSession.async(environment, from, options.pointer, to, done);
    else
      api.CreateSessionFromArray.async(environment, from, bytes.length, options.pointer, to, done);
  });
  check(api, status);
  const [pointer = 0n] = out;
  return own(pointer, api.ReleaseSession, path);
}
