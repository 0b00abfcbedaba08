/**
 * Reads `.safetensors` files: the header at once, tensors by range when asked for.
 *
 * Promises: nothing of the file is believed before it is checked; every flaw is a `model-invalid` that
 * names the file and, where there is one, the tensor; the tensors tile the rest of the file without
 * holes or overlaps. Source: the format's description in huggingface/safetensors, README, "Format".
 */
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { float16ToFloat32 } from '../../tensor/float16.ts';

export interface SafetensorsEntry {
  readonly dtype: string;
  readonly dims: readonly number[];
  /** Bytes of the file, from its start. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsFile {
  readonly path: string;
  /** Free text by key, as the file's maker wrote it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

const bytesPerElement: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

const length = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const Entry = z.strictObject({
  dtype: z.string(),
  shape: z.array(length).max(16),
  data_offsets: z.tuple([length, length]),
});
const Metadata = z.record(z.string(), z.string());

/** @throws {StudioError} `not-found`, `model-invalid` naming the file and the tensor */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  await using file = await openFile(path);
  const { size } = await file.stat();
  if (size < 8) throw flaw(path, 'it is too short to be one');
  const headerLength = Number((await readRange(file, path, 0, 8)).readBigUInt64LE());
  if (headerLength > maxHeaderBytes || headerLength > size - 8) {
    throw flaw(path, `its header says it is ${headerLength} bytes long, more than there are`);
  }
  const header = parseHeader(path, await readRange(file, path, 8, 8 + headerLength));
  const metadata = Metadata.safeParse(header['__metadata__'] ?? {});
  if (!metadata.success) throw flaw(path, 'its metadata is not text by key');
  const dataStart = 8 + headerLength;
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name !== '__metadata__') tensors.set(name, parseEntry(path, name, value, dataStart, size));
  }
  checkTiling(path, tensors, dataStart, size);
  return { path, metadata: metadata.data, tensors };
}

/**
 * One tensor's values as float32; float16 and bfloat16 are widened.
 * @throws {StudioError} `model-invalid` if it is missing, of another type or cut short
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
    if (!['F32', 'F16', 'BF16'].includes(entry.dtype)) {
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

function parseHeader(path: string, bytes: Buffer): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw flaw(path, 'its header is not JSON');
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(header);
  if (!text.startsWith('{') || !parsed.success) throw flaw(path, 'its header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== null) throw flaw(path, 'it is there twice', twice);
  return parsed.data;
}

/** JSON.parse keeps the last of equal keys and says nothing. `text` is valid JSON. */
function repeatedKey(text: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"(?<colon>\s*:)?|[{}[\]]/g)) {
    const [token] = match;
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (depth === 1 && match.groups?.['colon'] !== undefined) {
      const key = String(JSON.parse(token.slice(0, token.lastIndexOf('"') + 1)));
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
}

function parseEntry(
  path: string,
  name: string,
  value: unknown,
  dataStart: number,
  size: number,
): SafetensorsEntry {
  const parsed = Entry.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw flaw(path, `its entry does not fit (${issue?.path.join('.')}: ${issue?.message})`, name);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const elementBytes = bytesPerElement[dtype];
  if (elementBytes === undefined) throw flaw(path, `its type "${dtype}" is unknown`, name);
  const [begin, end] = offsets;
  if (begin > end || dataStart + end > size) {
    throw flaw(path, `its bytes ${begin} to ${end} lie outside the file`, name);
  }
  const wanted = shape.reduce((product, dim) => product * dim, elementBytes);
  if (wanted !== end - begin) {
    throw flaw(
      path,
      `its shape [${shape.join(', ')}] of ${dtype} takes ${wanted} bytes, and it has ${end - begin}`,
      name,
    );
  }
  return { dtype, dims: shape, begin: dataStart + begin, end: dataStart + end };
}

function checkTiling(
  path: string,
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
  size: number,
): void {
  let covered = dataStart;
  const sorted = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of sorted) {
    if (begin < covered) throw flaw(path, 'its bytes overlap those of another tensor', name);
    if (begin > covered) throw flaw(path, 'there is a hole before its bytes', name);
    covered = end;
  }
  if (covered < size) throw flaw(path, `${size - covered} bytes at its end belong to no tensor`);
}

function toFloat32(dtype: string, bytes: Buffer): Float32Array {
  const { buffer, byteOffset, byteLength } = bytes;
  const whole = buffer.slice(byteOffset, byteOffset + byteLength);
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
