/** Picture files out of what was dropped or chosen, folders with all that is in them. */

const pictureName = /\.(?:png|jpe?g|webp|avif|gif|tiff?)$/i;

/** Also what has no picture's ending where it was dropped by itself: its bytes decide. */
export async function filesOf(dropped: DataTransfer): Promise<File[]> {
  // The list is emptied once the event is over: entries are taken at once.
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...dropped.files];
  const found = await Promise.all(entries.map((entry) => filesBelow(entry, true)));
  return found.flat();
}

async function filesBelow(entry: FileSystemEntry, isDropped: boolean): Promise<File[]> {
  if (isFile(entry)) {
    if (!isDropped && !pictureName.test(entry.name)) return [];
    return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  }
  if (!isFolder(entry)) return [];
  const found: File[] = [];
  const reader = entry.createReader();
  for (;;) {
    // A reader gives a part at a time, and nothing at its end.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (part.length === 0) return found;
    for (const child of part) found.push(...(await filesBelow(child, false)));
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** Lets the person choose pictures of this machine. @returns none if none were chosen */
export async function choosePictures(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = '.png,.jpg,.jpeg,.webp,.avif,.gif,.tif,.tiff';
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve([...(input.files ?? [])]), { once: true });
    input.addEventListener('cancel', () => resolve([]), { once: true });
    input.click();
  });
}
