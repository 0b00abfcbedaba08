/** What an export would do, without doing it: names, collisions, problems, bytes. */
import { lstat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { ExportOptions, ExportPreview, ExportProblem } from '../../../contract/exports.ts';
import { imageIdAt } from '../../../contract/ids.ts';
import type { ImageDetail } from '../../../contract/images.ts';
import { manifestBytes, type Credentials } from './credentials/credentials.ts';
import { isSigned } from './credentials/signed-formats.ts';
import { parseTemplate } from './naming/template.ts';
import { createUniqueNames } from './naming/unique-names.ts';
import { exportFormatsHere } from './pictures/formats.ts';
import { nameFactsOf } from './pictures/name-facts.ts';
import { outputsOf, possibleNames } from './pictures/outputs.ts';
import { idCount } from './pictures/packed-ids.ts';
import { findPicture, type PicturePorts, type SourcePictures } from './pictures/picture-ports.ts';
import { targetSize } from './pictures/target-size.ts';
import { createWatermarks } from './pictures/watermark.ts';
import { targetPath } from './targets/open-target.ts';
import { galleryIndex } from './targets/web-gallery.ts';

export interface PreviewPorts {
  readonly pictures: PicturePorts;
  readonly libraryFolder: string;
  readonly credentials: Credentials;
  readonly now: () => number;
}

/** Names of more pictures than these are not foretold. */
const mostExamined = 1000;
const estimatedPictures = 5;
/** Longer paths are beyond what many programs of Windows open. */
const longPath = 259;

export async function previewExport(
  options: ExportOptions,
  sample: number,
  estimates: boolean,
  ports: PreviewPorts,
  signal: AbortSignal,
): Promise<ExportPreview> {
  const pictures = await ports.pictures.resolve(options.source, signal);
  const problems = [
    ...(await settingsProblems(options, ports)),
    ...sourceProblems(options, pictures),
  ];
  const named = await previewNames(options, pictures, sample, ports, signal);
  const longest = named.names.reduce(
    (most, { name }) => Math.max(most, path.join(options.target.path, name).length),
    0,
  );
  if (longest > longPath)
    problems.push({
      ...atField('target', 'notice'),
      message: `Paths become ${longest} characters long; many programs on Windows open none beyond ${longPath}.`,
      remedy: 'Shorten the template or the folder.',
    });
  return {
    total: idCount(pictures.ids),
    ...named,
    problems,
    estimatedBytes: estimates
      ? await estimateBytes(options, pictures, ports.pictures, signal)
      : null,
    freeBytes: await freeBytesAt(options.target.path),
  };
}

/** What keeps an export from starting, or should be known before. */
export async function settingsProblems(
  { target, settings }: ExportOptions,
  { libraryFolder, credentials }: Pick<PreviewPorts, 'libraryFolder' | 'credentials'>,
): Promise<ExportProblem[]> {
  const problems: ExportProblem[] = [];
  if (target.kind !== 'contact-sheet') problems.push(...parseTemplate(settings.name).problems);
  const format = exportFormatsHere().find((one) => one.format === settings.format);
  if (format?.available === false)
    problems.push({
      ...atField('format', 'error'),
      message: format.reason,
      remedy: 'Choose another format.',
    });
  if (settings.contentCredentials)
    problems.push(...(await credentialsProblems(target, settings, credentials)));
  if (!path.isAbsolute(target.path) || target.path.includes('\0'))
    problems.push({
      ...atField('target', 'error'),
      message: 'The target needs its whole path.',
      remedy: 'Choose a folder.',
    });
  else problems.push(...(await targetProblems(target, settings.whenTaken, libraryFolder)));
  if (settings.watermark.kind === 'picture') {
    const found = await lstat(settings.watermark.path).catch(() => null);
    if (found === null)
      problems.push({
        ...atField('watermark', 'error'),
        message: `There is no file "${settings.watermark.path}".`,
        remedy: 'Choose another picture, or take the watermark away.',
      });
  }
  if (settings.metadata === 'clean' && settings.sidecars.includes('xmp'))
    problems.push({
      ...atField('sidecars', 'notice'),
      message: 'A clean export tells nothing, so it has no XMP files.',
      remedy: 'Choose another metadata profile for them.',
    });
  return problems;
}

async function credentialsProblems(
  { kind }: ExportOptions['target'],
  { metadata, format }: ExportOptions['settings'],
  credentials: Credentials,
): Promise<ExportProblem[]> {
  const field = 'content-credentials';
  if (metadata === 'clean' || kind === 'contact-sheet')
    return [
      {
        ...atField(field, 'notice'),
        message:
          kind === 'contact-sheet'
            ? 'Contact sheets are not signed.'
            : 'A clean export tells nothing, so nothing is signed.',
        remedy: 'Choose pictures in a folder or a ZIP file, and a profile that discloses.',
      },
    ];
  const problems: ExportProblem[] = [];
  if (format === 'original' || !isSigned(format))
    problems.push({
      ...atField(field, 'notice'),
      message:
        format === 'original'
          ? 'Of the original formats PNG, JPEG and AVIF are signed; the others stay as they are.'
          : `${format.toUpperCase()} files are not signed.`,
      remedy: 'Choose PNG, JPEG or AVIF to have every picture signed.',
    });
  try {
    if ((await credentials.origin()) === 'made-here')
      problems.push({
        ...atField(field, 'notice'),
        message:
          'The certificate is made on this computer: programs that read it say that they do not know who signed.',
        remedy: `For your own, put certificate.pem and private-key.pem into "${credentials.folder}".`,
      });
  } catch (error) {
    const { message } = StudioError.from(error);
    problems.push({ ...atField(field, 'error'), message, remedy: '' });
  }
  return problems;
}

async function targetProblems(
  target: ExportOptions['target'],
  whenTaken: string,
  libraryFolder: string,
): Promise<ExportProblem[]> {
  const within = path.relative(libraryFolder, path.resolve(target.path));
  const isInLibrary = !within.startsWith('..') && !path.isAbsolute(within);
  if (isInLibrary && within.split(path.sep)[0] !== 'exports')
    return [
      {
        ...atField('target', 'error'),
        message: 'This is within the library, which would take the files for its own.',
        remedy: 'Choose a folder outside of it, or its folder "exports".',
      },
    ];
  const isFolder = target.kind === 'folder' || target.kind === 'web-gallery';
  const found = await lstat(targetPath(target)).catch(() => null);
  if (isFolder && found && !found.isDirectory() && !found.isSymbolicLink())
    return [
      {
        ...atField('target', 'error'),
        message: 'There is a file of this name, so it cannot be a folder.',
        remedy: 'Choose another folder.',
      },
    ];
  if (!isFolder && found && whenTaken === 'skip')
    return [
      {
        ...atField('target', 'error'),
        message: 'There is a file of this name already.',
        remedy: 'Choose another name, or let it be numbered or replaced.',
      },
    ];
  const hasGallery =
    target.kind === 'web-gallery' &&
    (await lstat(path.join(target.path, galleryIndex)).catch(() => null)) !== null;
  return hasGallery && whenTaken !== 'replace'
    ? [
        {
          ...atField('target', 'error'),
          message: 'There is a gallery in this folder already.',
          remedy: 'Choose an empty folder, or say that files may be replaced.',
        },
      ]
    : [];
}

function sourceProblems(options: ExportOptions, pictures: SourcePictures): ExportProblem[] {
  const told = pictures.problems.map(({ message, remedy }): ExportProblem => ({
    ...atField('source', 'notice'),
    message,
    remedy,
  }));
  if (idCount(pictures.ids) > 0) return told;
  const message =
    'query' in options.source
      ? 'No picture matches this search.'
      : 'There are no pictures to export.';
  return [...told, { ...atField('source', 'error'), message, remedy: 'Choose other pictures.' }];
}

function atField(field: ExportProblem['field'], severity: ExportProblem['severity']) {
  return { field, severity, start: null, end: null };
}

async function previewNames(
  options: ExportOptions,
  { ids, album }: SourcePictures,
  sample: number,
  { pictures, now }: PreviewPorts,
  signal: AbortSignal,
): Promise<Pick<ExportPreview, 'names' | 'collisions' | 'examined'>> {
  const { settings, target } = options;
  const template = parseTemplate(settings.name);
  const unique = createUniqueNames();
  const wishes = createUniqueNames();
  const names: ExportPreview['names'] = [];
  const examined = Math.min(idCount(ids), template.isUnique ? sample : mostExamined);
  const isFolder = target.kind === 'folder' || target.kind === 'web-gallery';
  const exportedAt = now();
  let collisions = 0;
  for (let index = 0; index < examined; index += 1) {
    signal.throwIfAborted();
    const picture = await findPicture(pictures, imageIdAt(ids, index));
    if (!picture) continue;
    const wish = template.render(nameFactsOf(picture, settings, { index, exportedAt, album }));
    const collides = wishes.has(wish);
    wishes.keep(wish);
    if (collides) collisions += 1;
    const candidates = (name: string) =>
      possibleNames(picture, name, { kind: target.kind, settings });
    const isTaken = async (name: string) =>
      isFolder && (await anyExists(target.path, candidates(name)));
    const isShown = names.length < sample;
    const taken = isShown && (await isTaken(wish));
    const name = await unique.give(wish, (candidate) =>
      settings.whenTaken === 'number' && isShown ? isTaken(candidate) : false,
    );
    if (!isShown) continue;
    const { width, height } = targetSize(picture, settings.size, settings.enlarge);
    names.push({
      id: picture.id,
      name: candidates(name)[0] ?? name,
      collides,
      taken,
      width,
      height,
    });
  }
  return { names, collisions, examined };
}

async function anyExists(folder: string, names: readonly string[]): Promise<boolean> {
  for (const name of names)
    if ((await lstat(path.join(folder, ...name.split('/'))).catch(() => null)) !== null)
      return true;
  return false;
}

/** From encoding a few, evenly chosen; null where none could be. */
export async function estimateBytes(
  { target, settings }: ExportOptions,
  { ids }: SourcePictures,
  ports: PicturePorts,
  signal: AbortSignal,
): Promise<number | null> {
  const total = idCount(ids);
  const count = Math.min(total, estimatedPictures);
  const watermarks = createWatermarks(settings.watermark);
  const sizes: number[] = [];
  for (let sample = 0; sample < count; sample += 1) {
    signal.throwIfAborted();
    try {
      const picture: ImageDetail = await ports.get(
        imageIdAt(ids, Math.floor((sample * total) / count)),
      );
      const { files } = await outputsOf(picture, 'x', {
        kind: target.kind,
        settings,
        watermarks,
        ports,
        // An estimate makes no certificate.
        signer: null,
      });
      sizes.push(files.reduce((sum, { bytes }) => sum + bytes.length, 0));
    } catch (error) {
      // One that cannot be exported is told when it is tried.
      if (StudioError.from(error).code === 'cancelled') throw error;
    }
  }
  if (sizes.length === 0) return null;
  const manifests = settings.contentCredentials ? manifestBytes * total : 0;
  return (
    Math.round((sizes.reduce((sum, size) => sum + size, 0) / sizes.length) * total) + manifests
  );
}

/** Of the disk that holds the path, or will; null where that cannot be told. */
export async function freeBytesAt(target: string): Promise<number | null> {
  for (let at = path.resolve(target); ; at = path.dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch {
      if (at === path.dirname(at)) return null;
    }
  }
}
