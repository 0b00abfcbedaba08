/** Names, types and shapes of an open graph's inputs and outputs. */
import { StudioError } from '../../../../contract/errors.ts';
import type { ValueSpec } from '../../session.ts';
import { graphName } from '../graph-file.ts';
import type { NativeApi, Pointer } from './api-table.ts';
import { own } from './handle.ts';
import { check, pointerFrom, sizeFrom } from './status.ts';
import { readTensorInfo } from './values.ts';

export interface GraphSignature {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
}

/** @throws {StudioError} `unsupported` for what is no tensor or of a type that the studio does not know */
export function readSignature(
  api: NativeApi,
  session: Pointer,
  allocator: Pointer,
  graphPath: string,
): GraphSignature {
  const read = (
    count: number,
    nameAt: NativeApi['SessionGetInputName'] | NativeApi['SessionGetOutputName'],
    typeAt: NativeApi['SessionGetInputTypeInfo'] | NativeApi['SessionGetOutputTypeInfo'],
  ): readonly ValueSpec[] =>
    Array.from({ length: count }, (_, index) => {
      const name = readName(
        api,
        allocator,
        pointerFrom(api, (out) => nameAt(session, index, allocator, out)),
      );
      using typeInfo = own(
        pointerFrom(api, (out) => typeAt(session, index, out)),
        api.ReleaseTypeInfo,
        'The type of a value',
      );
      return readSpec(api, name, typeInfo.pointer, graphPath);
    });
  return {
    inputs: read(
      sizeFrom(api, (out) => api.SessionGetInputCount(session, out)),
      api.SessionGetInputName,
      api.SessionGetInputTypeInfo,
    ),
    outputs: read(
      sizeFrom(api, (out) => api.SessionGetOutputCount(session, out)),
      api.SessionGetOutputName,
      api.SessionGetOutputTypeInfo,
    ),
  };
}

function readName(api: NativeApi, allocator: Pointer, text: Pointer): string {
  try {
    return api.textAt(text);
  } finally {
    check(api, api.AllocatorFree(allocator, text));
  }
}

function readSpec(api: NativeApi, name: string, typeInfo: Pointer, graphPath: string): ValueSpec {
  const out = new BigUint64Array(1);
  check(api, api.CastTypeInfoToTensorInfo(typeInfo, out));
  // Part of the type, and released with it; null for maps, sequences and optional values.
  const [tensorInfo = 0n] = out;
  if (tensorInfo === 0n) {
    throw new StudioError(
      'unsupported',
      `${graphName(graphPath)} has "${name}", which is not a tensor. Export the model anew.`,
    );
  }
  const { type, dims } = readTensorInfo(api, tensorInfo);
  const symbols = new BigUint64Array(dims.length);
  check(api, api.GetSymbolicDimensions(tensorInfo, symbols, dims.length));
  return {
    name,
    type,
    dims: dims.map((dim, axis) => {
      if (dim >= 0) return dim;
      const symbol = symbols[axis] ?? 0n;
      // A dimension without size or name is as free as a named one.
      return (symbol === 0n ? '' : api.textAt(symbol)) || '?';
    }),
  };
}
