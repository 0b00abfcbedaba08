import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSilentCanaries, findViolations } from './boundaries.ts';
import { rootFolder } from './program.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'atelier-boundaries-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

describe('the boundary check', () => {
  it('passes on this repository', () => {
    expect(findViolations(rootFolder)).toEqual([]);
  });

  it('notices every planted violation', () => {
    expect(findSilentCanaries()).toEqual([]);
  });

  it('allows the arrows that point down', () => {
    write('main/server/main.ts', "import { createStudio } from '../studio/create-studio.ts';");
    write(
      'main/studio/create-studio.ts',
      "import type { EngineClient } from '../../contract/engine.ts';",
    );
    write('main/server/engine.ts', "const entry = new URL('../engine/main.ts', import.meta.url);");
    write('renderer/main.tsx', "import { StudioError } from '../contract/errors.ts';");
    write(
      'preload/preload.ts',
      "import type { Frame } from '../contract/wire/frames.ts';\nimport 'electron';",
    );
    write('main/engine/runtime/load.ts', "import ort from 'onnxruntime-node';");
    write('contract/ids.test.ts', "import { it } from 'vitest';\nimport 'node:fs';");
    expect(findViolations(root)).toEqual([]);
  });

  it('says where and why', () => {
    write('main/studio/a.ts', "\n\nexport * from '../engine/session.ts';\n");
    expect(findViolations(root)).toEqual([
      {
        file: 'main/studio/a.ts',
        line: 3,
        reason: 'main/studio may not import main/engine/session.ts',
      },
    ]);
  });

  it('reports a file that it cannot read as source', () => {
    write('contract/broken.ts', 'import { from');
    expect(findViolations(root)).toMatchObject([{ file: 'contract/broken.ts', line: 1 }]);
  });
});
