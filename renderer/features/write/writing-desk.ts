/**
 * The writing desk: the open project, the open scene, and the model that writes along.
 *
 * Promises: a scene that is left is saved first.
 */
import type { QueryClient } from '@tanstack/react-query';
import { StudioError } from '../../../contract/errors.ts';
import type { Model, TextModel } from '../../../contract/models.ts';
import type { ProjectId, SceneId } from '../../../contract/projects.ts';
import type { OpenScene } from '../../../contract/scenes.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import { SamplingSettings } from '../../../contract/write.ts';
import { createDraftStore, type DraftStore } from '../../app/draft-store.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';
import type { Connection } from '../../transport/connection.ts';
import { createCoWriter, type CoWriter } from './co-writer/co-writer.ts';
import { acceptSuggestion } from './co-writer/suggestions.ts';
import { DeskSettings, initialDeskSettings } from './desk-settings.ts';
import { ghostOf } from './document/ghost-text.ts';
import { writingPlugins } from './document/writing-plugins.ts';
import { allScenes } from './outline/outline-edit.ts';
import type { DeskDialog } from './session/desk-dialogs.ts';
import { createOpenProjects, type OpenProjects } from './session/open-projects.ts';
import { createSceneSession, type SceneSession } from './session/scene-session.ts';
import { ownSettings, presetOf, samplingFor } from './sampling-settings.ts';

export interface WritingDesk {
  readonly client: StudioClient;
  readonly settings: DraftStore<DeskSettings>;
  readonly projects: OpenProjects;
  readonly scene: Store<SceneSession | null>;
  /** Why no scene is open; null while one is, or is coming. */
  readonly problem: Store<StudioError | null>;
  readonly coWriter: CoWriter;
  /** What lies over the desk. */
  readonly dialog: Store<DeskDialog | null>;
  /** What may come next was asked for by keyboard, and takes the focus when it is known. */
  readonly focusesNextToken: Store<boolean>;
  openProject(id: ProjectId): Promise<void>;
  createProject(title: string): Promise<void>;
  trashProject(id: ProjectId): Promise<void>;
  openScene(id: SceneId): Promise<void>;
  /** Opens the last project, or makes the first; once. */
  start(): void;
}

