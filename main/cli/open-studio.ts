/** Opens the studio that a command works with. */
import path from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { Model } from '../../contract/models.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { createStudio } from '../studio/create-studio.ts';
import { defaultFolders } from '../studio/default-folders.ts';
import { createNodeHostPorts } from '../studio/node-host-ports.ts';

export interface StudioOptions {
  readonly library?: string;
  readonly data?: string;
  readonly models?: string;
}

export interface OpenStudio extends AsyncDisposable {
  readonly client: StudioClient;
}

/**
 * The caller owns the studio; disposing it ends the engine.
 * @throws {StudioError} `library-locked` while a window or another command has the library
 */
export async function openStudio({ library, data, models }: StudioOptions): Promise<OpenStudio> {
  const folders = defaultFolders({
    env: {
      ...process.env,
      ...(library === undefined ? {} : { ATELIER_LIBRARY: library }),
      ...(data === undefined ? {} : { ATELIER_DATA: data }),
    },
  });
  const studio = await createStudio(
    createNodeHostPorts('cli', folders, models === undefined ? undefined : path.resolve(models)),
  );
  return { client: studio.client, [Symbol.asyncDispose]: () => studio.close() };
}

/**
 * @param id null for the first usable one
 * @throws {StudioError} `model-missing`, `model-invalid`, or `bad-request` for a model of the other kind
 */
export async function chooseModel<K extends Model['kind']>(
  client: StudioClient,
  kind: K,
  id: string | null,
): Promise<Extract<Model, { kind: K }>> {
  const isOfKind = (model: Model): model is Extract<Model, { kind: K }> => model.kind === kind;
  const all = await client['models.list']({});
  const candidates = all.filter(isOfKind);
  const usable = candidates.filter(({ problem }) => problem === null);
  const chosen = id === null ? usable[0] : all.find((model) => model.id === id);
  if (!chosen) {
    const names = usable.map((model) => model.id).join(', ');
    throw new StudioError(
      'model-missing',
      id === null
        ? `No usable ${kind} model is installed. Run atelier doctor to see why.`
        : `Model "${id}" is not installed. ${names ? `There are: ${names}.` : 'Run atelier doctor to see what is.'}`,
    );
  }
  if (!isOfKind(chosen)) {
    throw new StudioError(
      'bad-request',
      `"${chosen.id}" is not a model for this: it is a ${chosen.kind} model.`,
    );
  }
  if (chosen.problem !== null)
    throw new StudioError('model-invalid', `"${chosen.id}" cannot be used: ${chosen.problem}`);
  return chosen;
}
