/** What the pool opens graphs with. Two of them exist: `native/` and onnxruntime-node. */
import type { ProviderName } from '../../../contract/system.ts';
import type { Session } from '../session.ts';

export interface SessionSettings {
  readonly provider: ProviderName;
  /** Threads inside one operator; 0 leaves it to the runtime (one per physical core). */
  readonly threads: number;
  /** Whether threads spin while they wait for each other in a run; between runs none does. */
  readonly spinning: boolean;
  readonly optimisation: 'disabled' | 'extended' | 'all';
  /** Where the optimised graph is written to. */
  readonly saveOptimisedTo: string | null;
  /** Where a graph given as bytes finds the weights that it names by file. */
  readonly weightsFolder: string | null;
}

export interface GraphSource {
  /** Names the graph in messages; read unless `bytes` are given. */
  readonly path: string;
  /** The graph itself, where it is not what lies in the file. */
  readonly bytes: Uint8Array | null;
}

export interface Runtime {
  readonly version: string;
  serves(provider: ProviderName): boolean;
  /**
   * @returns a session that the caller owns
   * @throws {StudioError} `unsupported` if an input or output has a type that the studio does not know
   * @throws {Error} with the library's words if it cannot open the graph
   */
  open(graph: GraphSource, settings: SessionSettings): Promise<Session>;
}
