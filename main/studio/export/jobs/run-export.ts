/**
 * Makes the files of one export, from where an earlier run left it.
 *
 * Promises: names are given in the order of the pictures, so that a run that was cut off goes on with the same ones;
 * a picture that cannot be exported is told and the rest go on; trouble of the target as a whole pauses the export
 * and loses nothing; pictures in memory are two for each lane, one in work and one on its way to the disk, however many
 * there are in all.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { ExportSettings, ExportTarget } from '../../../../contract/exports.ts';
import { imageIdAt } from '../../../../contract/ids.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import { parseTemplate } from '../naming/template.ts';
import { createUniqueNames } from '../naming/unique-names.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { nameFactsOf } from '../pictures/name-facts.ts';
import { outputsOf, possibleNames, type PictureOutputs } from '../pictures/outputs.ts';
import { idCount } from '../pictures/packed-ids.ts';
import type { PicturePorts } from '../pictures/picture-ports.ts';
import { createWatermarks } from '../pictures/watermark.ts';
import { TargetTrouble } from '../targets/halt.ts';
import { openTarget } from '../targets/open-target.ts';
import type { Target } from '../targets/target.ts';
import {
  openFileJournal,
  readFileJournal,
  type FileJournal,
  type FileRecord,
} from './file-journal.ts';

export interface ExportRun {
  readonly exportId: string;
  readonly target: ExportTarget;
  readonly settings: ExportSettings;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** u8 [n · 16] */
  readonly ids: Uint8Array;
  readonly album: string;
  /** The export's own folder. */
  readonly jobFolder: string;
  readonly journalPath: string;
  readonly ports: PicturePorts;
  readonly credentials: Credentials;
  /** Pictures that are worked on at the same time. */
  readonly lanes: number;
  /** Lets what is in progress be finished. */
  readonly pausing: AbortSignal;
  /** Drops what is in progress. */
  readonly cancelling: AbortSignal;
  /** Each picture once a run, those of earlier runs first. */
  readonly onRecord: (record: FileRecord) => void;
  readonly onPhase: (phase: 'preparing' | 'writing' | 'finishing') => void;
}

export type RunOutcome =
  | { readonly kind: 'done'; readonly path: string }
  | { readonly kind: 'paused'; readonly because: StudioError | null }
  | { readonly kind: 'cancelled' };

interface Planned {
  readonly index: number;
  readonly id: string;
  readonly picture: ImageDetail;
  readonly wish: string;
  readonly name: string;
}

