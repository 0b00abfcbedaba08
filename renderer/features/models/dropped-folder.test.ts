import { describe, expect, it } from 'vitest';
import { droppedFolder } from './dropped-folder.ts';

describe('a dropped folder', () => {
  it.each([
    ['file:///home/mira/my%20model', '/home/mira/my model'],
    ['file:///C:/models/sd', 'C:/models/sd'],
    ['/home/mira/model', '/home/mira/model'],
    ['C:\\models\\sd', 'C:\\models\\sd'],
    ['# a comment\r\nfile:///models/a', '/models/a'],
  ])('of %j lies at %j', (dropped, path) => expect(droppedFolder(dropped)).toBe(path));

  it.each(['', 'https://example.org/model', 'words'])('is not found in %j', (dropped) => {
    expect(droppedFolder(dropped)).toBeNull();
  });
});
