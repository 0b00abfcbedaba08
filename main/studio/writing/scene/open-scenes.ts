/**
 * Scenes that were opened lately, so that the next call need not read them again. Blocking, for the writing
 * thread.
 */
import { openScene, type Scene } from './scene.ts';

export interface OpenScenes {
  /** @param folder of the scene's files, for one that is not open @throws {StudioError} as `openScene` */
  get(projectId: string, sceneId: string, folder: () => string): Scene;
  /** Says that a scene was worked on now. */
  touch(projectId: string, sceneId: string): void;
  /** Syncs tokens; makes checkpoints of scenes that nobody worked on for a while. */
  tidy(): void;
  /** Makes checkpoints and gives files back; of one project only, if it is given. */
  close(projectId?: string): void;
}

export interface OpenScenesOptions {
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

const mostOpen = 24;
const idleAfterMs = 3000;

interface Entry {
  readonly projectId: string;
  readonly scene: Scene;
  usedAt: number;
}

export function createOpenScenes({ now, log }: OpenScenesOptions): OpenScenes {
  /** Least recently used first. */
  const open = new Map<string, Entry>();

  function tidyOne(key: string, { scene }: Entry, moment: 'busy' | 'idle' | 'closing'): void {
    try {
      scene.tidy(moment);
    } catch (error) {
      // The journal holds everything; only opening it takes longer.
      log('warning', `The scene "${key}" could not be tidied up: ${String(error)}`);
    }
  }

  function closeOne(key: string, entry: Entry): void {
    tidyOne(key, entry, 'closing');
    entry.scene[Symbol.dispose]();
    open.delete(key);
  }

  function makeLatest(key: string, entry: Entry): void {
    open.delete(key);
    open.set(key, entry);
  }

  return {
    get(projectId, sceneId, folder) {
      const key = keyOf(projectId, sceneId);
      const known = open.get(key);
      const entry = known ?? {
        projectId,
        scene: openScene({ folder: folder(), sceneId, now, log }),
        usedAt: now(),
      };
      makeLatest(key, entry);
      for (const [oldKey, old] of open) {
        if (open.size <= mostOpen) break;
        if (old !== entry && !old.scene.isWriting) closeOne(oldKey, old);
      }
      return entry.scene;
    },
    touch(projectId, sceneId) {
      const entry = open.get(keyOf(projectId, sceneId));
      if (entry) entry.usedAt = now();
    },
    tidy() {
      for (const [key, entry] of open)
        tidyOne(key, entry, now() - entry.usedAt > idleAfterMs ? 'idle' : 'busy');
    },
    close(projectId) {
      for (const [key, entry] of open)
        if (projectId === undefined || entry.projectId === projectId) closeOne(key, entry);
    },
  };
}

function keyOf(projectId: string, sceneId: string): string {
  return `${projectId}/${sceneId}`;
}
