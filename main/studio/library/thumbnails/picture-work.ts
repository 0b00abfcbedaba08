/**
 * Makes thumbnails and analyses: at once where the window asks, else in the background for every
 * picture that was not analysed yet, the newest first.
 *
 * Promises: a picture is decoded once for everything that is made of it, however many ask at the same
 * time; what the window asked for last goes first; the host's own thread decodes and computes
 * nothing; memory does not grow with the library. A picture that cannot be decoded is recorded
 * and not tried again in the background, but again whenever the window asks. An analysis is handed
 * over after the thumbnails are there; losing it, or them, costs only making them again.
 */
import { availableParallelism } from 'node:os';
import { StudioError } from '../../../../contract/errors.ts';
import type { ThumbnailSize } from '../../../../contract/thumbnail-sizes.ts';
import { analysisThreadContract } from '../analysis/analysis-thread-contract.ts';
import { storageError } from '../../storage-error.ts';
import { startThread, type Thread } from '../../thread.ts';
import { shrinkPicture } from './shrink-picture.ts';
import { isWholeWebp, thumbnailPath, writeThumbnail } from './thumbnail-files.ts';

export interface UnanalysedPicture {
  readonly contentHash: string;
  readonly path: string;
  /** Rises with every picture that is added, such as `seq`. */
  readonly position: number;
}

/** @param analysis see `serialiseAnalysis`; null for a picture that cannot be decoded */
export interface StoredAnalysis {
  readonly contentHash: string;
  readonly analysis: Uint8Array<ArrayBuffer> | null;
}

/** The library's database, as far as this work needs it. */
export interface AnalysisStore {
  /**
   * Pictures without a stored analysis of the current version, the newest first.
   * @param before only positions below this one; null begins with the newest
   */
  unanalysed(before: number | null, limit: number): Promise<readonly UnanalysedPicture[]>;
  /** In one transaction; replaces what is there. */
  storeAnalyses(analyses: readonly StoredAnalysis[]): Promise<void>;
}

/** How much of the machine the background may take. */
export type BackgroundPace = 'all-cores' | 'one-core' | 'paused';

export interface PictureWork {
  /**
   * @param picturePath the picture's file
   * @returns the path of a whole WebP file
   * @throws {StudioError} `unsupported`, `too-large`, `not-found`, `disk-full`, `library-read-only`; `cancelled` once closed
   */
  thumbnail(contentHash: string, picturePath: string, size: ThumbnailSize): Promise<string>;
  /** Looks for pictures to do, from the newest on; to be called at the start and after pictures were added. */
  lookForPictures(): void;
  /** For as long as the engine draws: `one-core`. What the window asks for is not slowed down. */
  setPace(pace: BackgroundPace): void;
  /** Resolves once the background has nothing left to do, or is paused or closed. */
  settled(): Promise<void>;
  /** Takes up nothing new, finishes what is underway and hands over its analyses. */
  close(): Promise<void>;
}

export interface PictureWorkOptions {
  /** May be deleted at any time. */
  readonly cacheFolder: string;
  readonly store: AnalysisStore;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
  /** Pictures at the same time; the default leaves one thread of libuv's pool for files. */
  readonly lanes?: number;
}

interface Task {
  readonly contentHash: string;
  readonly path: string;
  /** Rises from false to true while it waits, never while it runs. */
  isForWindow: boolean;
  readonly done: PromiseWithResolvers<void>;
}

/** Pictures that are looked up, and analyses that are stored, at once. */
const batch = 64;

/** sharp runs in libuv's pool: with all its threads taken, the host's files would wait for pictures. */
function defaultLanes(): number {
  const poolThreads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  return Math.max(1, Math.min(availableParallelism(), poolThreads - 1));
}

