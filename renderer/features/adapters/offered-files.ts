/** What is dropped or chosen: single files, and folders with all that lies in them. */
import { StudioError } from '../../../contract/errors.ts';

/** A file, or a folder of files, to be sent as one. */
export interface Offered {
  readonly name: string;
  readonly files: readonly OfferedFile[];
}

export interface OfferedFile {
  readonly file: File;
  /** From the folder that was offered on; empty for a file alone. */
  readonly folders: readonly string[];
}

/** An adapter's folder has a handful; a whole disk is not walked. */
const mostFiles = 200;

/**
 * Walks what was dropped. The entries have to be taken while the drop is handled, so this is called
 * before anything is awaited.
 * @throws {StudioError} `too-large` for a folder that can be no adapter
 */
export function offeredByDrop(transfer: DataTransfer): Promise<Offered[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const files = [...transfer.files];
  return Promise.all(
    entries.flatMap((entry, index) => {
      const file = files[index];
      if (entry?.isDirectory) return [walked(entry as FileSystemDirectoryEntry)];
      return file ? [Promise.resolve(alone(file))] : [];
    }),
  );
}

/** Files of an input; those of a folder say in `webkitRelativePath` where they lie. */
export function offeredByInput(files: readonly File[]): Offered[] {
  const folders = new Map<string, OfferedFile[]>();
  const offered: Offered[] = [];
  for (const file of files) {
    const path = file.webkitRelativePath.split('/').slice(0, -1);
    const [name] = path;
    if (name === undefined) offered.push(alone(file));
    else folders.set(name, [...(folders.get(name) ?? []), { file, folders: path }]);
  }
  const whole = [...folders].map(([name, inside]) => ({ name, files: inside.filter(isVisible) }));
  for (const folder of whole) checkCount(folder);
  return [...offered, ...whole];
}

function alone(file: File): Offered {
  return { name: file.name, files: [{ file, folders: [] }] };
}

async function walked(root: FileSystemDirectoryEntry): Promise<Offered> {
  const files: OfferedFile[] = [];
  async function walk(folder: FileSystemDirectoryEntry, folders: readonly string[]): Promise<void> {
    for (const entry of await entriesOf(folder)) {
      if (entry.isDirectory) {
        await walk(entry as FileSystemDirectoryEntry, [...folders, entry.name]);
      } else {
        const file = await fileOf(entry as FileSystemFileEntry);
        if (isVisible({ file, folders })) files.push({ file, folders });
      }
      checkCount({ name: root.name, files });
    }
  }
  await walk(root, [root.name]);
  return { name: root.name, files };
}

/** They come a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    entry.file(resolve, reject);
  });
}

/** What begins with a point was put there by a system, not by a model's maker. */
function isVisible({ file, folders }: OfferedFile): boolean {
  return ![...folders, file.name].some((name) => name.startsWith('.'));
}

function checkCount({ name, files }: Offered): void {
  if (files.length > mostFiles)
    throw new StudioError(
      'too-large',
      `“${name}” holds more than ${mostFiles} files, so it is no adapter. Choose the folder with model.onnx.`,
    );
}
