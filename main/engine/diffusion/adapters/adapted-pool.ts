/** A pool that lends some of its graphs with adapters; whoever runs them sees the graph as it always is. */
import type { GraphEdit, OpenOptions, Session, SessionPool, Value } from '../../session.ts';
import type { Tensor } from '../../tensor/tensor.ts';

export type Feeds = Readonly<Record<string, Tensor | Value>>;

/** What makes up the inputs that an edit adds. */
export interface Feeder {
  /** Opens what it needs for as long as the adapted session is on lease. */
  open?(pool: SessionPool, signal: AbortSignal | undefined): Promise<AsyncDisposable>;
  /**
   * @param feeds what the pipeline feeds
   * @returns feeds for added inputs, and for those of the pipeline that change
   */
  feed(session: Session, feeds: Feeds, signal: AbortSignal | undefined): Promise<Feeds>;
}

export interface Adaptation {
  readonly edit: GraphEdit;
  readonly feeders: readonly Feeder[];
}

/** @param adaptations by the path of the graph */
export function adaptPool(
  pool: SessionPool,
  adaptations: ReadonlyMap<string, Adaptation>,
): SessionPool {
  return {
    async borrow(modelId: string, graphPath: string, options: OpenOptions = {}) {
      const adaptation = adaptations.get(graphPath);
      if (!adaptation) return await pool.borrow(modelId, graphPath, options);
      const { edit, feeders } = adaptation;
      await using opened = new AsyncDisposableStack();
      for (const feeder of feeders) {
        const own = await feeder.open?.(pool, options.signal);
        if (own) opened.use(own);
      }
      const lease = opened.use(
        await pool.borrow(modelId, graphPath, {
          ...options,
          edit: { ...edit, skippedLayers: options.edit?.skippedLayers ?? 0 },
        }),
      );
      const owned = opened.move();
      return {
        session: adaptSession(lease.session, feeders),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      };
    },
    modules: (graphPath) => pool.modules(graphPath),
    release: (modelId) => pool.release(modelId),
  };
}

const addedInputs = /\.lora_(?:down|up)$|^control\.|^freeu\.|^token_embedding\./;

function adaptSession(session: Session, feeders: readonly Feeder[]): Session {
  return {
    inputs: session.inputs.filter(({ name }) => !addedInputs.test(name)),
    outputs: session.outputs,
    provider: session.provider,
    get runMs() {
      return session.runMs;
    },
    allocate: (type, dims) => session.allocate(type, dims),
    async run(feeds, options) {
      const all = { ...feeds };
      for (const feeder of feeders)
        Object.assign(all, await feeder.feed(session, all, options?.signal));
      return await session.run(all, options);
    },
    // Whoever holds the lease gives the session back; it is not theirs to close.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
