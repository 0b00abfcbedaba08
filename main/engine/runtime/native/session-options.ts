/** How a session is opened, as an `OrtSessionOptions`. */
import type { ProviderName } from '../../../../contract/system.ts';
import type { NativeApi } from './api-table.ts';
import { own, type Handle } from './handle.ts';
import type { SessionSettings } from '../runtime.ts';
import { check, pointerFrom } from './status.ts';

/** `GraphOptimizationLevel` of onnxruntime_c_api.h. */
const levels = { disabled: 0, extended: 2, all: 99 } as const satisfies Record<
  SessionSettings['optimisation'],
  number
>;
/** `ExecutionMode` and `OrtLoggingLevel`. */
const sequential = 0;
const fatal = 4;

/** Names that `SessionOptionsAppendExecutionProvider` of the C API knows. The processor is always there. */
const deviceNames: Readonly<Partial<Record<ProviderName, string>>> = { webgpu: 'WebGPU' };

/** Whether sessions can be opened on it. */
export function isServed(provider: ProviderName): boolean {
  return provider === 'cpu' || provider in deviceNames;
}

/** @throws {NativeFailure} */
export function createSessionOptions(api: NativeApi, settings: SessionSettings): Handle {
  const options = own(
    pointerFrom(api, (out) => api.CreateSessionOptions(out)),
    api.ReleaseSessionOptions,
    'Options of a session',
  );
  try {
    const { pointer } = options;
    const { threads, optimisation, saveOptimisedTo, weightsFolder } = settings;
    check(api, api.SetSessionExecutionMode(pointer, sequential));
    check(api, api.SetInterOpNumThreads(pointer, 1));
    if (threads > 0) check(api, api.SetIntraOpNumThreads(pointer, threads));
    // Memory patterns grow without end where shapes vary, as they do token by token.
    check(api, api.DisableMemPattern(pointer));
    // What goes wrong is in the status, in the same words.
    check(api, api.SetSessionLogSeverityLevel(pointer, fatal));
    check(api, api.SetSessionGraphOptimizationLevel(pointer, levels[optimisation]));
    if (saveOptimisedTo !== null)
      check(api, api.SetOptimizedModelFilePath(pointer, pathBytes(saveOptimisedTo)));
    const entries: Record<string, string> = {
      'session.intra_op.allow_spinning': settings.spinning ? '1' : '0',
      'session.force_spinning_stop': '1',
      ...(weightsFolder === null
        ? {}
        : { 'session.model_external_initializers_file_folder_path': weightsFolder }),
    };
    const device = deviceNames[settings.provider];
    if (device !== undefined) {
      const [none, count] = [null, 0];
      check(
        api,
        api.SessionOptionsAppendExecutionProvider(pointer, textBytes(device), none, none, count),
      );
    }
    for (const [key, value] of Object.entries(entries))
      check(api, api.AddSessionConfigEntry(pointer, textBytes(key), textBytes(value)));
    return options;
  } catch (error) {
    options[Symbol.dispose]();
    throw error;
  }
}

/** NUL-terminated UTF-8. */
export function textBytes(text: string): Uint8Array {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** `ORTCHAR_T`: UTF-16 on Windows, bytes elsewhere; NUL-terminated. */
export function pathBytes(path: string): Uint8Array {
  return Buffer.from(`${path}\0`, process.platform === 'win32' ? 'utf16le' : 'utf8');
}
