/** Failures of native calls as exceptions. */
import type { NativeApi, Pointer } from './api-table.ts';

/** What onnxruntime said; `code` is an `OrtErrorCode`. */
export class NativeFailure extends Error {
  override readonly name = 'NativeFailure';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Takes over the status that a call returned. @throws {NativeFailure} unless it is null */
export function check(api: NativeApi, status: Pointer | null): void {
  if (status === null) return;
  try {
    throw new NativeFailure(api.GetErrorCode(status), api.GetErrorMessage(status) ?? '');
  } finally {
    api.ReleaseStatus(status);
  }
}

/**
 * The pointer that a call leaves in its last argument.
 * @throws {NativeFailure} as the call says
 */
export function pointerFrom(
  api: NativeApi,
  make: (out: BigUint64Array) => Pointer | null,
): Pointer {
  const out = new BigUint64Array(1);
  check(api, make(out));
  const [pointer = 0n] = out;
  if (pointer === 0n) throw new NativeFailure(1, 'onnxruntime made nothing and said nothing.');
  return pointer;
}

/** The `size_t` that a call leaves in its last argument. @throws {NativeFailure} as the call says */
export function sizeFrom(api: NativeApi, ask: (out: BigUint64Array) => Pointer | null): number {
  const out = new BigUint64Array(1);
  check(api, ask(out));
  return Number(out[0]);
}
