/**
 * Checks that imports follow `boundary-rules.ts`.
 *
 * Promises: every source file under a ruled folder is parsed, and one that cannot be parsed is
 * itself a violation; static, dynamic, type-only and re-exporting imports all count, and so do the
 * files that a module starts through `new URL('./x.ts', import.meta.url)`; an import whose target
 * is computed is a violation, since nobody could say where it leads.
 */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ESTree, parseSync, Visitor } from 'rolldown/utils';
import { type BoundaryRule, boundaryRules, reservedPackages } from './boundary-rules.ts';
import { rootFolder } from './program.ts';

export interface Violation {
  /** Relative to the tree's root, with forward slashes. */
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

interface Reference {
  readonly kind: 'import' | 'start';
  /** Null where it is computed at run time. */
  readonly target: string | null;
  readonly typeOnly: boolean;
  readonly offset: number;
}

const sourceFiles = '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}';
const testFile = /\.test\.tsx?$|\.fixture\.ts$|\/fixtures\//;

export function findViolations(root: string): Violation[] {
  return boundaryRules.flatMap(({ folder }) =>
    globSync(`${folder}/${sourceFiles}`, { cwd: root, exclude: ['**/node_modules/**'] })
      .map((file) => file.replaceAll('\\', '/'))
      .sort()
      .flatMap((file) => checkFile(root, file)),
  );
}

function checkFile(root: string, file: string): Violation[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const lineAt = (offset: number): number => text.slice(0, offset).split('\n').length;
  const parsed = parseSync(file, text);
  if (parsed.errors.length > 0) {
    return [{ file, line: 1, reason: `cannot be parsed: ${parsed.errors[0]?.message}` }];
  }
  return findReferences(parsed.program).flatMap((reference) => {
    const reason = judge(file, reference);
    return reason === null ? [] : [{ file, line: lineAt(reference.offset), reason }];
  });
}

function findReferences(program: ESTree.Program): Reference[] {
  const found: Reference[] = [];
  const add = (target: ESTree.Node | null | undefined, offset: number, typeOnly = false): void => {
    for (const value of literalValues(target))
      found.push({ kind: 'import', target: value, typeOnly, offset });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.start, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source, node.start, node.exportKind === 'type');
    },
    ExportAllDeclaration: (node) => add(node.source, node.start, node.exportKind === 'type'),
    ImportExpression: (node) => add(node.source, node.start),
    TSImportType: (node) => add(node.source, node.start, true),
    CallExpression: (node) => {
      const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require';
      const isResolve =
        node.callee.type === 'MemberExpression' &&
        node.callee.object.type === 'MetaProperty' &&
        node.callee.property.type === 'Identifier' &&
        node.callee.property.name === 'resolve';
      if (isRequire || isResolve) add(node.arguments[0], node.start);
    },
    NewExpression: (node) => {
      if (
        node.callee.type !== 'Identifier' ||
        node.callee.name !== 'URL' ||
        node.arguments.length < 2
      )
        return;
      for (const target of literalValues(node.arguments[0])) {
        if (target !== null && /^\.\.?\/.*\.[cm]?[jt]sx?$/.test(target)) {
          found.push({ kind: 'start', target, typeOnly: false, offset: node.start });
        }
      }
    },
  }).visit(program);
  return found;
}

/** The strings that an expression can evaluate to; null among them for what is only known at run time. */
function literalValues(node: ESTree.Node | null | undefined): (string | null)[] {
  if (node?.type === 'Literal' && typeof node.value === 'string') return [node.value];
  if (node?.type === 'ConditionalExpression') {
    return [...literalValues(node.consequent), ...literalValues(node.alternate)];
  }
  return [null];
}

function judge(file: string, reference: Reference): string | null {
  const rule = ruleFor(file);
  if (!rule) return null;
  const isTest = testFile.test(file);
  if (reference.target === null) {
    // Build scripts and tests may load what they have just made.
    return isTest || rule.folder === 'tools' || rule.folder === 'e2e' || rule.folder === 'bench'
      ? null
      : 'imports something computed at run time';
  }
  return reference.target.startsWith('.')
    ? judgeFile(rule, file, reference, reference.target)
    : judgePackage(rule, file, reference.target, isTest);
}