export async function runExport(run: ExportRun): Promise<RunOutcome> {
  const { settings, cancelling, pausing, onPhase } = run;
  const stopping = AbortSignal.any([cancelling, pausing]);
  let target: Target | null = null;
  let journal: FileJournal | null = null;
  try {
    onPhase('preparing');
    target = await openTarget(run);
    const earlier = await readEarlier(run, target);
    if (cancelling.aborted) return await cancelled(target);
    journal = await openFileJournal(run.journalPath);
    onPhase('writing');
    await writeAll(run, target, journal, earlier, stopping);
    await journal.close();
    journal = null;
    if (cancelling.aborted) return await cancelled(target);
    if (pausing.aborted) return { kind: 'paused', because: null };
    onPhase('finishing');
    const path = await target.finish(stopping);
    return { kind: 'done', path };
  } catch (error) {
    if (cancelling.aborted && target) return await cancelled(target);
    if (pausing.aborted) return { kind: 'paused', because: null };
    if (error instanceof TargetTrouble) return { kind: 'paused', because: error };
    throw error;
  } finally {
    await journal?.close().catch(() => {});
    await target?.close();
  }

  async function cancelled(open: Target): Promise<RunOutcome> {
    // In a folder what is finished is of use.
    if (run.target.kind === 'zip' || run.target.kind === 'contact-sheet') await open.discard();
    return { kind: 'cancelled' };
  }

  async function readEarlier(options: ExportRun, open: Target) {
    const names = createUniqueNames();
    const finished = new Uint8Array(idCount(options.ids));
    for await (const record of readFileJournal(options.journalPath)) {
      if (stopping.aborted) break;
      if (record.outcome === 'failed' || record.index >= finished.length) continue;
      if (record.outcome === 'written') {
        if (!(await open.settle(record.files))) continue;
        names.keep(record.name);
      }
      finished[record.index] = 1;
      options.onRecord(record);
    }
    return { names, finished };
  }

  async function writeAll(
    options: ExportRun,
    open: Target,
    records: FileJournal,
    { names, finished }: Awaited<ReturnType<typeof readEarlier>>,
    signal: AbortSignal,
  ): Promise<void> {
    const total = idCount(options.ids);
    const template = parseTemplate(settings.name);
    const watermarks = createWatermarks(settings.watermark);
    const { target: wanted, ports, credentials } = options;
    const signs = settings.contentCredentials && settings.metadata !== 'clean';
    const signer = signs ? await credentials.open() : null;
    const outputs = { kind: wanted.kind, settings, watermarks, ports, signer };
    const isFreelyNamed = options.target.kind !== 'contact-sheet';
    let next = 0;
    let trouble: StudioError | null = null;
    let planning: Promise<unknown> = Promise.resolve();

    /** One at a time and in order: a name depends on those before it. */
    function plan(): Promise<Planned | null> {
      const planned = planning.then(planNext);
      planning = planned.catch(() => {});
      return planned;
    }

    async function planNext(): Promise<Planned | null> {
      while (next < total && !signal.aborted && trouble === null) {
        const index = next;
        next += 1;
        if (finished[index] === 1) continue;
        const id = imageIdAt(options.ids, index);
        let picture: ImageDetail;
        try {
          picture = await options.ports.get(id);
        } catch (error) {
          await tellFailure(index, id, '', error);
          continue;
        }
        const wish = isFreelyNamed
          ? template.render(
              nameFactsOf(picture, settings, {
                index,
                exportedAt: options.createdAt,
                album: options.album,
              }),
            )
          : String(index + 1).padStart(6, '0');
        const isTaken = (name: string) =>
          settings.whenTaken === 'replace'
            ? false
            : open.isTaken(possibleNames(picture, name, outputs));
        if (settings.whenTaken === 'skip' && !names.has(wish) && (await isTaken(wish))) {
          names.keep(wish);
          await tellOf({
            outcome: 'skipped',
            index,
            id,
            files: [...possibleNames(picture, wish, outputs)].slice(0, 1),
          });
          continue;
        }
        return { index, id, picture, wish, name: await names.give(wish, isTaken) };
      }
      return null;
    }

    async function tellOf(record: FileRecord): Promise<void> {
      await records.append(record);
      options.onRecord(record);
    }

    async function tellFailure(index: number, id: string, fileName: string, error: unknown) {
      const body = StudioError.from(error).toBody();
      await tellOf({ outcome: 'failed', index, id, fileName, error: body });
    }

    async function place({ index, id, picture, wish, name }: Planned, made: PictureOutputs) {
      const { width, height, copied } = made;
      let files = made.files;
      for (let given = name; ;) {
        let record: FileRecord | null = null;
        try {
          await open.place(index, files, async (placed) => {
            record = {
              outcome: 'written',
              index,
              id,
              name: given,
              files: placed.map((file) => ({ ...file })),
              width,
              height,
              copied,
            };
            await records.append(record);
          });
          if (record) options.onRecord(record);
          return;
        } catch (error) {
          // Somebody put a file there between the question and the answer.
          if (StudioError.from(error).code !== 'conflict') throw error;
          const taken = given;
          given = await names.give(wish, (candidate) =>
            open.isTaken(possibleNames(picture, candidate, outputs)),
          );
          files = files.map((file) => ({ ...file, name: file.name.replace(taken, () => given) }));
        }
      }
    }

    /** Failures of one picture are told; trouble of the target is thrown. */
    async function told(planned: Planned, work: () => Promise<void>): Promise<void> {
      try {
        await work();
      } catch (error) {
        if (error instanceof TargetTrouble) throw error;
        await tellFailure(planned.index, planned.id, planned.picture.fileName, error);
      }
    }

    async function lane(): Promise<void> {
      // The disk syncs one picture while the next is encoded.
      let placing: Promise<void> = Promise.resolve();
      for (let planned = await plan(); planned; planned = await plan()) {
        const current = planned;
        await told(current, async () => {
          const made = await outputsOf(current.picture, current.name, outputs);
          await placing;
          if (cancelling.aborted) return;
          placing = told(current, () => place(current, made));
          // Awaited before the next one is placed.
          placing.catch(() => {});
        });
      }
      await placing;
    }

    async function watchedLane(): Promise<void> {
      try {
        await lane();
      } catch (error) {
        trouble ??= error instanceof TargetTrouble ? error : StudioError.from(error);
      }
    }

    await Promise.all(Array.from({ length: options.lanes }, watchedLane));
    throwIf(trouble);
  }
}

function throwIf(trouble: StudioError | null): void {
  if (trouble) throw trouble;
}