export function createPictureWork({
  cacheFolder,
  store,
  log,
  lanes = defaultLanes(),
}: PictureWorkOptions): PictureWork {
  const entry = new URL(
    import.meta.url.endsWith('.ts')
      ? '../analysis/analysis-worker.ts'
      : '../analysis/analysis-worker.js',
    import.meta.url,
  );
  let thread: Thread<typeof analysisThreadContract> | null = null;
  /** Waiting or underway, by content hash. */
  const tasks = new Map<string, Task>();
  /** Taken from its end. */
  const forWindow: Task[] = [];
  const background: Task[] = [];
  const unstored: StoredAnalysis[] = [];
  /** In this run; the background passes them over. */
  const failed = new Set<string>();
  const settling: (() => void)[] = [];
  let pace: BackgroundPace = 'all-cores';
  let running = 0;
  let runningInBackground = 0;
  /** The way from the newest picture to the oldest; null when there is nothing left to look up. */
  let pass: { readonly before: number | null } | null = null;
  let looking: Promise<void> | null = null;
  let storing: Promise<void> = Promise.resolve();
  let closed: Promise<void> | null = null;

  function backgroundLanes(): number {
    switch (pace) {
      case 'all-cores':
        return lanes;
      case 'one-core':
        return 1;
      case 'paused':
        return 0;
      default:
        return pace satisfies never;
    }
  }

  function addTask(contentHash: string, path: string, isForWindow: boolean): Task {
    const task = { contentHash, path, isForWindow, done: Promise.withResolvers<void>() };
    // Whoever waits learns of a failure; the background has recorded it.
    task.done.promise.catch(() => {});
    tasks.set(contentHash, task);
    (isForWindow ? forWindow : background).push(task);
    return task;
  }

  function nextTask(): Task | undefined {
    const task = forWindow.pop();
    if (task || runningInBackground >= backgroundLanes()) return task;
    return background.shift();
  }

  /** Fills the lanes. */
  function advance(): void {
    while (!closed && running < lanes) {
      const task = nextTask();
      if (!task) break;
      running += 1;
      if (!task.isForWindow) runningInBackground += 1;
      void run(task);
    }
    if (!closed && background.length < lanes && backgroundLanes() > 0) look();
    const isIdle = running === 0 && background.length === 0 && !pass && !looking;
    if (isIdle || pace === 'paused' || closed) {
      flush();
      void storing.then(() => settling.splice(0).forEach((resolve) => resolve()));
    }
  }

  function look(): void {
    if (!pass || looking) return;
    const from = pass;
    looking = store
      .unanalysed(from.before, batch)
      .then((found) => {
        // Begun anew or given up meanwhile.
        if (pass !== from) return;
        const last = found.at(-1);
        pass = last && found.length === batch ? { before: last.position } : null;
        for (const { contentHash, path } of found) {
          const isKnown =
            tasks.has(contentHash) ||
            failed.has(contentHash) ||
            unstored.some((analysis) => analysis.contentHash === contentHash);
          if (!isKnown && !closed) addTask(contentHash, path, false);
        }
      })
      .catch((error: unknown) => {
        pass = null;
        if (!closed)
          log(
            'error',
            `Pictures could not be looked up for thumbnails: ${StudioError.from(error).message}`,
          );
      })
      .finally(() => {
        looking = null;
        advance();
      });
  }

  async function run(task: Task): Promise<void> {
    try {
      await make(task);
      task.done.resolve();
    } catch (error) {
      task.done.reject(noteFailure(task, error));
    }
    tasks.delete(task.contentHash);
    running -= 1;
    if (!task.isForWindow) runningInBackground -= 1;
    advance();
  }

  async function make({ contentHash, path }: Task): Promise<void> {
    const { thumbnails, analysisRgb } = await shrinkPicture(path);
    thread ??= startThread(analysisThreadContract, entry, 'The analysis of pictures');
    const analysing = thread.client.analyse({ rgb: analysisRgb });
    analysing.catch(() => {});
    await Promise.all(
      thumbnails.map(async ({ size, bytes }) => {
        const file = thumbnailPath(cacheFolder, size, contentHash);
        await writeThumbnail(file, bytes).catch((error: unknown) => {
          throw storageError(error, file);
        });
      }),
    );
    keep({ contentHash, analysis: (await analysing).analysis });
    failed.delete(contentHash);
  }

  function noteFailure({ contentHash, isForWindow }: Task, thrown: unknown): StudioError {
    const error = StudioError.from(thrown);
    switch (error.code) {
      case 'unsupported':
      case 'too-large':
        keep({ contentHash, analysis: null });
        failed.add(contentHash);
        break;
      case 'not-found':
        // The file may come back, so that is no property of its content.
        failed.add(contentHash);
        break;
      default:
        // A full disk and the like: every other picture would fail in the same way.
        giveUpPass();
    }
    if (!isForWindow && !closed) log('warning', error.message);
    return error;
  }

  function giveUpPass(): void {
    pass = null;
    for (const task of background.splice(0)) {
      tasks.delete(task.contentHash);
      task.done.reject(cancelled());
    }
  }

  function keep(analysis: StoredAnalysis): void {
    unstored.push(analysis);
    if (unstored.length >= batch) flush();
  }

  function flush(): void {
    const analyses = unstored.splice(0);
    if (analyses.length === 0) return;
    storing = storing
      .then(() => store.storeAnalyses(analyses))
      .catch((error: unknown) =>
        log(
          'error',
          `Analyses of pictures could not be stored: ${StudioError.from(error).message}`,
        ),
      );
  }

  async function shutDown(): Promise<void> {
    for (const task of forWindow.splice(0)) {
      tasks.delete(task.contentHash);
      task.done.reject(cancelled());
    }
    giveUpPass();
    await looking;
    await Promise.allSettled([...tasks.values()].map(({ done }) => done.promise));
    flush();
    await storing;
    await thread?.end();
  }

  return {
    async thumbnail(contentHash, picturePath, size) {
      const file = thumbnailPath(cacheFolder, size, contentHash);
      if (await isWholeWebp(file)) return file;
      if (closed) throw cancelled();
      const task = tasks.get(contentHash) ?? addTask(contentHash, picturePath, true);
      const waiting = background.indexOf(task);
      if (waiting >= 0) {
        background.splice(waiting, 1);
        task.isForWindow = true;
        forWindow.push(task);
      }
      advance();
      await task.done.promise;
      return file;
    },
    lookForPictures() {
      pass = { before: null };
      advance();
    },
    setPace(wanted) {
      pace = wanted;
      advance();
    },
    settled: () =>
      new Promise((resolve) => {
        settling.push(resolve);
        advance();
      }),
    close: () => {
      closed ??= shutDown();
      advance();
      return closed;
    },
  };
}

function cancelled(): StudioError {
  return new StudioError('cancelled', 'The library is being closed.');
}
