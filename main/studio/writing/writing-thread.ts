/** The thread that holds projects and scenes: the only one that touches `documents/`. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setImmediate as setImmediatePromise } from 'node:timers/promises';
import { StudioError } from '../../../contract/errors.ts';
import type { DocumentJson } from '../../../contract/document-text.ts';
import { pack } from '../../../contract/packed.ts';
import type { Project, TextMatch } from '../../../contract/projects.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import { createEveryBroadcast } from '../broadcast.ts';
import { chatsThreadHandlers } from './chats/chats-thread.ts';
import { createChats, type Chats } from './chats/chats.ts';
import { unpackChanges } from './change-size.ts';
import { createOpenScenes } from './scene/open-scenes.ts';
import { openScene, type Scene } from './scene/scene.ts';
import { openProjects, type Projects } from './projects/projects.ts';
import { diffDocuments } from './diff-documents.ts';
import { createFinder, excerptOf } from './search/find-text.ts';
import { replacementOf } from './search/replace-text.ts';
import { createIdleMirror } from './mirror/idle-mirror.ts';
import { changesFromPage, takenOverPage } from './take-over-page.ts';
import type { WritingEvent, writingThreadContract } from './writing-thread-contract.ts';

/** How often tokens are synced and idle scenes tidied. */
const tidyEveryMs = 1000;

interface Place {
  readonly projectId: string;
  readonly sceneId: string;
}

