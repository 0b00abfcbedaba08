/** Where the queue meets the rest of the studio: what draws its pictures and what keeps them. */
import type { DrawEvent } from '../../../contract/engine.ts';
import type { JobId } from '../../../contract/ids.ts';
import type { Job } from '../../../contract/queue.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';

export interface QueuePorts {
  /** @throws {StudioError} `model-missing`, `model-invalid`, `bad-request` if the request does not fit */
  checkRequest(request: Job['request']): void;
  draw(
    settings: ImageSettings,
    signal: AbortSignal,
    onEvent: (event: DrawEvent) => void,
  ): Promise<FinishedPicture>;
  /** Stores a picture durably and returns its id; the same job and index again returns the first one. */
  store(
    picture: FinishedPicture,
    settings: ImageSettings,
    jobId: JobId,
    index: number,
  ): Promise<string>;
  /** The sheet of a grid whose cells are all stored; null where none of them is there any more. */
  storeSheet(job: Job, signal: AbortSignal): Promise<string | null>;
  /** Pictures of a job that the library holds, by index. */
  storedPictures(
    jobId: JobId,
  ): Promise<readonly { readonly index: number; readonly imageId: string }[]>;
  /** False leaves the jobs of an earlier run waiting for one that resumes. */
  readonly resumes: boolean;
  readonly now: () => number;
  readonly drawSeed: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

export type FinishedPicture = Extract<DrawEvent, { kind: 'image' }>;
