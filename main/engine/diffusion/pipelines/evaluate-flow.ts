/** The transformers of Stable Diffusion 3 and of Flux: the velocity along a rectified flow. */
import { StudioError } from '../../../../contract/errors.ts';
import type { Session, ValueSpec } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import type { TextEmbeddings } from '../conditioning/conditioning.ts';
import type { FlowTransformer, FluxTransformer, Sd3Transformer } from '../flow-transformer.ts';
import { inputSpec, realTensor, takeReal } from '../graph-tensors.ts';
import type { ImageModel } from '../image-model.ts';
import { packLatents, patchPlaces, unpackLatents } from './pack-latents.ts';
import type { Evaluate, Evaluation } from './predictor.ts';

/** Timesteps are thousandths of the noise level, which Flux is told itself. */
const timestepsPerSigma = 1000;

/** @throws {StudioError} `bad-request` if the transformer is not made for the size; `model-invalid` */
export function evaluateFlow(
  session: Session,
  model: ImageModel,
  flow: FlowTransformer,
  evaluation: Evaluation,
): Evaluate {
  switch (flow.kind) {
    case 'sd3':
      return evaluateSd3(session, model, flow, evaluation);
    case 'flux':
      return evaluateFlux(session, model, flow, evaluation);
    default:
      return flow satisfies never;
  }
}

function evaluateSd3(
  session: Session,
  { latentChannels, spatialFactor }: ImageModel,
  { maxPatches, patchSize }: Sd3Transformer,
  { conditioning, size, signal }: Evaluation,
): Evaluate {
  const { batch } = conditioning.at(1);
  const { width, height } = size;
  if (Math.max(width, height) > maxPatches * patchSize) {
    throw new StudioError(
      'bad-request',
      `This model draws at most ${maxPatches * patchSize * spatialFactor} pixels along a side. Choose a smaller size, or let the picture be enlarged afterwards.`,
    );
  }
  const latentsSpec = inputSpec(session, 'hidden_states');
  const timestepSpec = inputSpec(session, 'timestep');
  const told = createTold(session);
  const shape = [batch, latentChannels, height, width] as const;

  return async (own, timestep, embeddings) => {
    const feeds = {
      hidden_states: realTensor(latentsSpec, repeated(own, batch), shape),
      timestep: everyRow(timestepSpec, timestep, batch),
      ...told(embeddings),
    };
    return await runOnce(session, feeds, shape, signal);
  };
}

function evaluateFlux(
  session: Session,
  { latentChannels, spatialFactor }: ImageModel,
  { patchSize, readsGuidance }: FluxTransformer,
  { conditioning, guidanceScale, size, signal }: Evaluation,
): Evaluate {
  const { batch, length } = conditioning.at(1);
  const { width, height } = size;
  if (width % patchSize !== 0 || height % patchSize !== 0) {
    throw new StudioError(
      'bad-request',
      `Pictures and tiles must be multiples of ${patchSize * spatialFactor} pixels for this model. Change the size.`,
    );
  }
  const tokens = (width / patchSize) * (height / patchSize);
  const shape = [batch, tokens, latentChannels * patchSize ** 2] as const;
  const latentsSpec = inputSpec(session, 'hidden_states');
  const timestepSpec = inputSpec(session, 'timestep');
  const told = createTold(session);
  const constant = {
    img_ids: placesTensor(inputSpec(session, 'img_ids'), patchPlaces(size), batch),
    txt_ids: placesTensor(inputSpec(session, 'txt_ids'), new Float32Array(length * 3), batch),
    ...(readsGuidance
      ? { guidance: everyRow(inputSpec(session, 'guidance'), guidanceScale, batch) }
      : {}),
  };

  return async (own, timestep, embeddings) => {
    const packed = repeated(packLatents(own, size), batch);
    const feeds = {
      hidden_states: realTensor(latentsSpec, packed, shape),
      timestep: everyRow(timestepSpec, timestep / timestepsPerSigma, batch),
      ...constant,
      ...told(embeddings),
    };
    const velocity = await runOnce(session, feeds, shape, signal);
    const values = new Float32Array(velocity.length);
    const rowSize = velocity.length / batch;
    for (let row = 0; row < batch; row += 1) {
      const part = velocity.subarray(row * rowSize, (row + 1) * rowSize);
      values.set(unpackLatents(part, size), row * rowSize);
    }
    return values;
  };
}

/** @returns what is told of the prompts, made anew only when they change */
function createTold(session: Session): (embeddings: TextEmbeddings) => Record<string, Tensor> {
  const statesSpec = inputSpec(session, 'encoder_hidden_states');
  const pooledSpec = inputSpec(session, 'pooled_projections');
  const known = new WeakMap<TextEmbeddings, Record<string, Tensor>>();
  return (embeddings) => {
    const made = known.get(embeddings) ?? make(embeddings);
    known.set(embeddings, made);
    return made;
  };

  function make({ values, batch, length, width, pooled }: TextEmbeddings): Record<string, Tensor> {
    if (!pooled)
      throw new StudioError('internal', 'The prompt was not encoded as a whole. Try again.');
    return {
      encoder_hidden_states: realTensor(statesSpec, values, [batch, length, width]),
      pooled_projections: realTensor(pooledSpec, pooled.values, [batch, pooled.width]),
    };
  }
}

async function runOnce(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  shape: readonly number[],
  signal: AbortSignal,
): Promise<Float32Array> {
  // Exports name their one output in several ways.
  const name = session.outputs[0]?.name ?? 'out_hidden_states';
  const outputs = await session.run(feeds, { signal });
  return (await takeReal(outputs[name], name, shape)).values;
}

function repeated(values: Float32Array, batch: number): Float32Array {
  const all = new Float32Array(values.length * batch);
  for (let row = 0; row < batch; row += 1) all.set(values, row * values.length);
  return all;
}

/** A graph may want one value for all rows, as a scalar or not, or one for each. */
function everyRow(spec: ValueSpec, value: number, batch: number): Tensor {
  const [declared] = spec.dims;
  if (declared === undefined) return realTensor(spec, Float32Array.of(value), []);
  const rows = typeof declared === 'number' ? declared : batch;
  return realTensor(spec, new Float32Array(rows).fill(value), [rows]);
}

/** Earlier exports want the places for each row of the batch, later ones once. */
function placesTensor(spec: ValueSpec, places: Float32Array, batch: number): Tensor {
  const own = [places.length / 3, 3];
  return spec.dims.length === 3
    ? realTensor(spec, repeated(places, batch), [batch, ...own])
    : realTensor(spec, places, own);
}
