/** What of a journal could not be used, beside it, as it was: nothing that was ever written is thrown away. */
import { appendFileSync, readFileSync } from 'node:fs';

/** Each find once, however often the journal is read. @throws the file system's error */
export function keepAside(filePath: string, why: string, offset: number, bytes: Buffer): void {
  const title = `# ${why}, ${bytes.length} bytes from byte ${offset}`;
  if (readText(filePath).includes(`${title}\n`)) return;
  appendFileSync(filePath, Buffer.concat([Buffer.from(`${title}\n`), bytes, Buffer.from('\n')]));
}

function readText(filePath: string): string {
  try {
    return readFileSync(filePath, 'latin1');
  } catch {
    return '';
  }
}
