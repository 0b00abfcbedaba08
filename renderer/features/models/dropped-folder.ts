/** @param dropped a list of addresses or a path, as a drag carries it @returns the first path on this machine, or null */
export function droppedFolder(dropped: string): string | null {
  for (const line of dropped.split(/\r?\n/)) {
    if (line.startsWith('file://')) {
      const path = decodeURIComponent(new URL(line).pathname);
      // file:///C:/models is C:/models, without the slash of the address.
      return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
    }
    if (/^(\/|[A-Za-z]:[\\/]|~\/)/.test(line)) return line.trim();
  }
  return null;
}
