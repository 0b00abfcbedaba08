import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { directoryEnd, directoryRecord, localHeader } from './zip-file.ts';

/** One more than the 16 bits of the old format can count. */
const count = 65_536;
const createdAt = 1_800_000_000_000;

function largeZip(): Buffer {
  const files: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const content = Buffer.from(String(index));
    const entry = { name: `${index}.txt`, size: content.length, crc: crc32(content) };
    const header = localHeader(entry, createdAt);
    files.push(header, content);
    directory.push(directoryRecord({ ...entry, at }, createdAt));
    at += header.length + content.length;
  }
  const records = Buffer.concat(directory);
  return Buffer.concat([...files, records, directoryEnd(count, at, records.length)]);
}

it('a ZIP of more than 65,535 files has them all', () => {
  const entries = unzipSync(largeZip());
  expect(Object.keys(entries)).toHaveLength(count);
  expect(Buffer.from(entries[`${count - 1}.txt`] ?? []).toString()).toBe(String(count - 1));
});

const python = spawnSync('python3', ['--version']).status === 0;
it.skipIf(!python)('a ZIP of more than 65,535 files is whole to Python', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atelier-zip-'));
  try {
    const file = path.join(folder, 'large.zip');
    writeFileSync(file, largeZip());
    const script =
      'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.testzip())';
    expect(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }).trim()).toBe(
      `${count} None`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
