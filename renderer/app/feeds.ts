/** Subscriptions that live as long as the window; their newest items are kept in the query cache. */
import type { ActivityEntry, EngineStatus } from '../../contract/system.ts';
import type { ExportJob } from '../../contract/exports.ts';
import type { ImportJob, WatchedFolder } from '../../contract/imports.ts';
import type { Model } from '../../contract/models.ts';
import type { QueueSnapshot } from '../../contract/queue.ts';
import type { Resource } from '../../contract/resources.ts';
import type { Settings } from '../../contract/settings.ts';
import {
  crashMessage,
  jobFailureMessage,
  exportEnd,
  importEnd,
  newlyEnded,
  newlyFailed,
  type TransferEnd,
} from './alerts.ts';
import { subscribe } from '../transport/subscribe.ts';
import type { WindowModel } from './window-model.ts';

const mostActivityEntries = 1_000;

export const feedKeys = {
  queue: ['queue'],
  engine: ['engine'],
  settings: ['settings'],
  models: ['models'],
  resources: ['resources'],
  activity: ['activity'],
  exports: ['export-jobs'],
  imports: ['import-jobs'],
  watchedFolders: ['watched-folders'],
} as const;

export function startFeeds({
  connection,
  queries,
  previews,
  library,
  selection,
  toasts,
  layout,
}: WindowModel): void {
  const tell = (ends: readonly TransferEnd[]) => {
    for (const end of ends) {
      if (typeof end === 'string') toasts.say(end);
      else toasts.fail(end);
    }
  };
  subscribe(
    connection,
    (client, options) => client['queue.watch']({}, options),
    (snapshot) => {
      const before = queries.getQueryData<QueueSnapshot>(feedKeys.queue);
      queries.setQueryData<QueueSnapshot>(feedKeys.queue, snapshot);
      // Create and Activity show failures where they happened.
      if (layout.get().screen === 'create' || layout.get().screen === 'activity') return;
      for (const job of newlyFailed(before, snapshot)) toasts.fail(jobFailureMessage(job));
    },
  );
  subscribe(
    connection,
    (client, options) => client['queue.previews']({}, options),
    (preview) => previews.add(preview),
  );
  subscribe(
    connection,
    (client, options) => client['system.engine']({}, options),
    (status) => {
      const message = crashMessage(queries.getQueryData<EngineStatus>(feedKeys.engine), status);
      if (message !== null) toasts.say(message);
      queries.setQueryData<EngineStatus>(feedKeys.engine, status);
    },
  );
  subscribe(
    connection,
    (client, options) => client['settings.watch']({}, options),
    (settings) => queries.setQueryData<Settings>(feedKeys.settings, settings),
  );
  subscribe(
    connection,
    (client, options) => client['models.watch']({}, options),
    (models) => queries.setQueryData<Model[]>(feedKeys.models, models),
  );
  subscribe(
    connection,
    (client, options) => client['resources.watch']({}, options),
    (resources) => queries.setQueryData<Resource[]>(feedKeys.resources, resources),
  );
  subscribe(
    connection,
    (client, options) => client['activity.watch']({}, options),
    (entry) =>
      queries.setQueryData<ActivityEntry[]>(feedKeys.activity, (known) =>
        known && !known.some(({ id }) => id === entry.id)
          ? [entry, ...known].slice(0, mostActivityEntries)
          : known,
      ),
  );
  subscribe(
    connection,
    (client, options) => client['exports.watch']({}, options),
    (jobs) => {
      const before = queries.getQueryData<ExportJob[]>(feedKeys.exports);
      queries.setQueryData<ExportJob[]>(feedKeys.exports, jobs);
      tell(newlyEnded(before, jobs, exportEnd));
    },
  );
  subscribe(
    connection,
    (client, options) => client['imports.watch']({}, options),
    (jobs) => {
      const before = queries.getQueryData<ImportJob[]>(feedKeys.imports);
      queries.setQueryData<ImportJob[]>(feedKeys.imports, jobs);
      tell(newlyEnded(before, jobs, importEnd));
    },
  );
  subscribe(
    connection,
    (client, options) => client['imports.folders.watch']({}, options),
    (folders) => queries.setQueryData<WatchedFolder[]>(feedKeys.watchedFolders, folders),
  );
  subscribe(
    connection,
    (client, options) => client['images.watch']({}, options),
    (change) => {
      // What is seen in pictures comes in the background, a few at a time: only details show it.
      const key = change.kind === 'analysed' ? ['images', 'detail'] : ['images'];
      void queries.invalidateQueries({ queryKey: key });
      library.apply(change);
      const selected = selection.get();
      if (
        change.kind === 'trashed' &&
        selected.kind === 'image' &&
        change.ids.includes(selected.id)
      ) {
        selection.set({ kind: 'newest' });
      }
    },
  );

  // Whatever changed while the connection was away is read again.
  let epoch = 0;
  connection.state.subscribe(() => {
    const state = connection.state.get();
    if (state.phase !== 'connected' || state.epoch === epoch) return;
    epoch = state.epoch;
    void queries.invalidateQueries({ predicate: ({ queryKey }) => !pushed.has(queryKey[0]) });
    library.reload();
  });
}

/** Fed by a stream's first item, so there is nothing to fetch again. */
const pushed = new Set<unknown>([
  'queue',
  'engine',
  'settings',
  'models',
  'resources',
  'export-jobs',
  'import-jobs',
  'watched-folders',
]);
