/** Prompts to the embeddings that the UNet attends to. */
import { StudioError } from '../../../contract/errors.ts';
import type { Session } from '../session.ts';
import { inputSpec, integerTensor, takeReal, type RealValues } from './graph-tensors.ts';
import { chunkCountOf, toChunks } from './prompt/chunks.ts';
import type { ClipTokenizer } from './prompt/clip-tokenizer.ts';

export interface TextEmbeddings {
  /** f32 [batch, length, width], row by row in the order of the prompts. */
  readonly values: Float32Array;
  readonly batch: number;
  readonly length: number;
  readonly width: number;
}

/**
 * Encodes prompts to the same number of chunks, so that they can share a batch.
 * @param prompts unconditional first, where guidance needs one
 * @throws {StudioError} `model-invalid`
 */
export async function encodePrompts(
  session: Session,
  tokenizer: ClipTokenizer,
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<TextEmbeddings> {
  const ids = prompts.map((prompt) => tokenizer.encode(prompt));
  const chunks = Math.max(...ids.map(({ length }) => chunkCountOf(length, tokenizer)));
  const laidOut = ids.map((own) => toChunks(own, chunks, tokenizer));
  const spec = inputSpec(session, 'input_ids');
  const parts: RealValues[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const batch = laidOut.flatMap((own) => own[chunk] ?? []);
    const { last_hidden_state: hidden } = await session.run(
      { input_ids: integerTensor(spec, batch, [prompts.length, tokenizer.maxLength]) },
      { signal, outputs: ['last_hidden_state'] },
    );
    parts.push(await takeReal(hidden, 'last_hidden_state', [prompts.length, null, null]));
  }
  return joinChunks(parts, prompts.length);
}

/** [batch, length, width] per chunk to [batch, chunks · length, width]. */
function joinChunks(parts: readonly RealValues[], batch: number): TextEmbeddings {
  const [first] = parts;
  if (!first) throw new StudioError('internal', 'The text encoder made nothing.');
  const [, length = 0, width = 0] = first.dims;
  if (parts.length === 1) return { values: first.values, batch, length, width };
  const rowSize = length * width;
  const values = new Float32Array(rowSize * parts.length * batch);
  for (let row = 0; row < batch; row += 1) {
    for (const [chunk, part] of parts.entries()) {
      values.set(
        part.values.subarray(row * rowSize, (row + 1) * rowSize),
        (row * parts.length + chunk) * rowSize,
      );
    }
  }
  return { values, batch, length: length * parts.length, width };
}
