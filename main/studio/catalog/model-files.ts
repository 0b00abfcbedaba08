/**
 * The files of a model folder, checked for what must not be there.
 *
 * Promises: nothing outside the folder is ever looked at; nothing is executed or unpickled.
 * Blocking: for the catalog's own thread.
 */
import {
  closeSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  realpathSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { z } from 'zod';
import { onnxExternalFiles } from './onnx-external-files.ts';
import { ModelProblem } from './model-problem.ts';

export interface ModelFile {
  /** Relative to the model folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

export interface ModelFiles {
  readonly folder: string;
  readonly files: ReadonlyMap<string, ModelFile>;
  /** The first thing found that makes the folder unsafe; null when there is none. */
  readonly problem: string | null;
}

/** Real model folders hold a few dozen files; a home folder chosen by mistake holds more. */
const maxFiles = 5000;
const maxJsonBytes = 64 * 2 ** 20;
const pickleExtensions = /\.(pt|pth|ckpt|pkl|pickle|joblib)$/i;

/** @param folder an existing folder; may itself be reached by a symbolic link */
export function listModelFiles(folder: string): ModelFiles {
  const root = realpathSync(folder);
  const files = new Map<string, ModelFile>();
  let problem: string | null = null;
  const walk = (relative: string) => {
    for (const entry of readdirSync(path.join(root, relative), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const child = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const childPath = path.join(root, child);
      if (entry.isSymbolicLink()) {
        if (!leadsInside(root, childPath)) {
          problem ??= `"${child}" is a link to a place outside the model's folder. Replace it with the file itself.`;
          continue;
        }
        // A link to a folder could lead in circles; exporters make none.
        if (!statSync(childPath).isFile()) continue;
      } else if (entry.isDirectory()) {
        walk(child);
        continue;
      } else if (!entry.isFile()) continue;
      if (files.size >= maxFiles) {
        problem ??= `The folder holds more than ${maxFiles} files and is hardly a model.`;
        return;
      }
      const { size, mtimeMs } = statSync(childPath);
      files.set(child, { path: child, sizeBytes: size, modifiedMs: Math.floor(mtimeMs) });
      if (isPickle(child, childPath)) {
        problem ??= `"${child}" is a Python pickle, which can run code when it is loaded. Remove it; Atelier uses ONNX files only.`;
      }
    }
  };
  walk('');
  return { folder: root, files, problem };
}

function leadsInside(root: string, linkPath: string): boolean {
  try {
    const target = realpathSync(linkPath);
    return target.startsWith(root + path.sep);
  } catch {
    // A dangling link.
    return false;
  }
}

function isPickle(name: string, filePath: string): boolean {
  if (pickleExtensions.test(name)) return true;
  if (!/\.bin$/i.test(name)) return false;
  const start = Buffer.alloc(4);
  const file = openSync(filePath, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  // Pickle protocols 2 to 5, or torch's zip around one.
  const [first, second] = start;
  return (
    (first === 0x80 && second !== undefined && second >= 2 && second <= 5) ||
    start.toString('latin1') === 'PK\x03\x04'
  );
}

/** @throws {ModelProblem} if there is no such file */
export function requireFile(model: ModelFiles, relative: string, purpose: string): void {
  if (!model.files.has(relative))
    throw new ModelProblem(`"${relative}" is missing (${purpose}). Copy the whole model again.`);
}

/** @throws {ModelProblem} if the file is missing, no JSON, or of another shape */
export function readModelJson<T>(model: ModelFiles, relative: string, schema: z.ZodType<T>): T {
  const file = model.files.get(relative);
  if (!file) throw new ModelProblem(`"${relative}" is missing. Copy the whole model again.`);
  if (file.sizeBytes > maxJsonBytes)
    throw new ModelProblem(`"${relative}" is too large to be what its name says.`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path.join(model.folder, relative), 'utf8'));
  } catch {
    throw new ModelProblem(
      `"${relative}" is not valid JSON; it may have been cut off. Copy the whole model again.`,
    );
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ModelProblem(
    `"${relative}" is not as expected: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}

/**
 * Checks a graph and the files that hold its weights.
 * @returns the graph and its weight files, relative to the folder
 * @throws {ModelProblem} if it is damaged, or its weights are missing or outside the folder
 */
export function checkGraph(model: ModelFiles, relative: string): string[] {
  requireFile(model, relative, 'a part of the model');
  const inside = path.posix.dirname(relative);
  const weights = onnxExternalFiles(path.join(model.folder, relative), relative).map((location) => {
    const normal = path.posix.normalize(location.replaceAll('\\', '/'));
    const joined = path.posix.join(inside, normal);
    // ONNX: a location is relative to the graph's own folder and may not lead out of it.
    if (
      path.posix.isAbsolute(normal) ||
      /^[a-z]:/i.test(normal) ||
      normal.split('/').includes('..')
    ) {
      throw new ModelProblem(
        `"${relative}" takes weights from "${location}", outside its own folder. This is not allowed.`,
      );
    }
    if (!model.files.has(joined))
      throw new ModelProblem(`"${joined}", which holds weights of "${relative}", is missing.`);
    if (lstatSync(path.join(model.folder, joined)).size === 0)
      throw new ModelProblem(`"${joined}" is empty.`);
    return joined;
  });
  return [relative, ...weights];
}
