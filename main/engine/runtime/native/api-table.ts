/**
 * The entries of onnxruntime's C API that the studio calls, as functions.
 *
 * Source: `struct OrtApi` in onnxruntime_c_api.h of onnxruntime 1.30 (ORT_API_VERSION 30). The struct
 * holds function pointers alone and is only ever appended to, which onnxruntime_c_api.cc asserts for
 * the last entry of every version; an index is the place of a member in it, counted from 0.
 */
import type { LibraryHandle } from 'koffi';

export type Koffi = (typeof import('koffi'))['default'];

/** Address of a native object or of bytes; never 0. */
export type Pointer = bigint;

/** The version of the library that the table below was made for, and the C API's in it. */
export const tableVersion = '1.30.0';
const apiVersion = 30;

interface ArgumentOf {
  /** An array is passed as the address of its first element, and only to calls that end before they return. */
  readonly 'void *': Pointer | ArrayBufferView | null;
  readonly size_t: number;
  readonly int: number;
}
interface ResultOf {
  readonly 'void *': Pointer | null;
  readonly int: number;
  readonly void: undefined;
  readonly 'const char *': string | null;
}

type Argument = keyof ArgumentOf;
type Signature = readonly [index: number, result: keyof ResultOf, parameters: readonly Argument[]];

/** A pointer that `OrtStatus *` is: null when all went well. */
const status = 'void *';

const signatures = {
  GetErrorCode: [1, 'int', ['void *']],
  GetErrorMessage: [2, 'const char *', ['void *']],
  CreateEnv: [3, status, ['int', 'void *', 'void *']],
  CreateSession: [7, status, ['void *', 'void *', 'void *', 'void *']],
  CreateSessionFromArray: [8, status, ['void *', 'void *', 'size_t', 'void *', 'void *']],
  Run: [
    9,
    status,
    ['void *', 'void *', 'void *', 'void *', 'size_t', 'void *', 'size_t', 'void *'],
  ],
  CreateSessionOptions: [10, status, ['void *']],
  SetOptimizedModelFilePath: [11, status, ['void *', 'void *']],
  SetSessionExecutionMode: [13, status, ['void *', 'int']],
  DisableMemPattern: [17, status, ['void *']],
  SetSessionLogSeverityLevel: [22, status, ['void *', 'int']],
  SetSessionGraphOptimizationLevel: [23, status, ['void *', 'int']],
  SetIntraOpNumThreads: [24, status, ['void *', 'int']],
  SetInterOpNumThreads: [25, status, ['void *', 'int']],
  SessionGetInputCount: [30, status, ['void *', 'void *']],
  SessionGetOutputCount: [31, status, ['void *', 'void *']],
  SessionGetInputTypeInfo: [33, status, ['void *', 'size_t', 'void *']],
  SessionGetOutputTypeInfo: [34, status, ['void *', 'size_t', 'void *']],
  SessionGetInputName: [36, status, ['void *', 'size_t', 'void *', 'void *']],
  SessionGetOutputName: [37, status, ['void *', 'size_t', 'void *', 'void *']],
  CreateRunOptions: [39, status, ['void *']],
  RunOptionsSetTerminate: [46, status, ['void *']],
  CreateTensorWithDataAsOrtValue: [
    49,
    status,
    ['void *', 'void *', 'size_t', 'void *', 'size_t', 'int', 'void *'],
  ],
  GetTensorMutableData: [51, status, ['void *', 'void *']],
  CastTypeInfoToTensorInfo: [55, status, ['void *', 'void *']],
  GetTensorElementType: [60, status, ['void *', 'void *']],
  GetDimensionsCount: [61, status, ['void *', 'void *']],
  GetDimensions: [62, status, ['void *', 'void *', 'size_t']],
  GetSymbolicDimensions: [63, status, ['void *', 'void *', 'size_t']],
  GetTensorTypeAndShape: [65, status, ['void *', 'void *']],
  CreateCpuMemoryInfo: [69, status, ['int', 'int', 'void *']],
  AllocatorFree: [76, status, ['void *', 'void *']],
  GetAllocatorWithDefaultOptions: [78, status, ['void *']],
  ReleaseEnv: [92, 'void', ['void *']],
  ReleaseStatus: [93, 'void', ['void *']],
  ReleaseMemoryInfo: [94, 'void', ['void *']],
  ReleaseSession: [95, 'void', ['void *']],
  ReleaseValue: [96, 'void', ['void *']],
  ReleaseRunOptions: [97, 'void', ['void *']],
  ReleaseTypeInfo: [98, 'void', ['void *']],
  ReleaseTensorTypeAndShapeInfo: [99, 'void', ['void *']],
  ReleaseSessionOptions: [100, 'void', ['void *']],
  AddSessionConfigEntry: [130, status, ['void *', 'void *', 'void *']],
  SessionOptionsAppendExecutionProvider: [
    216,
    status,
    ['void *', 'void *', 'void *', 'void *', 'size_t'],
  ],
} as const satisfies Record<string, Signature>;

