/**
 * Looks at an ONNX file before the runtime does: is it whole, and where does its external data lie?
 *
 * Promises: reads a few bytes per field and never the weights; nothing outside the graph's own
 * folder passes, whether by `../`, by an absolute path or by a symbolic link; a file that is cut
 * short is named as such. Source: onnx.proto3 of ONNX 1.19 (field numbers below).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';
import { StudioError } from '../../../contract/errors.ts';

export interface GraphFile {
  readonly path: string;
  /** The graph and its external data together. */
  readonly sizeBytes: number;
  /** Changes whenever one of the files does. */
  readonly fingerprint: string;
  /** Size and time of the `.onnx` file alone. */
  readonly ownMark: string;
  /** How many bytes the graph needs of each file of external data. */
  readonly externalBytes: ReadonlyMap<string, number>;
}

/**
 * @param path absolute path of a `.onnx` file
 * @param known what was found before; an unchanged graph is not read again
 * @throws {StudioError} `model-missing`, `model-invalid`
 */
export async function inspectGraphFile(path: string, known?: GraphFile): Promise<GraphFile> {
  const own = await stat(path).catch(() => null);
  if (!own?.isFile()) {
    throw new StudioError(
      'model-missing',
      `The file ${path} is not there. Import the model again.`,
      { file: path },
    );
  }
  const ownMark = `${own.size}:${own.mtimeMs}`;
  const externalBytes =
    known?.ownMark === ownMark ? known.externalBytes : neededBytes(readExternalData(path));
  const folder = await realpath(dirname(path));

  let sizeBytes = own.size;
  const marks = [ownMark];
  for (const [location, needed] of externalBytes) {
    const target = await resolveInside(folder, location, path);
    const found = await stat(target);
    if (found.size < needed) {
      throw invalid(
        path,
        `its data file "${location}" is cut short (${found.size} of ${needed} bytes)`,
      );
    }
    sizeBytes += found.size;
    marks.push(`${location}:${found.size}:${found.mtimeMs}`);
  }
  return { path, sizeBytes, fingerprint: marks.join('|'), ownMark, externalBytes };
}

/** Several tensors may lie in one file. */
function neededBytes(pieces: readonly ExternalPiece[]): ReadonlyMap<string, number> {
  const needed = new Map<string, number>();
  for (const { location, endBytes } of pieces) {
    needed.set(location, Math.max(needed.get(location) ?? 0, endBytes));
  }
  return needed;
}

async function resolveInside(folder: string, location: string, graphPath: string): Promise<string> {
  const parts = location.split(/[/\\]/);
  // A Windows path must be refused on Linux too: the folder may be shared.
  if (
    location === '' ||
    isAbsolute(location) ||
    win32.isAbsolute(location) ||
    /^[a-z]:/i.test(location) ||
    parts.includes('..')
  ) {
    throw invalid(graphPath, `it points at a data file outside its own folder ("${location}")`);
  }
  const target = await realpath(join(folder, ...parts)).catch(() => null);
  if (target === null) throw invalid(graphPath, `its data file "${location}" is missing`);
  const fromFolder = relative(folder, target);
  if (fromFolder.startsWith(`..${sep}`) || fromFolder === '..' || isAbsolute(fromFolder)) {
    throw invalid(
      graphPath,
      `its data file "${location}" is a link to a place outside its own folder`,
    );
  }
  return target;
}

