/** Where the shared library lies that onnxruntime-node itself loads. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

const fileNames: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
};

/** Null where onnxruntime-node has no library for this system. @throws {Error} if it is not installed */
export function onnxruntimeLibraryPath(): string | null {
  const fileName = fileNames[process.platform];
  if (!fileName) return null;
  // The package exports no package.json; its main file lies in dist/.
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  return unpacked(join(folder, fileName));
}

/** The system's loader cannot read an archive: what is loaded lies beside it. */
export function unpacked(path: string): string {
  return path.replace(`${sep}app.asar${sep}`, `${sep}app.asar.unpacked${sep}`);
}
