/** The UNet of a Stable Diffusion. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Session, ValueSpec } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextEmbeddings } from '../conditioning/conditioning.ts';
import { inputSpec, integerTensor, realTensor, takeReal } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { createAddedConditions } from './added-conditions.ts';
import type { Evaluate, Evaluation } from './predictor.ts';

/** @throws {StudioError} `bad-request` if the graph is for another size or shorter prompts; `model-invalid` */
export function evaluateUnet(
  session: Session,
  { guidanceEmbeddingWidth, spatialFactor, latentChannels, readsMask, xl }: ImageModel,
  { conditioning, guidanceScale, size, signal }: Evaluation,
): Evaluate {
  const { isGuided, at: embeddingsAt } = conditioning;
  const { width: latentWidth, height: latentHeight } = size;
  const { batch, length } = embeddingsAt(1);
  const channels = readsMask ? 2 * latentChannels + 1 : latentChannels;
  const shape = [channels, latentHeight, latentWidth] as const;
  const sampleSpec = inputSpec(session, 'sample');
  const timestepSpec = inputSpec(session, 'timestep');
  const statesSpec = inputSpec(session, 'encoder_hidden_states');
  checkFixedSize(sampleSpec, shape, spatialFactor);
  const fixedLength = statesSpec.dims[1];
  if (typeof fixedLength === 'number' && fixedLength > 0 && fixedLength !== length) {
    throw new StudioError(
      'bad-request',
      `This model reads prompts of one chunk only (${fixedLength - 2} tokens). Shorten the prompt or the negative prompt.`,
    );
  }
  /** Made anew only when the prompts change. */
  const tensors = new WeakMap<TextEmbeddings, Tensor>();
  const statesOf = (embeddings: TextEmbeddings): Tensor => {
    const known = tensors.get(embeddings);
    if (known) return known;
    const { values, length: tokens, width } = embeddings;
    const made = realTensor(statesSpec, values, [batch, tokens, width]);
    tensors.set(embeddings, made);
    return made;
  };
  const added = xl
    ? createAddedConditions(
        session,
        xl,
        isGuided,
        latentHeight * spatialFactor,
        latentWidth * spatialFactor,
      )
    : () => ({});
  const guidanceEmbedding =
    guidanceEmbeddingWidth === null
      ? {}
      : { timestep_cond: guidanceEmbeddingOf(session, guidanceScale, guidanceEmbeddingWidth) };

  return async (own, timestep, embeddings) => {
    const sample = new Float32Array(own.length * batch);
    for (let copy = 0; copy < batch; copy += 1) sample.set(own, copy * own.length);
    const { out_sample: output } = await session.run(
      {
        sample: realTensor(sampleSpec, sample, [batch, ...shape]),
        timestep: timestepTensor(timestepSpec, timestep, batch),
        encoder_hidden_states: statesOf(embeddings),
        ...added(embeddings),
        ...guidanceEmbedding,
      },
      { signal },
    );
    const { values } = await takeReal(output, 'out_sample', [
      batch,
      latentChannels,
      latentHeight,
      latentWidth,
    ]);
    return values;
  };
}

/** Some exports, for one kind of device, hold the size of the picture. */
function checkFixedSize(
  { dims }: ValueSpec,
  [, height, width]: readonly [number, number, number],
  spatialFactor: number,
): void {
  const [, , fixedHeight, fixedWidth] = dims;
  const fits = (fixed: number | string | undefined, side: number) =>
    typeof fixed !== 'number' || fixed === side;
  if (fits(fixedHeight, height) && fits(fixedWidth, width)) return;
  const pixels = (fixed: number | string | undefined, side: number) =>
    (typeof fixed === 'number' ? fixed : side) * spatialFactor;
  throw new StudioError(
    'bad-request',
    `This model draws pictures of ${pixels(fixedWidth, width)} × ${pixels(fixedHeight, height)} pixels only. Choose that size.`,
  );
}

/** A graph may want the timestep once, as a scalar, or for each row of the batch. */
function timestepTensor(spec: ValueSpec, timestep: number, batch: number) {
  const [rowsDeclared] = spec.dims;
  if (rowsDeclared === undefined) return integerTensor(spec, [timestep], []);
  // Optimum names the dimension "steps" and means one for all rows.
  const named = String(rowsDeclared).includes('batch') ? batch : 1;
  const rows = typeof rowsDeclared === 'number' ? rowsDeclared : named;
  return integerTensor(
    spec,
    Array.from({ length: rows }, () => timestep),
    [rows],
  );
}

/**
 * Sinusoidal embedding of the guidance scale, [1, width].
 * Source: Meng et al. 2023, arXiv:2210.03142, as in diffusers' `get_guidance_scale_embedding`
 */
function guidanceEmbeddingOf(session: Session, guidanceScale: number, width: number) {
  const half = Math.floor(width / 2);
  const scaled = (guidanceScale - 1) * 1000;
  const values = Float32Array.from({ length: width }, (_, index) => {
    if (index >= 2 * half) return 0;
    const angle = scaled * Math.exp((-Math.log(10_000) * (index % half)) / (half - 1));
    return index < half ? Math.sin(angle) : Math.cos(angle);
  });
  return realTensor(inputSpec(session, 'timestep_cond'), values, [1, width]);
}
