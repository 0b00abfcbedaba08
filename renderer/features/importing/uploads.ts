/**
 * Pictures given to the studio as bytes: what is dropped on the window or chosen in its dialog.
 *
 * Promises: one file after the other, so that memory holds one at a time; a file that is refused is told
 * with its reason and the rest go on; cancelling keeps what came in.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { ImageId } from '../../../contract/ids.ts';
import { importLimits, type ImportInto } from '../../../contract/imports.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';
import { uploadSentence } from './import-words.ts';

export interface Upload {
  readonly total: number;
  readonly done: number;
  readonly imported: readonly ImageId[];
  readonly duplicates: readonly ImageId[];
  readonly skips: readonly { readonly path: string; readonly reason: string }[];
}

export interface Uploads {
  /** Null while nothing is on its way. */
  readonly state: Store<Upload | null>;
  add(files: readonly File[], into: ImportInto): Promise<Upload>;
  cancel(): void;
}

const none: Upload = { total: 0, done: 0, imported: [], duplicates: [], skips: [] };

export function createUploads(client: StudioClient, toasts: Toasts): Uploads {
  const state = createStore<Upload | null>(null);
  let running: AbortController | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  async function send(file: File, into: ImportInto, signal: AbortSignal): Promise<Partial<Upload>> {
    const now = state.get() ?? none;
    try {
      if (file.size > importLimits.bytes)
        throw new StudioError('too-large', 'It is larger than 60 MB.');
      const bytes = new Uint8Array(await file.arrayBuffer());
      const { outcome, image } = await client['imports.addFile'](
        { name: file.name, bytes, modifiedAt: Math.max(0, Math.floor(file.lastModified)), into },
        { signal },
      );
      return outcome === 'imported'
        ? { imported: [...now.imported, image.id] }
        : { duplicates: [...now.duplicates, image.id] };
    } catch (thrown) {
      const error = StudioError.from(thrown);
      if (error.code === 'cancelled' || error.code === 'disk-full') throw error;
      return { skips: [...now.skips, { path: file.name, reason: error.message }] };
    }
  }

  async function sendAll(files: readonly File[], into: ImportInto): Promise<Upload> {
    const controller = new AbortController();
    running = controller;
    state.set({ ...none, total: files.length });
    try {
      for (const file of files) {
        if (controller.signal.aborted) break;
        const change = await send(file, into, controller.signal);
        state.set((now) => ({ ...(now ?? none), ...change, done: (now?.done ?? 0) + 1 }));
      }
    } catch (error) {
      toasts.fail(error);
    }
    const result = state.get() ?? none;
    running = null;
    state.set(null);
    toasts.say(
      uploadSentence(result),
      result.imported.length === 0
        ? undefined
        : () => client['images.trash']({ ids: [...result.imported] }),
    );
    return result;
  }

  return {
    state,
    add(files, into) {
      const sent = tail.then(() => sendAll(files, into));
      tail = sent.catch(() => {});
      return sent;
    },
    cancel: () => running?.abort(),
  };
}