function invalid(path: string, why: string): StudioError {
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(path)} cannot be used: ${why}. Import the model again.`,
    {
      file: path,
    },
  );
}

type Message =
  | 'model'
  | 'graph'
  | 'node'
  | 'attribute'
  | 'tensor'
  | 'sparseTensor'
  | 'function'
  | 'training'
  | 'entry';

/** Fields that can lead to a tensor; all others are skipped by their length. */
const nestedFields: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparseTensor' },
  node: { 5: 'attribute' },
  attribute: {
    5: 'tensor',
    6: 'graph',
    10: 'tensor',
    11: 'graph',
    22: 'sparseTensor',
    23: 'sparseTensor',
  },
  tensor: { 13: 'entry' },
  sparseTensor: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
  training: { 1: 'graph', 2: 'graph' },
  entry: {},
};

const maxNesting = 64;
const maxEntryBytes = 4096;
const windowBytes = 1 << 16;

interface ExternalPiece {
  readonly location: string;
  /** Offset plus length; 0 where the file does not say. */
  readonly endBytes: number;
}

function readExternalData(path: string): ExternalPiece[] {
  const fd = openSync(path, 'r');
  try {
    const sizeBytes = fstatSync(fd).size;
    const bytes = createWindow(fd, sizeBytes);
    const pieces: ExternalPiece[] = [];
    let hasGraph = false;

    function varint(at: number, end: number): { value: number; next: number } {
      let value = 0;
      for (let i = 0; i < 10; i++) {
        if (at + i >= end) throw invalid(path, 'it is cut short or damaged');
        const byte = bytes.at(at + i);
        // Beyond 2^53 the number is a negative int64, which no length or offset here can be.
        value += (byte & 0x7f) * 2 ** (7 * i);
        if (byte < 0x80) return { value, next: at + i + 1 };
      }
      throw invalid(path, 'it is damaged');
    }

    /** @returns the entries of this message, where it is a tensor */
    function walk(message: Message, start: number, end: number, nesting: number): void {
      if (nesting > maxNesting) throw invalid(path, 'it is nested too deeply');
      const entries = new Map<string, string>();
      let at = start;
      while (at < end) {
        const key = varint(at, end);
        const field = Math.floor(key.value / 8);
        at = key.next;
        switch (key.value % 8) {
          case 0:
            at = varint(at, end).next;
            break;
          case 1:
            at += 8;
            break;
          case 5:
            at += 4;
            break;
          case 2: {
            const length = varint(at, end);
            at = length.next + length.value;
            if (at > end) throw invalid(path, 'it is cut short or damaged');
            const nested = nestedFields[message][field];
            if (nested === 'entry') readEntry(length.next, at, entries);
            else if (nested) {
              if (nested === 'graph') hasGraph = true;
              walk(nested, length.next, at, nesting + 1);
            }
            break;
          }
          default:
            throw invalid(path, 'it is not an ONNX file or is damaged');
        }
      }
      if (at > end) throw invalid(path, 'it is cut short or damaged');
      const location = entries.get('location');
      if (location !== undefined) {
        const endBytes = Number(entries.get('offset') ?? 0) + Number(entries.get('length') ?? 0);
        if (!Number.isSafeInteger(endBytes) || endBytes < 0) throw invalid(path, 'it is damaged');
        pieces.push({ location, endBytes });
      }
    }

    /** One StringStringEntryProto: 1 key, 2 value. */
    function readEntry(start: number, end: number, entries: Map<string, string>): void {
      if (end - start > maxEntryBytes) throw invalid(path, 'it is damaged');
      const strings = new Map<number, string>();
      let at = start;
      while (at < end) {
        const key = varint(at, end);
        const length = varint(key.next, end);
        at = length.next + length.value;
        if (at > end || key.value % 8 !== 2) throw invalid(path, 'it is damaged');
        strings.set(Math.floor(key.value / 8), bytes.text(length.next, at));
      }
      entries.set(strings.get(1) ?? '', strings.get(2) ?? '');
    }

    walk('model', 0, sizeBytes, 0);
    if (!hasGraph) throw invalid(path, 'it is empty or not an ONNX file');
    return pieces;
  } finally {
    closeSync(fd);
  }
}

/** Random access to a file through one buffer that moves along with the reads. */
function createWindow(fd: number, sizeBytes: number) {
  const buffer = Buffer.alloc(Math.min(windowBytes, sizeBytes));
  let start = 0;
  let filled = 0;

  function load(position: number): void {
    start = position;
    filled = readSync(fd, buffer, 0, buffer.length, position);
  }

  function at(position: number): number {
    if (position < start || position >= start + filled) load(position);
    // A file that shrinks while it is read ends in zeros; the runtime then refuses it.
    return buffer[position - start] ?? 0;
  }

  return {
    at,
    text(from: number, to: number): string {
      return Buffer.from(Uint8Array.from({ length: to - from }, (_, i) => at(from + i))).toString(
        'utf8',
      );
    },
  };
}

/** A graph's file with the folder that tells the parts of a model apart, for messages. */
export function graphName(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`;
}
