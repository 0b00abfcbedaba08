/**
 * Reads `.safetensors` files: the header at once, tensors by range when asked for.
 *
 * Promises: every flaw is a `model-invalid` that names the file and, where there is one, the tensor.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import {
  parseSafetensorsHeader,
  SafetensorsFlaw,
  safetensorsHeaderBytes,
  safetensorsPrefixBytes,
  type SafetensorsHeader,
} from '../../../../contract/safetensors-header.ts';
import { float16ToFloat32 } from '../../tensor/float16.ts';

export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
}

/** @throws {StudioError} `not-found`, `model-invalid` naming the file and the tensor */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  await using file = await openFile(path);
  const { size } = await file.stat();
  try {
    const prefix = await readRange(file, path, 0, Math.min(size, safetensorsPrefixBytes));
    const end = safetensorsPrefixBytes + safetensorsHeaderBytes(prefix, size);
    const header = await readRange(file, path, safetensorsPrefixBytes, end);
    return { path, ...parseSafetensorsHeader(header, size) };
  } catch (error) {
    throw error instanceof SafetensorsFlaw ? flaw(path, error.message, error.tensor) : error;
  }
}

/**
 * Tensors' values as float32; float16 and bfloat16 are widened, and so is a single whole number, as
 * training scripts leave it for an alpha.
 * @throws {StudioError} `model-invalid` if one is missing, of another type or cut short
 */
export async function readTensors(
  { path, tensors }: SafetensorsFile,
  names: readonly string[],
): Promise<ReadonlyMap<string, Float32Array>> {
  await using file = await openFile(path);
  const read = new Map<string, Float32Array>();
  for (const name of names) {
    const entry = tensors.get(name);
    if (!entry) throw flaw(path, 'it is missing', name);
    const isCount = entry.dtype === 'I64' && entry.dims.every((dim) => dim === 1);
    if (!isCount && !['F32', 'F16', 'BF16'].includes(entry.dtype)) {
      throw flaw(
        path,
        `it holds ${entry.dtype} values, and only F32, F16 and BF16 can be used`,
        name,
      );
    }
    const bytes = await readRange(file, path, entry.begin, entry.end, name);
    read.set(name, toFloat32(entry.dtype, bytes));
  }
  return read;
}

async function openFile(path: string): Promise<FileHandle> {
  return await open(path).catch((cause: unknown) => {
    throw new StudioError(
      'not-found',
      `The file "${basename(path)}" cannot be opened. Read the adapters again in Models.`,
      { file: path },
      { cause },
    );
  });
}

async function readRange(
  file: FileHandle,
  path: string,
  begin: number,
  end: number,
  tensor?: string,
): Promise<Buffer> {
  const bytes = Buffer.alloc(end - begin);
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, begin + done);
    if (bytesRead === 0) throw flaw(path, 'it is cut short', tensor);
    done += bytesRead;
  }
  return bytes;
}

function toFloat32(dtype: string, bytes: Buffer): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const whole = buffer.slice(byteOffset, byteOffset + byteLength);
  if (dtype === 'I64') return Float32Array.from(new BigInt64Array(whole), Number);
  if (dtype === 'F32') return new Float32Array(whole);
  const halves = new Uint16Array(whole);
  if (dtype === 'F16') return float16ToFloat32(halves);
  // bfloat16 is the upper half of a float32.
  return new Float32Array(Uint32Array.from(halves, (half) => half * 65_536).buffer);
}

function flaw(path: string, why: string, tensor?: string): StudioError {
  const name = basename(path);
  const what = tensor === undefined ? `The file "${name}"` : `"${tensor}" in the file "${name}"`;
  return new StudioError(
    'model-invalid',
    `${what} cannot be used: ${why}. Get the file again from where it came.`,
    tensor === undefined ? { file: path } : { file: path, tensor },
  );
}