function judgeFile(
  rule: BoundaryRule,
  file: string,
  { kind, typeOnly }: Reference,
  target: string,
): string | null {
  const imported = path.posix.join(path.posix.dirname(file), target);
  if (isWithin(imported, rule.folder)) return null;
  if (kind === 'start') {
    return rule.mayStart?.includes(imported) ||
      rule.mayImport.some((folder) => isWithin(imported, folder))
      ? null
      : `${rule.folder} may not start ${imported}`;
  }
  if (!rule.mayImport.some((folder) => isWithin(imported, folder))) {
    return `${rule.folder} may not import ${imported}`;
  }
  if (rule.except?.includes(imported))
    return `${rule.folder} may not import ${imported}, although it may the rest`;
  return rule.typesOnly && !typeOnly
    ? `${rule.folder} may import types alone from ${imported}`
    : null;
}

function judgePackage(
  rule: BoundaryRule,
  file: string,
  target: string,
  isTest: boolean,
): string | null {
  if (isBuiltin(target)) {
    return rule.nodeBuiltins || isTest ? null : `${rule.folder} runs without Node's own ${target}`;
  }
  const [first = '', second = ''] = target.split('/');
  const packageName = first.startsWith('@') ? `${first}/${second}` : first;
  const owners = reservedPackages[packageName];
  if (owners && !owners.some((folder) => isWithin(file, folder))) {
    return `only ${owners.join(', ')} may import ${packageName}`;
  }
  return !rule.packages || rule.packages.includes(packageName) || isTest
    ? null
    : `${rule.folder} may import no package but ${rule.packages.join(', ')}; this is ${packageName}`;
}

function ruleFor(file: string): BoundaryRule | undefined {
  return boundaryRules
    .filter(({ folder }) => isWithin(file, folder))
    .sort((a, b) => b.folder.length - a.folder.length)[0];
}

const isWithin = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(`${folder}/`);

/** Violations of every kind, each of which the check must find; a check that finds none proves nothing. */
const canaries: Readonly<Record<string, string>> = {
  'main/studio/canary.ts': "import '../engine/canary.ts';",
  'main/engine/canary.ts': "export { a } from '../studio/canary.ts';",
  'main/engine/language/canary.ts': "import ort from 'onnxruntime-node';",
  'main/engine/diffusion/canary.ts': "const ffi = await import('koffi');",
  'main/studio/jobs/canary.ts':
    "const engine = new URL('../../engine/tokens.ts', import.meta.url);",
  'main/server/canary.ts': "import '../electron/canary.ts';",
  'main/cli/canary.ts': "type App = import('electron').App;",
  'contract/canary.ts': "import { randomUUID } from 'node:crypto';",
  'contract/wire/canary.ts': "import ws from 'ws';",
  'renderer/canary.tsx': "import type { EngineReport } from '../contract/engine.ts';",
  'renderer/app/canary.ts': "const fs = await import('node:fs');",
  'preload/canary.ts': "import { StudioError } from '../contract/errors.ts';",
  'main/studio/library/canary.ts': 'const hidden = await import(name);',
};

/**
 * Writes a tree of violations to a temporary folder and looks for them.
 * @returns the canaries that went unnoticed: none, if the check can be trusted
 */
export function findSilentCanaries(): string[] {
  const root = mkdtempSync(path.join(tmpdir(), 'atelier-canary-'));
  try {
    for (const [file, text] of Object.entries(canaries)) {
      mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(root, file), `${text}\n`);
    }
    const noticed = new Set(findViolations(root).map(({ file }) => file));
    return Object.keys(canaries).filter((file) => !noticed.has(file));
  } finally {
    rmSync(root, { recursive: true });
  }
}

if (import.meta.main) {
  const violations = findViolations(rootFolder);
  const silent = findSilentCanaries();
  for (const { file, line, reason } of violations) console.error(`${file}:${line} ${reason}`);
  for (const file of silent)
    console.error(`The violation planted in ${file} went unnoticed: the check is broken.`);
  process.exitCode = violations.length + silent.length > 0 ? 1 : 0;
}