type Entry = keyof typeof signatures;
type Values<T extends readonly Argument[]> = { -readonly [K in keyof T]: ArgumentOf[T[K]] };
type Parameters<Name extends Entry> = Values<(typeof signatures)[Name][2]>;
type Result<Name extends Entry> = ResultOf[(typeof signatures)[Name][1]];

type NativeFunction<Name extends Entry> = ((...values: Parameters<Name>) => Result<Name>) & {
  /** Runs on a thread of libuv's pool. Takes addresses alone: what lies there must stay until `done`. */
  readonly async: (
    ...values: [...Parameters<Name>, (error: unknown, result: Result<Name>) => void]
  ) => void;
};

export type NativeApi = { readonly [Name in Entry]: NativeFunction<Name> } & {
  /** Address of an array's first element; 0 for an empty one. */
  readonly addressOf: (view: ArrayBufferView) => bigint;
  /** A copy of native memory. */
  readonly copyBytes: (from: Pointer, byteLength: number) => Uint8Array<ArrayBuffer>;
  /** A NUL-terminated UTF-8 string. */
  readonly textAt: (from: Pointer) => string;
};

/** Why the C API cannot be used here, in words. */
export class ApiUnavailable extends Error {
  override readonly name = 'ApiUnavailable';
}

/**
 * @param koffi the module, loaded
 * @param library onnxruntime's shared library, loaded by koffi
 * @throws {ApiUnavailable} if it is another version, or lacks what is needed
 */
export function bindApi(koffi: Koffi, library: LibraryHandle): NativeApi {
  const base = call(() => library.func('OrtGetApiBase', 'void *', [])()) as Pointer | null;
  if (base === null) throw new ApiUnavailable('onnxruntime gave no table of its functions.');
  // struct OrtApiBase: GetApi, GetVersionString.
  const [getApi, getVersion] = pointersAt(koffi, base, 2);
  if (!getApi || !getVersion) throw new ApiUnavailable('onnxruntime gave an empty table.');
  const version: unknown = koffi.decode(getVersion, koffi.proto('const char *', []))();
  if (version !== tableVersion) {
    throw new ApiUnavailable(
      `The library is onnxruntime ${String(version)}, and its functions are known for ${tableVersion}.`,
    );
  }
  const table: unknown = koffi.decode(getApi, koffi.proto('void *', ['uint32_t']))(apiVersion);
  if (typeof table !== 'bigint')
    throw new ApiUnavailable(`onnxruntime ${tableVersion} gave no functions of API ${apiVersion}.`);
  const last = Math.max(...Object.values(signatures).map(([index]) => index));
  const pointers = pointersAt(koffi, table, last + 1);
  const functions = Object.entries(signatures).map(([name, [index, result, parameters]]) => {
    const pointer = pointers[index];
    if (!pointer) throw new ApiUnavailable(`onnxruntime's function ${name} is missing.`);
    return [name, koffi.decode(pointer, koffi.proto(result, [...parameters]))] as const;
  });
  return {
    ...(Object.fromEntries(functions) as { readonly [Name in Entry]: NativeFunction<Name> }),
    addressOf: (view) => koffi.address(view),
    copyBytes: (from, byteLength) =>
      koffi.decode(from, 'uint8_t', byteLength) as Uint8Array<ArrayBuffer>,
    textAt: (from) => koffi.decode.string(from),
  };
}

function pointersAt(koffi: Koffi, from: Pointer, count: number): readonly (Pointer | null)[] {
  return koffi.decode(from, koffi.array('void *', count)) as readonly (Pointer | null)[];
}

function call<T>(find: () => T): T {
  try {
    return find();
  } catch (cause) {
    throw new ApiUnavailable('The library has no OrtGetApiBase.', { cause });
  }
}
