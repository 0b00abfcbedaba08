/** The target of an export, by its kind. */
import path from 'node:path';
import type { ExportSettings, ExportTarget } from '../../../../contract/exports.ts';
import { readFileJournal, type WrittenRecord } from '../jobs/file-journal.ts';
import type { PicturePorts } from '../pictures/picture-ports.ts';
import { createContactSheet } from './contact-sheet.ts';
import { openFolderTarget } from './folder-target.ts';
import type { PlacedFile, Target } from './target.ts';
import { createWebGallery } from './web-gallery.ts';
import { openZipTarget } from './zip-target.ts';

export interface OpenTargetOptions {
  readonly exportId: string;
  readonly target: ExportTarget;
  readonly settings: ExportSettings;
  /** Of the export, milliseconds since 1970. */
  readonly createdAt: number;
  /** The export's own folder. */
  readonly jobFolder: string;
  readonly journalPath: string;
  readonly ports: Pick<PicturePorts, 'get'>;
}

/** With its ending, where it is a file. */
export function targetPath({ kind, path: given }: ExportTarget): string {
  const ending = kind === 'zip' ? '.zip' : kind === 'contact-sheet' ? '.pdf' : '';
  const isMissing = ending !== '' && path.extname(given).toLowerCase() !== ending;
  return isMissing ? `${given}${ending}` : given;
}

/** @throws {TargetTrouble} where it cannot be written to */
export async function openTarget(options: OpenTargetOptions): Promise<Target> {
  const { exportId, target, settings, createdAt, jobFolder, journalPath } = options;
  const replaces = settings.whenTaken === 'replace';
  const records = () => writtenRecords(journalPath);
  switch (target.kind) {
    case 'folder':
      return openFolderTarget({ folder: target.path, exportId, replaces });
    case 'zip': {
      const placed: PlacedFile[] = [];
      for await (const file of placedFiles(journalPath)) placed.push(file);
      return openZipTarget({
        path: targetPath(target),
        exportId,
        whenTaken: settings.whenTaken,
        createdAt,
        placed,
        readPlaced: () => placedFiles(journalPath),
      });
    }
    case 'contact-sheet': {
      const cells = path.join(jobFolder, 'cells');
      const folder = await openFolderTarget({ folder: cells, exportId, replaces: true });
      return createContactSheet(folder, {
        ...options,
        cells,
        path: targetPath(target),
        records,
      });
    }
    case 'web-gallery': {
      const folder = await openFolderTarget({ folder: target.path, exportId, replaces });
      return createWebGallery(folder, { ...options, folder: target.path, records });
    }
    default:
      return target.kind satisfies never;
  }
}

async function* writtenRecords(journalPath: string): AsyncIterable<WrittenRecord> {
  for await (const record of readFileJournal(journalPath))
    if (record.outcome === 'written') yield record;
}

/** In the order of their places. */
async function* placedFiles(journalPath: string): AsyncIterable<PlacedFile> {
  for await (const { files } of writtenRecords(journalPath)) yield* files;
}
