import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Desktop, findElectronBinary } from './electron-binary.ts';

const desktop: Desktop = {
  env: { ...process.env, DISPLAY: ':0' },
  platform: 'linux',
  isRoot: false,
};

describe('where Electron runs from', () => {
  it('is nowhere without a display or as root, with the reason', () => {
    expect(findElectronBinary({ ...desktop, env: {} })).toEqual({
      found: false,
      reason: 'there is no display',
    });
    expect(findElectronBinary({ ...desktop, isRoot: true })).toEqual({
      found: false,
      reason: 'its sandbox does not run as root',
    });
  });

  it.runIf(process.platform === 'linux')(
    'is the folder that ELECTRON_OVERRIDE_DIST_PATH names, if a binary is there',
    () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'atelier-electron-'));
      try {
        const env = { ...desktop.env, ELECTRON_OVERRIDE_DIST_PATH: folder };
        expect(findElectronBinary({ ...desktop, env })).toMatchObject({ found: false });
        // The package's path.txt, where there is one, names the same file on Linux.
        writeFileSync(path.join(folder, 'electron'), '');
        expect(findElectronBinary({ ...desktop, env })).toEqual({
          found: true,
          path: path.join(folder, 'electron'),
        });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