/** @param modelsKey under which the list of models is cached */
export function createWritingDesk(
  connection: Connection,
  queries: QueryClient,
  modelsKey: readonly string[],
  toasts: Toasts,
): WritingDesk {
  const { client } = connection;
  const settings = createDraftStore(connection, 'write.desk', DeskSettings, initialDeskSettings);
  const projects = createOpenProjects(connection, toasts);
  const scene = createStore<SceneSession | null>(null);
  const problem = createStore<StudioError | null>(null);
  const dialog = createStore<DeskDialog | null>(null);
  const focusesNextToken = createStore(false);
  let opening: Promise<void> = Promise.resolve();
  let hasStarted = false;

  const models = () => queries.getQueryData<Model[]>([...modelsKey]) ?? [];
  const coWriter = createCoWriter({
    client,
    toasts,
    model: () => chosenTextModel(settings.get().modelId, models()),
    settings: () => {
      const now = settings.get();
      const model = chosenTextModel(now.modelId, models());
      return {
        sampling: model ? samplingFor(now, model) : SamplingSettings.parse({}),
        preset: model && presetOf(now, model) !== ownSettings ? presetOf(now, model) : null,
        seed: now.seed,
        maxTokens: now.maxTokens,
      };
    },
  });

  async function closeScene(): Promise<void> {
    const left = scene.get();
    if (!left) return;
    coWriter.stop();
    coWriter.proposals.reject();
    coWriter.alternatives.close();
    scene.set(null);
    await left.close();
  }

  function openScene(id: SceneId): Promise<void> {
    const open = async () => {
      const project = projects.project.get();
      if (!project || (scene.get()?.sceneId === id && scene.get()?.projectId === project.id))
        return;
      await closeScene();
      try {
        const opened = await client['scenes.open']({ projectId: project.id, sceneId: id });
        // A run that writes into the text goes on unless it is itself taken back; others ask about a text that goes.
        const walk = (way: () => void) => {
          if (!session.hasOpenRun()) coWriter.stop();
          way();
        };
        const session: SceneSession = createSceneSession(
          connection,
          toasts,
          opened,
          writingPlugins({
            undo: () => walk(session.undo),
            redo: () => walk(session.redo),
            acceptGhost: (ghost, text) => acceptSuggestion(session, ghost, text),
            dropGhost: () => coWriter.stop(),
            refusePaste: (reason) => toasts.fail(new StudioError('too-large', reason)),
          }),
        );
        problem.set(null);
        scene.set(session);
        followPauses(session);
        settings.set((now) => ({
          ...now,
          projectId: project.id,
          scenes: { ...now.scenes, [project.id]: id },
        }));
        if (opened.damagedFile !== null) {
          toasts.say(
            `A part of this scene could not be read. What could be is in the text; the rest is kept in “${opened.damagedFile}”.`,
          );
        }
        void offerUndecided(session, opened.undecided).catch((error: unknown) =>
          toasts.fail(error),
        );
        if (opened.recoveredTokens > 0) {
          toasts.say(
            `The studio ended while the model wrote. Its last ${opened.recoveredTokens} tokens are in the text.`,
          );
        }
      } catch (error) {
        problem.set(StudioError.from(error));
      }
    };
    opening = opening.then(open);
    return opening;
  }

  /** The newest is offered; all are in the history from then on. */
  async function offerUndecided(
    session: SceneSession,
    undecided: OpenScene['undecided'],
  ): Promise<void> {
    const { projectId, sceneId } = session;
    for (const { run, position, tokens } of undecided) {
      const texts: string[] = [];
      for (const alternative of tokens.keys()) {
        const drawn = await client['scenes.tokens']({ projectId, sceneId, run, alternative });
        texts.push(drawn.map(({ text }) => text).join(''));
      }
      if (scene.get() !== session) return;
      coWriter.alternatives.offerAgain(session, run, position, texts);
    }
  }

  /** Asks for a suggestion when the person pauses, if they want that. */
  function followPauses(session: SceneSession): void {
    let timer: ReturnType<typeof setTimeout> | null = null;
    let typedAtMs = session.typedAtMs();
    session.version.subscribe(() => {
      const { ghostPauseSeconds } = settings.get();
      if (timer !== null) clearTimeout(timer);
      timer = null;
      if (ghostPauseSeconds === 0 || session.typedAtMs() === typedAtMs) return;
      timer = setTimeout(() => {
        typedAtMs = session.typedAtMs();
        const isBusy = coWriter.progress.get()?.state === 'writing';
        if (
          scene.get() === session &&
          !isBusy &&
          !ghostOf(session.state()) &&
          session.view()?.hasFocus()
        )
          coWriter.suggest(session);
      }, ghostPauseSeconds * 1000);
    });
  }

  async function openProject(id: ProjectId): Promise<void> {
    await closeScene();
    if (!(await projects.open(id))) return;
    const project = projects.project.get();
    const scenes = allScenes(project?.chapters ?? []);
    const last = settings.get().scenes[id];
    const first = scenes.find((each) => each.id === last) ?? scenes[0];
    if (first) await openScene(first.id);
  }

  async function createProject(title: string): Promise<void> {
    await closeScene();
    const project = await projects.create(title);
    const first = project && allScenes(project.chapters)[0];
    if (first) await openScene(first.id);
  }

  async function openLast(): Promise<void> {
    await settings.loaded;
    const list = await projects.refresh();
    if (list === null) {
      hasStarted = false;
      return;
    }
    const usable = list.filter((each) => each.problem === null);
    const last = usable.find(({ id }) => id === settings.get().projectId) ?? usable[0];
    if (last) return openProject(last.id);
    await createProject('');
  }

  return {
    client,
    dialog,
    focusesNextToken,
    settings,
    projects,
    scene,
    problem,
    coWriter,
    openProject,
    createProject,
    async trashProject(id) {
      if (projects.project.get()?.id === id) await closeScene();
      const title = projects.list.get()?.find((each) => each.id === id)?.title ?? '';
      try {
        await projects.trash(id);
      } catch (error) {
        toasts.fail(error);
        return;
      }
      toasts.say(`“${title === '' ? 'Untitled project' : title}” is in the trash.`, async () => {
        await client['projects.restore']({ id });
        await openProject(id);
      });
      if (!projects.project.get()) await openLast();
    },
    openScene,
    start() {
      if (hasStarted) return;
      hasStarted = true;
      const begin = () => {
        void openLast().catch((error: unknown) => {
          hasStarted = false;
          problem.set(StudioError.from(error));
        });
      };
      begin();
    },
  };
}

export function chosenTextModel(id: string | null, models: readonly Model[]): TextModel | null {
  const usable = models.filter(
    (model): model is TextModel => model.kind === 'text' && model.problem === null,
  );
  return usable.find((model) => model.id === id) ?? usable[0] ?? null;
}
