import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { rootFolder } from './program.ts';

const read = (file: string) => readFileSync(path.join(rootFolder, file), 'utf8');
const { packages } = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
};
const { files } = parse(read('electron-builder.yml')) as { readonly files: readonly string[] };
const leftOut = files
  .filter((pattern) => pattern.startsWith('!'))
  .map((pattern) => pattern.slice(1));
const shipped = Object.entries(packages)
  .filter(([folder, { dev }]) => folder !== '' && dev !== true)
  .map(([folder]) => folder)
  .filter((folder) => existsSync(path.join(rootFolder, folder)))
  // Not part of the packaged program.
  .filter((folder) => !/^node_modules\/node-(?:linux|win)-x64/.test(folder));

test('Every library of the packaged program comes with its licence, or is named in NOTICE', () => {
  const notice = read('NOTICE');
  const without = shipped.filter((folder) => {
    const licences = readdirSync(path.join(rootFolder, folder)).filter(
      (name) =>
        /^(?:licen[cs]e|copying|copyrightnotice)/i.test(name) &&
        !leftOut.some((pattern) => path.matchesGlob(`${folder}/${name}`, pattern)),
    );
    return licences.length === 0;
  });
  const unnamed = without.filter((folder) => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const named = [
      name,
      name.replace(/-(?:linux|darwin|win32)-.*$/, '-*'),
      name.replace(/\/.*$/, '/*'),
    ];
    return !named.some((each) => notice.includes(`${each} `) || notice.includes(`${each},`));
  });
  expect(unnamed).toEqual([]);
  expect(without.length).toBeGreaterThan(0);
});

test('Files that only describe a library are left out, and its licence is not', () => {
  const isLeftOut = (file: string) => leftOut.some((pattern) => path.matchesGlob(file, pattern));
  expect(isLeftOut('node_modules/uuid/README.md')).toBe(true);
  expect(isLeftOut('node_modules/uuid/LICENSE.md')).toBe(false);
  expect(isLeftOut('node_modules/lie/license.md')).toBe(false);
});
