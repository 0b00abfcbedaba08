/** The prompts of a picture as one kind of model reads them. */
import { StudioError } from '../../../../contract/errors.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import { noGraphEdit, type GraphEdit, type Session, type SessionPool } from '../../session.ts';
import {
  encodePrompts,
  type Conditioning,
  type PromptEncoder,
} from '../conditioning/conditioning.ts';
import type { SentenceEncoder } from '../conditioning/sentence-encoder.ts';
import type { ImageModel, TextEncoder } from '../image-model.ts';
import type { RunClock } from './run-clock.ts';

/**
 * @param passes how many steps each pass has
 * @throws {StudioError} `bad-request` if more layers are to be skipped than there are; `model-invalid`
 */
export async function encodeForModel(
  pool: SessionPool,
  model: ImageModel,
  settings: ImageSettings,
  {
    passes,
    clock,
    signal,
  }: {
    readonly passes: readonly number[];
    readonly clock: RunClock;
    readonly signal: AbortSignal;
  },
): Promise<Conditioning> {
  const encoders = model.textEncoders.map((encoder): PromptEncoder => {
    const { edit, ...reading } = readingOf(model, encoder, settings.clipSkip - 1);
    return {
      tokenizer: encoder.tokenizer,
      ...reading,
      use: (work) => runOn(encoder.graph, work, edit),
    };
  });
  // A model distilled with guidance is told the scale instead, and Flux knows no negative prompt.
  const isDistilled = model.guidanceEmbeddingWidth !== null || model.flow?.kind === 'flux';
  return await encodePrompts(encoders, settings, {
    passes,
    guided: settings.guidanceScale > 1 && !isDistilled,
    zeroesEmptyNegative: model.xl?.zeroesEmptyNegative ?? false,
    sentences: sentencesOf(model),
    signal,
  });

  async function runOn<T>(
    graph: string,
    work: (session: Session) => Promise<T>,
    edit: GraphEdit | null,
  ): Promise<T> {
    const options = edit ? { signal, edit } : { signal };
    await using lease = await pool.borrow(model.id, graph, options);
    return await clock.measure(lease.session, () => work(lease.session));
  }

  function sentencesOf({ flow }: ImageModel): SentenceEncoder | null {
    if (!flow) return null;
    const { sentenceEncoder, sentenceLength: length, textWidth: width } = flow;
    if (!sentenceEncoder) return { length, width, network: null };
    const { tokenizer, graph } = sentenceEncoder;
    return { length, width, network: { tokenizer, use: (work) => runOn(graph, work, null) } };
  }
}

interface Reading extends Pick<PromptEncoder, 'hidden' | 'pooled'> {
  readonly edit: GraphEdit | null;
}

/** @param skipped layers at the end that the prompt's words do not pass */
function readingOf(
  { xl, flow, textEncoders }: ImageModel,
  encoder: TextEncoder,
  skipped: number,
): Reading {
  // Flux has its words from T5: of CLIP it takes the prompt as a whole, which passes all layers.
  if (flow?.kind === 'flux') return { hidden: null, pooled: 'pooler_output', edit: null };
  if (xl || flow) {
    const makesPooled = flow !== null || encoder === textEncoders.at(-1);
    const pooled = makesPooled ? 'text_embeds' : null;
    return { hidden: penultimateState(encoder, skipped), pooled, edit: null };
  }
  const edit = skipped > 0 ? { ...noGraphEdit, skippedLayers: skipped } : null;
  return { hidden: 'last_hidden_state', pooled: null, edit };
}

/**
 * Stable Diffusion XL and 3 read the states before the last layer, and CLIP skip counts from there.
 * @throws {StudioError} `bad-request` if there are not so many layers
 */
function penultimateState({ layers }: TextEncoder, skipped: number): string {
  if (layers === null) {
    throw new StudioError(
      'model-invalid',
      'The config.json of a text encoder does not say how many layers it has (num_hidden_layers). Install the model again.',
    );
  }
  if (skipped >= layers) {
    throw new StudioError(
      'bad-request',
      `CLIP skip can be at most ${layers} for this model. Set it lower.`,
    );
  }
  return `hidden_states.${layers - 1 - skipped}`;
}
