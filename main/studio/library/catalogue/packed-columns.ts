/**
 * All columns in one piece of bytes, so that opening a library is a copy of memory, not a query.
 *
 * The bytes are a header (u32 length, JSON, padded to 8) and the columns one after the other, those
 * of 8 bytes a value first; little-endian, as every machine that Atelier runs on is. Bytes that
 * do not read back as such are nothing: the columns are then made from the rows.
 */
import { z } from 'zod';
import {
  codedColumns,
  createDictionaries,
  type CodedColumn,
  type Columns,
  type Dictionaries,
} from './columns.ts';

/** Rises when the columns, or what they mean, change. */
const packedVersion = 2;

const Header = z.object({
  version: z.literal(packedVersion),
  pictures: z.number().int().nonnegative(),
  texts: z.record(z.enum(codedColumns), z.array(z.string())),
});

const headerStart = 4;
const bytesPerPicture = 5 * 8 + 16 + (3 + codedColumns.length) * 4 + 2;

/** Texts that no picture has are left out. */
export function packColumns(columns: Columns, dictionaries: Dictionaries): Uint8Array<ArrayBuffer> {
  const texts = {} as Record<CodedColumn, string[]>;
  const codes = codedColumns.map((name) => {
    const { used, codes: renumbered } = renumber(columns.coded[name], dictionaries[name].texts);
    texts[name] = used;
    return renumbered;
  });
  const header = Buffer.from(
    JSON.stringify({ version: packedVersion, pictures: columns.seqs.length, texts }),
  );
  const start = columnsStart(header.length);
  const bytes = new Uint8Array(start + columns.seqs.length * bytesPerPicture);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, headerStart);
  const { seqs, createdAts, seeds, steps, cfgs, ids, widths, heights } = columns;
  const { colours, ratings, states } = columns;
  let at = start;
  for (const values of [seqs, createdAts, seeds, steps, cfgs, ids, widths, heights]) put(values);
  for (const values of [colours, ...codes]) put(values);
  for (const values of [ratings, states]) put(values);
  return bytes;

  function put(values: Float64Array | Int32Array | Uint32Array | Uint8Array): void {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
}

/** @returns null for what was not packed by this version, or is not whole */
export function unpackColumns(
  bytes: Uint8Array,
): { readonly columns: Columns; readonly dictionaries: Dictionaries } | null {
  if (bytes.length < headerStart) return null;
  // A copy of its own: the columns must begin where words of 8 bytes may.
  const { buffer } = new Uint8Array(bytes);
  const headerLength = new DataView(buffer).getUint32(0, true);
  if (headerStart + headerLength > bytes.length) return null;
  const header = parseHeader(bytes.subarray(headerStart, headerStart + headerLength));
  if (!header) return null;
  const { pictures: n, texts } = header;
  let at = columnsStart(headerLength);
  if (bytes.length !== at + n * bytesPerPicture) return null;
  const floats = () => new Float64Array(buffer, take(n * 8), n);
  const integers = () => new Int32Array(buffer, take(n * 4), n);
  const small = (width = 1) => new Uint8Array(buffer, take(n * width), n * width);
  const [seqs, createdAts, seeds, steps, cfgs] = [floats(), floats(), floats(), floats(), floats()];
  const ids = small(16);
  const [widths, heights] = [integers(), integers()];
  const codes = () => new Uint32Array(buffer, take(n * 4), n);
  const colours = codes();
  const dictionaries = createDictionaries();
  const coded = {} as Record<CodedColumn, Uint32Array>;
  for (const name of codedColumns) {
    for (const text of texts[name]) dictionaries[name].codeOf(text);
    if (dictionaries[name].texts.length !== texts[name].length) return null;
    coded[name] = codes();
  }
  const [ratings, states] = [small(), small()];
  return {
    columns: {
      seqs,
      ids,
      widths,
      heights,
      createdAts,
      ratings,
      states,
      seeds,
      steps,
      cfgs,
      colours,
      coded,
    },
    dictionaries,
  };

  function take(length: number): number {
    const start = at;
    at += length;
    return start;
  }
}

function columnsStart(headerLength: number): number {
  return Math.ceil((headerStart + headerLength) / 8) * 8;
}

function parseHeader(bytes: Uint8Array): z.infer<typeof Header> | null {
  try {
    return Header.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return null;
  }
}

function renumber(
  codes: Uint32Array,
  texts: readonly string[],
): { readonly used: string[]; readonly codes: Uint32Array } {
  const numbers = new Int32Array(texts.length).fill(-1);
  const used: string[] = [];
  const renumbered = codes.map((code) => {
    let number = numbers[code] ?? -1;
    if (number < 0) {
      number = used.length;
      used.push(texts[code] ?? '');
      numbers[code] = number;
    }
    return number;
  });
  return { used, codes: renumbered };
}
