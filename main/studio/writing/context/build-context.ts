/**
 * What a model will read at a place of a scene: the project's own, earlier scenes, the text, and what of it
 * the model knows from its last run.
 */
import type { BuiltContext, ContextRequest } from '../../../../contract/context.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { TextModel } from '../../../../contract/models.ts';
import type { Project, SceneInfo } from '../../../../contract/projects.ts';
import { asTurns } from './as-turns.ts';
import { compareContext } from './compare-context.ts';
import type { TokenCounter, Tokenize } from './count-tokens.ts';
import { layoutContext } from './layout-context.ts';
import type { ReadTexts } from './read-texts.ts';

export interface ContextPorts {
  readonly project: (id: string) => Promise<Project>;
  /** A scene's text as it is saved. */
  readonly sceneText: (projectId: string, sceneId: string) => Promise<string>;
  /** @throws {StudioError} as for a run */
  readonly textModel: (id: string) => Pick<TextModel, 'contextLength'>;
  readonly counter: TokenCounter;
  readonly tokenize: Tokenize;
  readonly read: Pick<ReadTexts, 'last'>;
}

/** Room for what a template puts around a turn. */
const templateTokens = 48;
/** More than any tokenizer puts into a token on average: scenes beyond that cannot fit. */
const mostCharactersPerToken = 8;

/**
 * An answer that may become longer than half of what the model can read gets half of the room: most end before.
 * @throws {StudioError} `not-found`; `bad-request` for a passage that is too long to be changed
 */
export async function buildContext(
  { project: projectOf, sceneText, textModel, counter, tokenize, read }: ContextPorts,
  request: ContextRequest,
  signal: AbortSignal,
): Promise<BuiltContext> {
  const { modelId, projectId, sceneId, before } = request;
  const { contextLength } = textModel(modelId);
  const project = await projectOf(projectId);
  const count = (text: string) => counter.count(modelId, text, signal);
  const gathered = await earlierScenes(
    project,
    sceneId,
    contextLength * mostCharactersPerToken - before.length,
    (id) => sceneText(projectId, id),
    signal,
  );
  const answerTokens = Math.min(request.maxTokens, contextLength / 2);
  const laidOut = await layoutContext({
    request: { ...request, maxTokens: answerTokens + (isChange(request) ? templateTokens : 0) },
    project,
    earlier: gathered.scenes,
    contextLength,
    count,
  }).catch((error: unknown) => {
    if (error instanceof RangeError) throw new StudioError('bad-request', error.message);
    throw error;
  });
  const { leftOut } = gathered;
  const turns = isChange(request) ? await asTurns(laidOut, modelId, tokenize, signal) : null;
  const whole = turns?.laidOut ?? laidOut;
  const told = turns ? { messages: turns.messages } : { prompt: whole.text };
  const { tokens } = await tokenize({ modelId, ...told }, signal);
  return {
    text: whole.text,
    messages: turns?.messages ?? null,
    parts: [...whole.parts],
    cut: [
      ...(leftOut === 0
        ? []
        : [
            {
              source: 'earlier' as const,
              label: leftOut === 1 ? 'A scene before that' : `${leftOut} scenes before that`,
              tokens: 0,
              reason: 'story' as const,
            },
          ]),
      ...laidOut.cut,
    ],
    contextLength,
    ...(await compareContext(modelId, whole.text, tokens, read.last(modelId), tokenize, signal)),
  };
}

/** Of a passage that is there. */
function isChange({ task }: Pick<ContextRequest, 'task'>): boolean {
  return task !== 'continue' && task !== 'fill' && task !== 'chat';
}

/**
 * Scenes before this one, the nearest ones first to be read, oldest first to be returned.
 * @param mostCharacters how much is worth reading
 */
async function earlierScenes(
  { chapters }: Pick<Project, 'chapters'>,
  sceneId: string,
  mostCharacters: number,
  textOf: (sceneId: string) => Promise<string>,
  signal: AbortSignal,
): Promise<{
  readonly scenes: readonly { readonly title: string; readonly text: string }[];
  /** Scenes that were not read. */
  readonly leftOut: number;
}> {
  const all: readonly { readonly scene: SceneInfo; readonly title: string }[] = chapters.flatMap(
    (chapter, index) =>
      chapter.scenes.map((scene, place) => ({
        scene,
        title: `${chapter.title || `Chapter ${index + 1}`}, ${scene.title || `Scene ${place + 1}`}`,
      })),
  );
  const own = all.findIndex(({ scene }) => scene.id === sceneId);
  if (own < 0)
    throw new StudioError('not-found', 'There is no such scene in the project.', { sceneId });
  const scenes: { title: string; text: string }[] = [];
  let left = mostCharacters;
  let at = own - 1;
  for (; at >= 0 && left > 0; at -= 1) {
    signal.throwIfAborted();
    const earlier = all[at];
    if (!earlier) break;
    const text = await textOf(earlier.scene.id);
    left -= text.length;
    scenes.unshift({ title: earlier.title, text });
  }
  return { scenes, leftOut: at + 1 };
}
