/**
 * Which folder may use which, as docs and `tsconfig.json`s draw it. Arrows point only down:
 *
 *     main/electron | main/server | main/cli → main/studio → contract
 *     main/engine → contract        renderer → contract        preload → contract (types)
 *
 * The studio never uses the engine, nor the engine the studio: they meet in `contract/engine.ts`.
 */

export interface BoundaryRule {
  /** The folder that the rule is for; the longest matching one counts. */
  readonly folder: string;
  /** Folders whose modules it may import, besides its own. */
  readonly mayImport: readonly string[];
  /** Files it may start as a process or thread of their own, besides those of its own folder. */
  readonly mayStart?: readonly string[];
  /** Files that stay out of reach although their folder is in `mayImport`. */
  readonly except?: readonly string[];
  /** True where an import may bring in types and nothing that runs. */
  readonly typesOnly?: boolean;
  /** Packages it may import; all but the reserved ones when left out. */
  readonly packages?: readonly string[];
  /** False where Node's own modules do not exist. */
  readonly nodeBuiltins: boolean;
}

/** Starting the engine as a process of its own is no import: it has its own memory and its own modules. */
const engineEntry = ['main/engine/main.ts', 'main/engine/main.js'];
const host = {
  mayImport: ['main/studio', 'contract'],
  mayStart: engineEntry,
  nodeBuiltins: true,
} as const;

export const boundaryRules: readonly BoundaryRule[] = [
  { folder: 'contract', mayImport: [], packages: ['zod'], nodeBuiltins: false },
  // What window and studio both make of a text.
  {
    folder: 'contract/prose',
    mayImport: ['contract'],
    packages: ['markdown-it', 'prosemirror-markdown', 'prosemirror-model'],
    nodeBuiltins: false,
  },
  { folder: 'main/engine', mayImport: ['contract'], nodeBuiltins: true },
  { folder: 'main/studio', mayImport: ['contract'], mayStart: engineEntry, nodeBuiltins: true },
  { folder: 'main/electron', ...host, mayStart: [...engineEntry, 'preload/preload.cjs'] },
  { folder: 'main/server', ...host },
  { folder: 'main/cli', ...host },
  {
    folder: 'preload',
    mayImport: ['contract'],
    typesOnly: true,
    packages: ['electron'],
    nodeBuiltins: false,
  },
  {
    folder: 'renderer',
    mayImport: ['contract', 'assets'],
    except: ['contract/engine.ts'],
    nodeBuiltins: false,
  },
  { folder: 'tools', mayImport: [], nodeBuiltins: true },
  { folder: 'bench', mayImport: ['contract', 'main', 'tools', 'e2e', 'dist'], nodeBuiltins: true },
  { folder: 'e2e', mayImport: ['contract', 'main', 'tools'], nodeBuiltins: true },
];

/** Packages that one place alone may import, so that everything else runs without them. */
export const reservedPackages: Readonly<Record<string, readonly string[]>> = {
  electron: ['main/electron', 'preload', 'e2e'],
  'onnxruntime-node': ['main/engine/runtime'],
  'onnxruntime-common': ['main/engine/runtime'],
  koffi: ['main/engine/runtime'],
};
