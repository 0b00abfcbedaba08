/**
 * The header of a `.safetensors` file, checked against the size of the file.
 *
 * Promises: nothing of it is believed before it is checked; the tensors tile the rest of the file
 * without holes or overlaps. Source: huggingface/safetensors, README, "Format".
 */
import { z } from 'zod';

export interface SafetensorsEntry {
  readonly dtype: string;
  readonly dims: readonly number[];
  /** Bytes of the file, from its start. */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** Free text by key, as the file's maker wrote it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>;
}

/** What is wrong, and with which tensor. */
export class SafetensorsFlaw extends Error {
  override readonly name = 'SafetensorsFlaw';
  readonly tensor: string | undefined;

  constructor(why: string, tensor?: string) {
    super(why);
    this.tensor = tensor;
  }
}

/** How many bytes the length of the header takes, at the start of the file. */
export const safetensorsPrefixBytes = 8;
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

/**
 * @param prefix the file's first 8 bytes, or fewer where it has no more
 * @returns how long the header is, bytes
 * @throws {SafetensorsFlaw}
 */
export function safetensorsHeaderBytes(prefix: Uint8Array, fileBytes: number): number {
  if (prefix.length < safetensorsPrefixBytes)
    throw new SafetensorsFlaw('it is too short to be one');
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || headerBytes > fileBytes - safetensorsPrefixBytes) {
    throw new SafetensorsFlaw(
      `its header says it is ${headerBytes} bytes long, more than there are`,
    );
  }
  return headerBytes;
}

/** @param header what follows the prefix @throws {SafetensorsFlaw} */
export function parseSafetensorsHeader(header: Uint8Array, fileBytes: number): SafetensorsHeader {
  const entries = parseJson(header);
  const metadata = Metadata.safeParse(entries['__metadata__'] ?? {});
  if (!metadata.success) throw new SafetensorsFlaw('its metadata is not text by key');
  const dataStart = safetensorsPrefixBytes + header.length;
  const tensors = new Map<string, SafetensorsEntry>();
  for (const [name, value] of Object.entries(entries)) {
    if (name !== '__metadata__') tensors.set(name, parseEntry(name, value, dataStart, fileBytes));
  }
  checkTiling(tensors, dataStart, fileBytes);
  return { metadata: metadata.data, tensors };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    throw new SafetensorsFlaw('its header is not JSON');
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(header);
  if (!text.startsWith('{') || !parsed.success)
    throw new SafetensorsFlaw('its header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== null) throw new SafetensorsFlaw('it is there twice', twice);
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
  name: string,
  value: unknown,
  dataStart: number,
  fileBytes: number,
): SafetensorsEntry {
  const parsed = Entry.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new SafetensorsFlaw(
      `its entry does not fit (${issue?.path.join('.')}: ${issue?.message})`,
      name,
    );
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const elementBytes = bytesPerElement[dtype];
  if (elementBytes === undefined) throw new SafetensorsFlaw(`its type "${dtype}" is unknown`, name);
  const [begin, end] = offsets;
  if (begin > end || dataStart + end > fileBytes) {
    throw new SafetensorsFlaw(`its bytes ${begin} to ${end} lie outside the file`, name);
  }
  const wanted = shape.reduce((product, dim) => product * dim, elementBytes);
  if (wanted !== end - begin) {
    throw new SafetensorsFlaw(
      `its shape [${shape.join(', ')}] of ${dtype} takes ${wanted} bytes, and it has ${end - begin}`,
      name,
    );
  }
  return { dtype, dims: shape, begin: dataStart + begin, end: dataStart + end };
}

function checkTiling(
  tensors: ReadonlyMap<string, SafetensorsEntry>,
  dataStart: number,
  fileBytes: number,
): void {
  let covered = dataStart;
  const sorted = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of sorted) {
    if (begin < covered)
      throw new SafetensorsFlaw('its bytes overlap those of another tensor', name);
    if (begin > covered) throw new SafetensorsFlaw('there is a hole before its bytes', name);
    covered = end;
  }
  if (covered < fileBytes)
    throw new SafetensorsFlaw(`${fileBytes - covered} bytes at its end belong to no tensor`);
}
