/**
 * The prose of a project as plain files: `text/01 Chapter/01 Scene.md`, so that any program can read it.
 *
 * They are derived: the studio writes them and never reads them. A file that was changed outside is not
 * overwritten or removed, but kept under another name. Blocking, for the writing thread.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../../../../contract/projects.ts';
import { writeMarkdown } from '../../../../contract/prose/write-markdown.ts';
import { writeTemporarySync } from '../../durable-file.ts';
import type { DocumentNode } from '../document-schema.ts';
import { readableName } from '../projects/folder-name.ts';
import { manifestPath, readManifest, type MirrorManifest } from './mirror-manifest.ts';
import { withoutOrigins } from '../export/book.ts';

export interface MirrorOptions {
  /** The project's folder. */
  readonly folder: string;
  readonly project: Pick<Project, 'chapters'>;
  /** Scenes whose text may differ from what was mirrored. */
  readonly changed: ReadonlySet<string>;
  readonly documentOf: (sceneId: string) => DocumentNode;
}

/** @throws the file system's error; what is missing then is written the next time */
export function updateMirror({ folder, project, changed, documentOf }: MirrorOptions): void {
  const root = path.join(folder, 'text');
  const before = readManifest(folder);
  const pathOf = new Map(Object.entries(before).map(([file, { scene }]) => [scene, file]));
  const wanted = new Map<string, { readonly scene: string; readonly text: string }>();
  for (const [file, scene] of filesOf(project)) {
    const known = pathOf.get(scene);
    if (known === file && !changed.has(scene)) continue;
    const moved = known === undefined || changed.has(scene) ? null : readOwn(root, known, before);
    wanted.set(file, {
      scene,
      text: moved ?? `${writeMarkdown(withoutOrigins(documentOf(scene)))}\n`,
    });
  }
  const present = new Set(filesOf(project).map(([file]) => file));
  const stale = Object.keys(before).filter((file) => !present.has(file) || wanted.has(file));
  if (wanted.size === 0 && stale.length === 0) return;

  const after: MirrorManifest = { ...before };
  for (const file of stale) {
    if (readOwn(root, file, before) === null) keepForeign(root, file);
    rmSync(path.join(root, file), { force: true });
    delete after[file];
  }
  for (const [file, { scene, text }] of wanted) {
    const target = path.join(root, file);
    mkdirSync(path.dirname(target), { recursive: true });
    if (existsSync(target)) keepForeign(root, file);
    renameSync(writeTemporarySync(path.dirname(target), Buffer.from(text)), target);
    after[file] = { scene, sha256: sha256(text) };
  }
  for (const chapter of new Set(stale.map((file) => path.dirname(file))))
    removeIfEmpty(path.join(root, chapter));
  renameSync(
    writeTemporarySync(root, Buffer.from(JSON.stringify(after, null, 2))),
    manifestPath(folder),
  );
}

/** Paths below `text/` with the scene of each. */
function filesOf({ chapters }: Pick<Project, 'chapters'>): (readonly [string, string])[] {
  return chapters.flatMap(({ title, scenes }, chapter) =>
    scenes.map(
      (scene, index) =>
        [
          `${numbered(chapter, chapters.length)} ${readableName(title, 'Chapter')}/${numbered(index, scenes.length)} ${readableName(scene.title, 'Scene')}.md`,
          scene.id,
        ] as const,
    ),
  );
}

function numbered(index: number, count: number): string {
  return String(index + 1).padStart(Math.max(2, String(count).length), '0');
}

/** What the mirror wrote there; null where something else is there, or nothing. */
function readOwn(root: string, file: string, manifest: MirrorManifest): string | null {
  try {
    const text = readFileSync(path.join(root, file), 'utf8');
    return sha256(text) === manifest[file]?.sha256 ? text : null;
  } catch {
    return null;
  }
}

function keepForeign(root: string, file: string): void {
  const target = path.join(root, file);
  if (!existsSync(target)) return;
  const { dir, name, ext } = path.parse(target);
  for (let attempt = 1; ; attempt += 1) {
    const kept = path.join(
      dir,
      `${name} (changed outside${attempt === 1 ? '' : ` ${attempt}`})${ext}`,
    );
    if (existsSync(kept)) continue;
    renameSync(target, kept);
    return;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // A person keeps something there.
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
