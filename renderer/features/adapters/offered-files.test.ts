import { describe, expect, it } from 'vitest';
import { offeredByDrop, offeredByInput } from './offered-files.ts';

function fileAt(path: string): File {
  const file = new File(['x'], path.split('/').at(-1) ?? '');
  const relative = path.includes('/') ? path : '';
  return Object.defineProperty(file, 'webkitRelativePath', { value: relative });
}

type Tree = { readonly [name: string]: Tree | File };

/** An entry as a browser hands it out, two children at a time. */
function entryOf(name: string, inside: Tree | File): FileSystemEntry {
  if (inside instanceof File)
    return {
      name,
      isDirectory: false,
      file: (take: (file: File) => void) => take(inside),
    } as never;
  return {
    name,
    isDirectory: true,
    createReader() {
      const left = Object.entries(inside).map(([child, below]) => entryOf(child, below));
      return { readEntries: (take: (some: FileSystemEntry[]) => void) => take(left.splice(0, 2)) };
    },
  } as never;
}

function dropOf(...entries: FileSystemEntry[]): DataTransfer {
  const items = entries.map((entry) => ({ webkitGetAsEntry: () => entry }));
  return { items, files: entries.map(({ name }) => new File([], name)) } as never;
}

describe('what is offered', () => {
  it('is a folder with all that lies in it, but for hidden files', async () => {
    const tree = {
      'model.onnx': fileAt('model.onnx'),
      'config.json': fileAt('config.json'),
      '.DS_Store': fileAt('.DS_Store'),
      onnx: { weights: fileAt('weights') },
    };
    const [offered] = await offeredByDrop(dropOf(entryOf('canny', tree)));
    expect(offered?.name).toBe('canny');
    expect(offered?.files.map(({ file, folders }) => [...folders, file.name].join('/'))).toEqual([
      'canny/model.onnx',
      'canny/config.json',
      'canny/onnx/weights',
    ]);
  });

  it('is a file alone beside it', async () => {
    const offered = await offeredByDrop(
      dropOf(entryOf('a.safetensors', fileAt('a.safetensors')), entryOf('f', {})),
    );
    expect(offered.map(({ name, files }) => [name, files.length])).toEqual([
      ['a.safetensors', 1],
      ['f', 0],
    ]);
  });

  it('is the same from a picker', () => {
    const offered = offeredByInput(['edges/model.onnx', 'edges/.x', 'b.onnx'].map(fileAt));
    expect(
      offered.map(({ name, files }) => [name, files.map(({ folders }) => folders.join('/'))]),
    ).toEqual([
      ['b.onnx', ['']],
      ['edges', ['edges']],
    ]);
  });

  it('is no adapter where it holds hundreds of files', () => {
    const many = Array.from({ length: 201 }, (_, index) => fileAt(`all/${index}`));
    expect(() => offeredByInput(many)).toThrow('“all” holds more than 200 files');
  });
});