export function createWritingThread(now: () => number): Handlers<typeof writingThreadContract> {
  const events = createEveryBroadcast<WritingEvent>();
  const scenes = createOpenScenes({ now, log });
  const mirror = createIdleMirror({
    projectOf: (id) => ({ project: projects().get(id), folder: projects().folder(id) }),
    documentOf: (projectId, sceneId) => sceneAt({ projectId, sceneId }).state.doc,
    now,
    log,
  });
  let opened: {
    readonly projects: Projects;
    readonly chats: Chats;
    readonly timer: NodeJS.Timeout;
  } | null = null;

  function log(level: 'info' | 'warning' | 'error', text: string): void {
    events.publish({ kind: 'log', level, text });
  }

  function openedLibrary() {
    if (!opened) throw new StudioError('disconnected', 'The library is closed. Restart Atelier.');
    return opened;
  }

  const projects = (): Projects => openedLibrary().projects;

  function sceneAt({ projectId, sceneId }: Place): Scene {
    return scenes.get(projectId, sceneId, () => projects().scenesFolder(projectId, sceneId));
  }

  /** Told after the answer to whoever made the change, so that it can tell its own from others'. */
  function announce(...told: WritingEvent[]): void {
    setImmediate(() => {
      for (const event of told) events.publish(event);
    });
  }

  function noteRevision({ projectId, sceneId }: Place, { state }: Scene): void {
    projects().noteWords(projectId, sceneId, state.words);
    mirror.note(projectId, sceneId);
    scenes.touch(projectId, sceneId);
    announce(
      { kind: 'revision', projectId, sceneId, revision: state.revision },
      { kind: 'project', id: projectId, change: 'scene' },
    );
  }

  function noteProject(id: string): void {
    mirror.note(id, null);
    announce({ kind: 'project', id, change: 'project' });
  }

  function tidy(isClosing = false): void {
    scenes.tidy();
    opened?.chats.tidy();
    mirror.update(isClosing);
    try {
      opened?.projects.save(isClosing);
    } catch (error) {
      log('warning', StudioError.from(error).message);
    }
  }

  return {
    ...chatsThreadHandlers({
      chats: () => openedLibrary().chats,
      projectOf: (id) => projects().get(id),
      announce,
    }),
    open: async ({ folder }) => {
      const documents = path.join(folder, 'documents');
      opened = {
        projects: openProjects({ folder: documents, now, log }),
        chats: createChats({ folder: path.join(documents, 'chats'), now, log }),
        timer: setInterval(() => tidy(), tidyEveryMs),
      };
      return {};
    },
    takeOverPage: async ({ draft }) => {
      const { projectId, sceneId, title } = takenOverPage;
      const page = projects().has(projectId) ? null : changesFromPage(draft, now());
      if (page === null) return { taken: false };
      projects().create({
        id: projectId,
        title,
        scene: { id: sceneId, title: '', synopsis: '', words: page.words },
        prepare(folder) {
          using scene = openScene({ folder, sceneId, now, log });
          scene.append(0, page.changes, page.words);
        },
      });
      mirror.note(projectId, sceneId);
      noteProject(projectId);
      return { taken: true };
    },
    events: (_input, { signal }) => events.subscribe(signal),
    close: async () => {
      if (opened) {
        clearInterval(opened.timer);
        tidy(true);
        scenes.close();
        opened.chats.close();
      }
      opened = null;
      return {};
    },

    'projects.list': async () => projects().list(),
    'projects.trashed': async () => projects().trashed(),
    'projects.create': async ({ title }) => {
      const id = randomUUID();
      const scene = { id: randomUUID(), title: '', synopsis: '', words: 0 };
      const project = projects().create({ id, title, scene, prepare: () => {} });
      noteProject(id);
      return project;
    },
    'projects.get': async ({ id }) => projects().get(id),
    'projects.update': async ({ id, revision, changes }) => {
      const project = projects().update(id, revision, definedOf(changes));
      noteProject(id);
      return project;
    },
    'projects.trashedScenes': async ({ id }) => projects().trashedScenes(id),
    'projects.restoreScene': async ({ id, sceneId, chapterId, index }) => {
      const project = projects().restoreScene(id, sceneId, chapterId, index);
      noteProject(id);
      return project;
    },
    'projects.trash': async ({ id }) => {
      projects().get(id);
      tidy(true);
      scenes.close(id);
      projects().trash(id);
      announce({ kind: 'project', id, change: 'trashed' });
      return {};
    },
    'projects.restore': async ({ id }) => {
      projects().restore(id);
      announce({ kind: 'project', id, change: 'restored' });
      return {};
    },
    'projects.search': async ({ id, search, limit }) => {
      const all: TextMatch[] = [];
      let total = 0;
      const find = createFinder(search);
      for (const sceneId of sceneIdsOf(projects().get(id))) {
        // Typing is saved between two scenes.
        await setImmediatePromise();
        const found = find(sceneAt({ projectId: id, sceneId }).state.doc);
        total += found.length;
        all.push(
          ...found.slice(0, limit - all.length).map((match) => ({ sceneId, ...excerptOf(match) })),
        );
      }
      return { matches: all, total };
    },
    'projects.replace': async ({ id, search, replacement }) => {
      const find = createFinder(search, replacement);
      const changed: string[] = [];
      let replaced = 0;
      for (const sceneId of sceneIdsOf(projects().get(id))) {
        await setImmediatePromise();
        const place = { projectId: id, sceneId };
        const scene = sceneAt(place);
        const found = find(scene.state.doc);
        if (found.length === 0) continue;
        const { changes, words } = replacementOf(scene.state, found, search.text, now());
        scene.append(scene.state.revision, changes, words);
        noteRevision(place, scene);
        changed.push(sceneId);
        replaced += found.length;
      }
      return { replaced, scenes: changed };
    },
    'projects.check': async (_input, { signal }) => {
      const problems: string[] = [];
      let count = 0;
      const all = projects().list();
      for (const { id, title, problem } of all) {
        if (problem !== null) problems.push(`Project "${title}": ${problem}`);
        for (const sceneId of problem === null ? sceneIdsOf(projects().get(id)) : []) {
          await setImmediatePromise();
          signal.throwIfAborted();
          count += 1;
          problems.push(
            ...checkScene(`Project "${title}", scene ${sceneId}`, () =>
              sceneAt({ projectId: id, sceneId }),
            ),
          );
        }
      }
      return { projects: all.length, scenes: count, problems };
    },
    'projects.session': async ({ id, restart }) => projects().session(id, restart),

    'scenes.open': async ({ recovers, ...place }) => {
      const scene = sceneAt(place);
      const { revision } = scene.state;
      const answer = scene.open(recovers);
      if (answer.revision !== revision) noteRevision(place, scene);
      else projects().correctWords(place.projectId, place.sceneId, scene.state.words);
      return { ...place, ...answer, doc: pack(answer.doc) };
    },
    'scenes.append': async ({ revision, changes, words, ...place }) => {
      const scene = sceneAt(place);
      scene.append(revision, unpackChanges(changes), words);
      noteRevision(place, scene);
      return { revision: scene.state.revision };
    },
    'scenes.nodes': async ({ ids, ...place }) => sceneAt(place).nodes(ids),
    'scenes.diff': async ({ from, to, ...place }) => {
      const scene = sceneAt(place);
      return diffDocuments(scene.at(from), scene.at(to));
    },
    'scenes.at': async ({ node, ...place }) =>
      pack(sceneAt(place).at(node).toJSON() as DocumentJson),
    'scenes.tokens': async ({ run, alternative, ...place }) =>
      sceneAt(place).tokens(run, alternative),

    sceneText: async (place) => {
      const { doc } = sceneAt(place).state;
      return { text: doc.textBetween(0, doc.content.size, '\n\n', '\n') };
    },
    beginRun: async ({ revision, position, run, ...place }) => {
      sceneAt(place).beginRun({ revision, position, run });
      return {};
    },
    addToken: async ({ run, alternative, token, ...place }) => {
      sceneAt(place).addToken(run, alternative, token);
      scenes.touch(place.projectId, place.sceneId);
      return {};
    },
    addRunFacts: async ({ run, facts, ...place }) => {
      sceneAt(place).addFacts(run, facts);
      return {};
    },
    endRun: async ({ run, ...place }) => {
      sceneAt(place).endRun(run);
      return {};
    },
  };
}

function checkScene(name: string, open: () => Scene): string[] {
  try {
    const { damagedFile } = open();
    return damagedFile === null
      ? []
      : [`${name}: damaged lines were found; they are in "${damagedFile}"`];
  } catch (error) {
    return [`${name}: ${StudioError.from(error).message}`];
  }
}

function sceneIdsOf({ chapters }: Project): string[] {
  return chapters.flatMap(({ scenes }) => scenes.map(({ id }) => id));
}

/** Fields that were left out arrive as undefined. */
function definedOf<T extends object>(changes: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
