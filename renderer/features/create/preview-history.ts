/** The previews of the last pictures, step by step: for the stage while drawing and the strip afterwards. */
import type { JobId } from '../../../contract/ids.ts';
import type { Preview } from '../../../contract/queue.ts';
import { createStore } from '../../app/store.ts';

export interface PictureSteps {
  readonly jobId: JobId;
  /** Index within the job. */
  readonly picture: number;
  /** In order of steps; each step at most once. */
  readonly previews: readonly Preview[];
}

export interface PreviewHistory {
  add(preview: Preview): void;
  find(jobId: JobId, picture: number): PictureSteps | null;
  subscribe(listener: () => void): () => void;
  /** Changes identity whenever a preview is added. */
  get(): readonly PictureSteps[];
}

const mostPictures = 40;

export function createPreviewHistory(): PreviewHistory {
  const store = createStore<readonly PictureSteps[]>([]);
  return {
    get: store.get,
    subscribe: store.subscribe,
    find: (jobId, picture) =>
      store.get().find((entry) => entry.jobId === jobId && entry.picture === picture) ?? null,
    add: (preview) => store.set((history) => withPreview(history, preview)),
  };
}

/** A preview of a step that is not later than the last one starts the picture anew: it was tried again. */
export function withPreview(
  history: readonly PictureSteps[],
  preview: Preview,
): readonly PictureSteps[] {
  const isSame = (entry: PictureSteps) =>
    entry.jobId === preview.jobId && entry.picture === preview.picture;
  const known = history.find(isSame);
  const last = known?.previews.at(-1);
  const previews =
    known && last && last.step < preview.step ? [...known.previews, preview] : [preview];
  const entry: PictureSteps = { jobId: preview.jobId, picture: preview.picture, previews };
  return [...history.filter((other) => !isSame(other)), entry].slice(-mostPictures);
}
