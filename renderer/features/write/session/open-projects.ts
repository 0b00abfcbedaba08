/**
 * Projects as the desk has them: the list, the open one, and edits of it that survive other windows' edits.
 *
 * Promises: an edit is shown at once and taken back if it fails; one that meets a newer project is made
 * again on top of it.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { Project, ProjectId, ProjectSummary } from '../../../../contract/projects.ts';
import { createStore, type Store } from '../../../app/store.ts';
import type { Toasts } from '../../../app/toasts.ts';
import type { Connection } from '../../../transport/connection.ts';
import { subscribe } from '../../../transport/subscribe.ts';

type Editable = Partial<
  Pick<
    Project,
    'title' | 'author' | 'language' | 'chapters' | 'memory' | 'authorsNote' | 'lore' | 'goals'
  >
>;
export type ProjectEdit = (project: Project) => Editable;

export interface OpenProjects {
  readonly list: Store<readonly ProjectSummary[] | null>;
  readonly project: Store<Project | null>;
  /** Why no project is open; null while one is, or is coming. */
  readonly problem: Store<StudioError | null>;
  open(id: ProjectId): Promise<boolean>;
  create(title: string): Promise<Project | null>;
  trash(id: ProjectId): Promise<void>;
  /** @returns whether it was saved */
  edit(edit: ProjectEdit): Promise<boolean>;
  /** Reads the list. @returns null if it cannot be read */
  refresh(): Promise<readonly ProjectSummary[] | null>;
}

const mostAttempts = 4;

export function createOpenProjects(connection: Connection, toasts: Toasts): OpenProjects {
  const { client } = connection;
  const list = createStore<readonly ProjectSummary[] | null>(null);
  const project = createStore<Project | null>(null);
  const problem = createStore<StudioError | null>(null);
  let editing: Promise<unknown> = Promise.resolve();

  subscribe(
    connection,
    (client, options) => client['projects.watch']({}, options),
    ({ id, kind }) => {
      void refresh();
      if ((kind === 'project' || kind === 'scene') && project.get()?.id === id) void reread(id);
    },
  );

  async function reread(id: ProjectId): Promise<void> {
    await editing;
    const fresh = await client['projects.get']({ id }).catch(() => null);
    const shown = project.get();
    if (fresh && shown?.id === id && fresh.revision >= shown.revision) project.set(fresh);
  }

  async function refresh(): Promise<readonly ProjectSummary[] | null> {
    try {
      const summaries = await client['projects.list']({});
      list.set(summaries);
      return summaries;
    } catch {
      return list.get();
    }
  }

  async function save(edit: ProjectEdit): Promise<boolean> {
    const before = project.get();
    if (!before) return false;
    project.set({ ...before, ...edit(before) });
    let base = before;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const saved = await client['projects.update']({
          id: base.id,
          revision: base.revision,
          changes: edit(base),
        });
        if (project.get()?.id === saved.id) project.set(saved);
        return true;
      } catch (error) {
        try {
          if (StudioError.from(error).code !== 'conflict' || attempt === mostAttempts) throw error;
          base = await client['projects.get']({ id: base.id });
        } catch (failure) {
          if (project.get()?.id === base.id) project.set(base);
          toasts.fail(failure);
          return false;
        }
      }
    }
  }

  return {
    list,
    project,
    problem,
    async open(id) {
      try {
        const opened = await client['projects.get']({ id });
        project.set(opened);
        problem.set(null);
        return true;
      } catch (error) {
        problem.set(StudioError.from(error));
        return false;
      }
    },
    async create(title) {
      try {
        const created = await client['projects.create']({ title });
        project.set(created);
        problem.set(null);
        return created;
      } catch (error) {
        problem.set(StudioError.from(error));
        toasts.fail(error);
        return null;
      }
    },
    async trash(id) {
      await client['projects.trash']({ id });
      if (project.get()?.id === id) project.set(null);
      await refresh();
    },
    edit(edit) {
      const saving = editing.then(() => save(edit));
      editing = saving;
      return saving;
    },
    refresh,
  };
}
