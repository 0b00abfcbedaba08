/** The open graphs of one text model. */
import type { WeightFormat } from '../../../contract/decoding.ts';
import type { SessionPool } from '../session.ts';
import type { DecoderSessions } from './decoder.ts';
import { chooseGraph } from './graph-choice.ts';
import type { TextModel } from './text-model.ts';

export interface TextSessions extends DecoderSessions, AsyncDisposable {}

/**
 * @param weights null for the most exact
 * @returns sessions on lease; disposing gives them back
 * @throws {StudioError} as `chooseGraph` and `SessionPool.borrow`
 */
export async function borrowTextSessions(
  pool: SessionPool,
  model: TextModel,
  weights: WeightFormat | null,
  signal?: AbortSignal,
): Promise<TextSessions> {
  const graph = chooseGraph(model.graphs, weights);
  const options = { runs: 'short', ...(signal ? { signal } : {}) } as const;
  await using leases = new AsyncDisposableStack();
  const first = leases.use(await pool.borrow(model.id, graph.path, options));
  const next =
    graph.withPastPath === null
      ? null
      : leases.use(await pool.borrow(model.id, graph.withPastPath, options));
  const owned = leases.move();
  const { session } = first;
  return {
    session,
    withPast: next?.session ?? null,
    allocate: graph.sharesCache ? (type, dims) => session.allocate(type, dims) : null,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
