/** Where pictures lie and how they are named. Blocking: for the library's own thread. */
import { compareNames } from '../name-order.ts';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import {
  isTemporaryName,
  moveWithoutOverwritingSync,
  syncFolderSync,
  writeTemporarySync,
} from '../durable-file.ts';
import { pictureFolders, systemPath } from './image-rows.ts';

const maxSlugLength = 40;
const pictureName = /\.(png|jpe?g|webp|avif|gif|tiff?)$/i;

/**
 * Such as `20261124-031502-a-red-apple-3d-7.png`: sorts by time, says what it shows, and is a valid
 * name on every platform.
 * @param createdAt milliseconds since 1970; shown in local time
 */
export function pictureFileName(createdAt: number, prompt: string, seed: number): string {
  const { year, month, day, hour, minute, second } = localParts(createdAt);
  return `${year}${month}${day}-${hour}${minute}${second}-${slugOf(prompt)}-${seed}.png`;
}

function slugOf(prompt: string): string {
  const words = prompt
    .slice(0, 400)
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  let slug = '';
  for (const word of words) {
    if (slug.length + word.length + 1 > maxSlugLength) break;
    slug += slug === '' ? word : `-${word}`;
  }
  return slug || words[0]?.slice(0, maxSlugLength) || 'picture';
}

function localParts(createdAt: number) {
  const date = new Date(createdAt);
  const two = (part: number) => String(part).padStart(2, '0');
  return {
    year: String(date.getFullYear()).padStart(4, '0'),
    month: two(date.getMonth() + 1),
    day: two(date.getDate()),
    hour: two(date.getHours()),
    minute: two(date.getMinutes()),
    second: two(date.getSeconds()),
  };
}

/**
 * Writes a picture durably into `images/YYYY/MM`.
 * @returns its path for the database
 * @throws the file system's error; nothing is left then
 */
export function storePicture(
  folder: string,
  fileName: string,
  createdAt: number,
  bytes: Uint8Array,
): string {
  const parent = folderOf(createdAt);
  const parentPath = makeFolder(folder, parent);
  const temporary = writeTemporarySync(parentPath, bytes);
  try {
    const name = moveWithoutOverwritingSync(temporary, parentPath, fileName);
    syncFolderSync(parentPath);
    return `${parent}/${name}`;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** @param createdAt milliseconds since 1970; in local time @returns the folder for the database's paths */
export function folderOf(createdAt: number): string {
  const { year, month } = localParts(createdAt);
  return `images/${year}/${month}`;
}

/**
 * Gives a file that is durable already, on the same disk, a place and a free name in the library.
 * Durable only after `syncPictureFolders`.
 * @returns its path for the database
 */
export function placePicture(
  folder: string,
  temporary: string,
  fileName: string,
  createdAt: number,
): string {
  const parent = folderOf(createdAt);
  return `${parent}/${moveWithoutOverwritingSync(temporary, makeFolder(folder, parent), fileName)}`;
}

/**
 * Moves a picture within the library, under another name where the wish is taken.
 * Durable only after `syncPictureFolders`.
 * @returns its new path
 */
export function movePicture(folder: string, from: string, wish: string): string {
  const parent = path.posix.dirname(wish);
  const name = moveWithoutOverwritingSync(
    systemPath(folder, from),
    makeFolder(folder, parent),
    path.posix.basename(wish),
  );
  return `${parent}/${name}`;
}

/** Makes durable what pictures are called in the folders that hold, or held, these paths. */
export function syncPictureFolders(folder: string, picturePaths: readonly string[]): void {
  for (const parent of new Set(
    picturePaths.map((picturePath) => path.posix.dirname(picturePath)),
  )) {
    syncFolderSync(systemPath(folder, parent));
  }
}

/** Whether a file's ending is that of a picture. */
export function isPictureName(fileName: string): boolean {
  return pictureName.test(fileName);
}

/** Whether the library takes a file of its folders for a picture. @param file its path or name */
export function isPictureFileName(file: string): boolean {
  const name = path.basename(file);
  return !name.startsWith('.') && isPictureName(name) && !file.includes('\\');
}

/** Makes a folder and makes its name, and those of its parents, durable. */
function makeFolder(folder: string, relative: string): string {
  const made = systemPath(folder, relative);
  const first = mkdirSync(made, { recursive: true });
  if (first !== undefined) {
    for (
      let at = path.dirname(made);
      at.length >= path.dirname(first).length;
      at = path.dirname(at)
    ) {
      syncFolderSync(at);
      if (at === path.dirname(at)) break;
    }
  }
  return made;
}

/**
 * All picture files below the picture folders, as paths for the database, a folder at a time. Symbolic links are not
 * followed: a picture lies in its library.
 * @param onTemporary told of files that a write did not finish
 */
export function* picturesByFolder(
  folder: string,
  onTemporary: (filePath: string) => void = () => {},
): Generator<readonly string[]> {
  const left: string[] = pictureFolders.toReversed();
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const found: string[] = [];
    for (const entry of readdirSync(systemPath(folder, at), { withFileTypes: true })) {
      const child = `${at}/${entry.name}`;
      if (entry.isDirectory()) left.push(child);
      else if (!entry.isFile()) continue;
      else if (isTemporaryName(entry.name)) onTemporary(systemPath(folder, child));
      else if (isPictureFileName(child)) found.push(child);
    }
    yield found;
  }
}

/** The same in one list, in the order of their names. */
export function listPictures(
  folder: string,
  onTemporary?: (filePath: string) => void,
): readonly string[] {
  return inOrderOfNames([...picturesByFolder(folder, onTemporary)].flat());
}

export function inOrderOfNames(files: Iterable<string>): readonly string[] {
  return [...files].toSorted(compareNames);
}

/** Picture files, and those in the trash. */
export function countPictures(folder: string): { images: number; trashed: number } {
  const files = listPictures(folder);
  const trashed = files.filter((file) => file.startsWith('trash/')).length;
  return { images: files.length - trashed, trashed };
}
