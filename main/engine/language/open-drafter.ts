/** Opens what guesses tokens for a request. */
import { StudioError } from '../../../contract/errors.ts';
import type { WriteRequest } from '../../../contract/write.ts';
import type { SessionPool } from '../session.ts';
import { createTokenChooser } from './choose-token.ts';
import { createDecoder } from './decoder.ts';
import { checkSameVocabulary, createModelDrafter } from './draft-model.ts';
import type { Drafter } from './draft.ts';
import { createPromptLookup } from './prompt-lookup.ts';
import { createUniform } from './sampling/xoshiro.ts';
import type { TextModel } from './text-model.ts';
import { borrowTextSessions } from './text-sessions.ts';

export interface OpenDrafter extends AsyncDisposable {
  /** Null where nothing guesses. */
  readonly drafter: Drafter | null;
}

/** Apart from the streams of the text itself. */
const draftSeedOffset = 2 ** 40;

/** @throws {StudioError} `bad-request` for a model with another vocabulary; as `SessionPool.borrow` */
export async function openDrafter(
  pool: SessionPool,
  model: TextModel,
  { draft, ...wishes }: WriteRequest,
  promptTokens: number,
  seed: number,
  options: { readonly draftModel?: TextModel | null; readonly signal?: AbortSignal },
): Promise<OpenDrafter> {
  await using owned = new AsyncDisposableStack();
  let drafter: Drafter | null = null;
  switch (draft?.kind) {
    case undefined:
      break;
    case 'prompt-lookup':
      drafter = owned.use(createPromptLookup(draft.ngram, draft.tokens));
      break;
    case 'model': {
      const { draftModel, signal } = options;
      if (!draftModel)
        throw new StudioError('bad-request', 'The model that is to draft was not named.');
      checkSameVocabulary(model, draftModel);
      const sessions = owned.use(await borrowTextSessions(pool, draftModel, null, signal));
      const draftSeed = (seed + draftSeedOffset) % Number.MAX_SAFE_INTEGER;
      const uniform = createUniform(draftSeed);
      const { vocabularySize, endIds } = model;
      // What the draft may guess is what the model may choose, so its form and biases are those of the text.
      const known = { tokenizer: model.tokenizer, vocabularySize, endIds };
      const chooser = createTokenChooser(
        known,
        wishes,
        (seed + 2 * draftSeedOffset) % Number.MAX_SAFE_INTEGER,
      );
      const { contextLength } = draftModel;
      const decoder = createDecoder(sessions, draftModel);
      drafter = owned.use(
        createModelDrafter(
          { decoder, contextLength, vocabularySize, endIds, chooser },
          promptTokens,
          draft.tokens,
          uniform,
        ),
      );
      break;
    }
    default:
      draft satisfies never;
  }
  const moved = owned.move();
  return { drafter, [Symbol.asyncDispose]: () => moved.disposeAsync() };
}
