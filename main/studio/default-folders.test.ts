import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultFolders, type FolderSurroundings } from './default-folders.ts';

const linux: FolderSurroundings = {
  platform: 'linux',
  env: {},
  home: '/home/ada',
  exists: () => true,
};

describe('default folders', () => {
  it('follow the XDG base directories on Linux', () => {
    expect(defaultFolders(linux)).toEqual({
      data: '/home/ada/.local/share/atelier',
      library: '/home/ada/Pictures/Atelier',
      cache: '/home/ada/.cache/atelier',
    });
    const env = { XDG_DATA_HOME: '/d', XDG_CACHE_HOME: 'relative' };
    expect(defaultFolders({ ...linux, env })).toMatchObject({
      data: '/d/atelier',
      cache: '/home/ada/.cache/atelier',
    });
  });

  it('put the library into the home folder where there is no picture folder', () => {
    expect(defaultFolders({ ...linux, exists: () => false }).library).toBe('/home/ada/Atelier');
  });

  it('follow the conventions of macOS and Windows', () => {
    expect(defaultFolders({ ...linux, platform: 'darwin', home: '/Users/ada' })).toEqual({
      data: '/Users/ada/Library/Application Support/Atelier',
      library: '/Users/ada/Pictures/Atelier',
      cache: '/Users/ada/Library/Caches/Atelier',
    });
    const env = {
      APPDATA: 'C:\\Users\\ada\\AppData\\Roaming',
      LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local',
    };
    expect(defaultFolders({ ...linux, platform: 'win32', env, home: 'C:\\Users\\ada' })).toEqual({
      data: 'C:\\Users\\ada\\AppData\\Roaming\\Atelier',
      library: 'C:\\Users\\ada\\Pictures\\Atelier',
      cache: 'C:\\Users\\ada\\AppData\\Local\\Atelier\\Cache',
    });
  });

  it('give way to the environment, and keep the cache with overridden data', () => {
    const env = { ATELIER_DATA: '/tmp/run', ATELIER_LIBRARY: 'pictures', XDG_CACHE_HOME: '/c' };
    expect(defaultFolders({ ...linux, env })).toEqual({
      data: '/tmp/run',
      library: path.resolve('pictures'),
      cache: '/tmp/run/cache',
    });
  });
});
