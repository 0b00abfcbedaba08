/**
 * A project's record on disk: `project.json`, and the version before it as `project.previous.json`.
 *
 * Promises: one of the two can be read whatever happens while they are written; a record that cannot be read is
 * kept under another name. Blocking, for the writing thread.
 */
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../../contract/errors.ts';
import { syncFolderSync, writeTemporarySync } from '../../durable-file.ts';
import { storageError, systemCode } from '../../storage-error.ts';
import { rebuildProject } from './rebuild-project.ts';
import { StoredProject } from './stored-project.ts';

const fileName = 'project.json';
const previousFileName = 'project.previous.json';

export interface ReadProject {
  readonly project: StoredProject;
  /** As it stands on disk. */
  readonly text: string;
  /** What was wrong with it and what stands now, in a sentence; null if it was sound. */
  readonly damaged: string | null;
}

/**
 * The record; where it is damaged, the version before it; where that is damaged too, one made anew.
 * @throws {StudioError} `library-newer`, `library-read-only`, `disk-full`
 */
export function readProjectFile(folder: string, id: string, now: () => number): ReadProject {
  const text = readText(path.join(folder, fileName));
  const project = text === null ? null : parseProject(text, folder);
  if (project !== null && text !== null) return { project, text, damaged: null };
  const previousText = readText(path.join(folder, previousFileName));
  const previous = previousText === null ? null : parseProject(previousText, folder);
  const stands = previous ?? rebuildProject(folder, id, now());
  try {
    for (const [name, found] of [
      [fileName, text],
      [previousFileName, previous === null ? previousText : null],
    ] as const)
      if (found !== null)
        renameSync(path.join(folder, name), path.join(folder, `damaged-${now()}-${name}`));
  } catch (error) {
    throw storageError(error, folder);
  }
  return {
    project: stands,
    text: writeProjectFile(folder, stands, null),
    damaged: `The record of the project "${stands.title}" was damaged or missing, and what was there is kept. ${
      previous === null
        ? 'It was made anew from its scenes: memory and lore are empty.'
        : 'It stands as it was before its last change.'
    }`,
  };
}

/**
 * @param previousText what stands there; null where nothing does
 * @returns what stands there now
 * @throws {StudioError} `disk-full`, `library-read-only`; the old record stands then
 */
export function writeProjectFile(
  folder: string,
  project: StoredProject,
  previousText: string | null,
): string {
  const text = `${JSON.stringify(project, null, 2)}\n`;
  try {
    if (previousText !== null) place(folder, previousFileName, previousText);
    place(folder, fileName, text);
    syncFolderSync(folder);
  } catch (error) {
    throw storageError(error, folder);
  }
  return text;
}

function place(folder: string, name: string, text: string): void {
  renameSync(writeTemporarySync(folder, Buffer.from(text)), path.join(folder, name));
}

function readText(filePath: string): string | null {
  try {
    return readFileSync(filePath, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw storageError(error, filePath);
  }
}

const Versioned = z.looseObject({ version: z.number().int().min(2) });

function parseProject(text: string, folder: string): StoredProject | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const newer = Versioned.safeParse(value).data;
  if (newer) {
    throw new StudioError(
      'library-newer',
      `The project in "${path.basename(folder)}" was written by a newer version of Atelier (format ${newer.version}; this one knows 1). Update Atelier to open it.`,
      { version: newer.version },
    );
  }
  return StoredProject.safeParse(value).data ?? null;
}
