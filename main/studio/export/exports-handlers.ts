/** Batch export's part of the contract. */
import path from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { ExportOptions, exportsContract } from '../../../contract/exports.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { folderOfLibrary } from '../folder-of-library.ts';
import type { HostPorts } from '../host-ports.ts';
import { createCredentials } from './credentials/credentials.ts';
import { signedFormats } from './credentials/signed-formats.ts';
import { openExportJobs } from './jobs/export-jobs.ts';
import { tokens } from './naming/tokens.ts';
import { exportFormatsHere } from './pictures/formats.ts';
import { idCount } from './pictures/packed-ids.ts';
import type { PicturePorts, SourcePictures } from './pictures/picture-ports.ts';
import { openExportPresets } from './presets.ts';
import { estimateBytes, freeBytesAt, previewExport, settingsProblems } from './preview.ts';

export interface ExportsOptions {
  readonly dataFolder: string;
  readonly libraryFolder: string;
  readonly pictures: PicturePorts;
  /** Of Atelier. */
  readonly version: string;
  /** Whether exports that an earlier run left go on by themselves. */
  readonly resumes: boolean;
  readonly reveal: HostPorts['reveal'];
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

export interface Exports {
  readonly handlers: Handlers<typeof exportsContract>;
  /** Lets what an earlier run left go on; once the library can be asked. */
  begin(): void;
  close(): Promise<void>;
}

/** What an estimate may be wrong by. */
const estimateMargin = 1.05;

export async function openExports(options: ExportsOptions): Promise<Exports> {
  const { dataFolder, pictures, version, now, log, reveal } = options;
  const credentials = createCredentials({
    folder: path.join(dataFolder, 'credentials'),
    version,
    now,
  });
  const ports = { ...options, credentials };
  const presets = await openExportPresets(dataFolder);
  const jobs = await openExportJobs({
    folder: folderOfLibrary(dataFolder, 'exports', options.libraryFolder),
    ports: pictures,
    credentials,
    now,
    log,
    resumes: options.resumes,
  });

  async function refuseImpossible(wanted: ExportOptions, found: SourcePictures): Promise<void> {
    const problem = (await settingsProblems(wanted, ports)).find(
      ({ severity }) => severity === 'error',
    );
    if (problem)
      throw new StudioError('bad-request', `${problem.message} ${problem.remedy}`, {
        field: problem.field,
      });
    if (idCount(found.ids) === 0)
      throw new StudioError(
        'not-found',
        'There are no pictures to export. Choose others, or another search.',
      );
  }

  async function refuseFullDisk(
    wanted: ExportOptions,
    found: SourcePictures,
    signal: AbortSignal,
  ): Promise<void> {
    const free = await freeBytesAt(wanted.target.path);
    const needed = await estimateBytes(wanted, found, pictures, signal);
    if (free === null || needed === null || needed * estimateMargin <= free) return;
    throw new StudioError(
      'disk-full',
      `This export needs about ${megabytes(needed)}, and the disk of "${wanted.target.path}" has ${megabytes(free)} left. Free some space, choose another disk, or smaller pictures.`,
      { needed, free },
    );
  }

  return {
    handlers: {
      'exports.capabilities': () =>
        Promise.resolve({
          formats: exportFormatsHere(),
          contentCredentials: {
            available: true,
            reason: '',
            formats: [...signedFormats],
          },
          tokens: Object.entries(tokens).map(([token, { title, written }]) => ({
            token,
            title,
            example: written,
          })),
        }),
      'exports.presets.list': () => Promise.resolve(presets.list()),
      'exports.presets.save': ({ name, kind, settings }) => presets.save(name, kind, settings),
      'exports.presets.remove': ({ name }) => presets.remove(name),
      'exports.preview': ({ options: wanted, sample, estimate }, { signal }) =>
        previewExport(wanted, sample, estimate, ports, signal),
      'exports.start': async (wanted, { signal }) => {
        const found = await pictures.resolve(wanted.source, signal);
        await refuseImpossible(wanted, found);
        await refuseFullDisk(wanted, found, signal);
        return jobs.start(wanted, found);
      },
      'exports.watch': (_input, { signal }) => jobs.watch(signal),
      'exports.pause': ({ id }) => jobs.pause(id),
      'exports.resume': ({ id }) => jobs.resume(id),
      'exports.cancel': ({ id }) => jobs.cancel(id),
      'exports.remove': async ({ id }) => {
        await jobs.remove(id);
        return {};
      },
      'exports.report': ({ id, outcome, offset, limit }) => jobs.report(id, outcome, offset, limit),
      'exports.reveal': async ({ id }) => {
        if (!reveal)
          throw new StudioError(
            'unsupported',
            "Files cannot be shown from here. The path stands in the export's details.",
          );
        await reveal(jobs.resultOf(id));
        return {};
      },
    },
    begin: () => jobs.begin(),
    close: () => jobs.close(),
  };
}

function megabytes(bytes: number): string {
  return bytes >= 2 ** 30
    ? `${(bytes / 2 ** 30).toFixed(1)} GB`
    : `${Math.max(1, Math.round(bytes / 2 ** 20))} MB`;
}
