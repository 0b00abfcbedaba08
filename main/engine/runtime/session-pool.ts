/**
 * Sessions kept open under a memory budget.
 *
 * Promises: a graph is opened once however many ask for it at the same time; a session on lease is
 * never released; idle ones go, least recently used first, when the budget is exceeded, except the
 * one used last, so that a model larger than the budget still runs; a file that changed on disk is
 * opened anew; a graph that the chosen provider cannot open runs on the processor instead; a graph with
 * an edit is a session of its own, whose weights still come from the original's files.
 */
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../../contract/errors.ts';
import type { ProviderName } from '../../../contract/system.ts';
import type {
  GraphEdit,
  GraphModule,
  OpenOptions,
  Session,
  SessionLease,
  SessionPool,
} from '../session.ts';
import { createGraphCache } from './graph-cache.ts';
import { editGraph, listModules } from './graph-edit.ts';
import { graphName, inspectGraphFile, type GraphFile } from './graph-file.ts';
import { readGraphStructure } from './graph-structure.ts';
import type { Onnxruntime } from './load-onnxruntime.ts';
import { createNodeRuntime } from './node-runtime.ts';
import { allocationFailure, firstLine, throwIfAborted } from './run-checks.ts';
import type { Runtime, SessionSettings } from './runtime.ts';

export interface SessionPoolOptions {
  readonly onnxruntime: Onnxruntime;
  /** Opens what it serves; null where it cannot be had, and onnxruntime-node opens everything. */
  readonly native?: Runtime | null;
  readonly provider: ProviderName;
  /** Other providers for single parts, by the name of the graph's folder. */
  readonly partProviders?: Readonly<Record<string, ProviderName>>;
  /** Threads inside one operator; 0 leaves it to the runtime (one per physical core). */
  readonly threads: number;
  readonly memoryBudgetBytes: number;
  /** Holds optimised graphs. */
  readonly cacheFolder: string;
  /** Memory that the system could still give, bytes. */
  readonly availableMemoryBytes?: () => number;
}

export interface OnnxSessionPool extends SessionPool, AsyncDisposable {
  /** Models with at least one open session. */
  readonly loadedModels: readonly string[];
  /** What the open sessions are reckoned to hold. */
  readonly residentBytes: number;
  /** Paths of the graphs that are open now. */
  readonly openGraphs: readonly string[];
  /** Sessions opened so far. */
  readonly openedSessions: number;
  /** Graphs that the provider could not open, with the reason, by file name. */
  readonly fallbacks: ReadonlyMap<string, string>;
}

/** A graph's file, with what is changed before it is opened. */
interface EditedGraph extends GraphFile {
  readonly edit: GraphEdit | null;
  readonly runs: 'short' | 'long';
}

interface Entry {
  readonly modelId: string;
  readonly key: string;
  readonly graph: EditedGraph;
  readonly opening: Promise<Session>;
  /** Null until opened. */
  session: Session | null;
  bytes: number;
  leases: number;
  /** Counts up with every use; larger is more recent. */
  lastUse: number;
  /** Released as soon as the last lease is given back, and lent to nobody else. */
  doomed: boolean;
}

/**
 * `all` lays convolution weights out anew: 20 % less time per decoded picture of the starter model,
 * but many seconds more for opening a graph of gigabytes, whose steps it made no faster.
 */
function optimisationOf({ sizeBytes }: GraphFile): 'all' | 'extended' {
  return sizeBytes <= 512 * 2 ** 20 ? 'all' : 'extended';
}

export function createSessionPool({
  onnxruntime,
  native = null,
  provider,
  partProviders = {},
  threads,
  memoryBudgetBytes,
  cacheFolder,
  availableMemoryBytes = () => process.availableMemory(),
}: SessionPoolOptions): OnnxSessionPool {
  const portable = createNodeRuntime(onnxruntime);
  const entries = new Map<string, Entry>();
  const fallbacks = new Map<string, string>();
  const modulesOf = new Map<string, { ownMark: string; modules: readonly GraphModule[] }>();
  const cache = createGraphCache({
    folder: join(cacheFolder, 'graphs'),
    recipe: `onnxruntime ${onnxruntime.env.versions.common} cpu all ≤ 512 MiB < extended`,
  });
  let uses = 0;
  let openedSessions = 0;
  /** Opens wait for each other: they block the thread anyway, and room is made for one at a time. */
  let lastOpen: Promise<unknown> = Promise.resolve();

  function create(
    { path, edit, runs }: EditedGraph,
    on: ProviderName,
    {
      optimisation,
      saveOptimisedTo = null,
    }: Pick<SessionSettings, 'optimisation'> & Partial<Pick<SessionSettings, 'saveOptimisedTo'>>,
  ): Promise<Session> {
    const runtime = native?.serves(on) ? native : portable;
    const bytes = edit === null ? null : editGraph(path, readGraphStructure(path), edit);
    return runtime.open(
      { path, bytes },
      {
        provider: on,
        threads,
        // Threads that spin while they wait take cores from the studio and from each other: on two
        // shared cores a denoising step took twice as long with them, and half as much processor time without.
        spinning: runs === 'short',
        optimisation,
        saveOptimisedTo,
        // The weights of an edited graph are where they were.
        weightsFolder: bytes === null ? null : dirname(path),
      },
    );
  }

  function openOnProcessor(graph: EditedGraph): Promise<Session> {
    return cache.open(graph, {
      original: (saveOptimisedTo) =>
        create(graph, 'cpu', { optimisation: optimisationOf(graph), saveOptimisedTo }),
      optimised: (path) =>
        create({ ...graph, path, edit: null }, 'cpu', { optimisation: 'disabled' }),
    });
  }

  async function openSession(graph: EditedGraph): Promise<Session> {
    const on = partProviders[basename(dirname(graph.path))] ?? provider;
    if (on !== 'cpu') {
      try {
        const edit = graph.edit && { ...graph.edit, int8Linear: false };
        return await create({ ...graph, edit }, on, { optimisation: optimisationOf(graph) });
      } catch (error) {
        if (error instanceof StudioError) throw error;
        fallbacks.set(graphName(graph.path), firstLine(StudioError.from(error).message));
      }
    }
    try {
      return await openOnProcessor(graph);
    } catch (error) {
      throw openError(graph.path, error);
    }
  }

  function resident(): number {
    let bytes = 0;
    for (const entry of entries.values()) bytes += entry.bytes;
    return bytes;
  }

  async function close(entry: Entry): Promise<void> {
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    await entry.session?.[Symbol.asyncDispose]();
  }

  /** Releases idle sessions until `neededBytes` more fit into the budget. */
  async function makeRoom(neededBytes: number, spared: Entry | null): Promise<void> {
    const idle = [...entries.values()]
      .filter((entry) => entry.leases === 0 && entry.session !== null && entry !== spared)
      .sort((a, b) => a.lastUse - b.lastUse);
    for (const entry of idle) {
      if (resident() + neededBytes <= memoryBudgetBytes) return;
      await close(entry);
    }
  }

  async function open(entry: Entry): Promise<Session> {
    const { graph, modelId } = entry;
    await makeRoom(graph.sizeBytes, entry);
    const available = availableMemoryBytes();
    if (graph.sizeBytes > available) {
      throw new StudioError(
        'out-of-memory',
        `The model "${modelId}" needs about ${inMegabytes(graph.sizeBytes)} of memory, but only ${inMegabytes(available)} are free. Close other programs or choose a smaller model.`,
        { neededBytes: graph.sizeBytes, availableBytes: available },
      );
    }
    const before = process.memoryUsage.rss();
    const session = await openSession(graph);
    openedSessions += 1;
    entry.session = session;
    // Weights may be widened (f16 on the processor) or mapped: the larger of both views is safe.
    entry.bytes = Math.max(graph.sizeBytes, process.memoryUsage.rss() - before);
    // Released while it was being opened, and whoever asked for it has left.
    if (entry.doomed && entry.leases === 0) await close(entry);
    return session;
  }

  function start(modelId: string, key: string, graph: EditedGraph): Entry {
    const previous = lastOpen;
    const opening = previous.then(() => open(entry));
    // A failed open must not keep the next one from starting.
    lastOpen = opening.catch(() => {});
    const entry: Entry = {
      modelId,
      key,
      graph,
      opening,
      session: null,
      bytes: graph.sizeBytes,
      leases: 0,
      lastUse: 0,
      doomed: false,
    };
    entries.set(key, entry);
    opening.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return entry;
  }

  async function giveBack(entry: Entry): Promise<void> {
    entry.leases -= 1;
    entry.lastUse = ++uses;
    if (entry.leases > 0 || entry.session === null) return;
    if (entry.doomed) await close(entry);
    else await makeRoom(0, entry);
  }

  function lend(entry: Entry, session: Session): SessionLease {
    let returned = false;
    return {
      session,
      async [Symbol.asyncDispose]() {
        if (returned) return;
        returned = true;
        await giveBack(entry);
      },
    };
  }

  async function doom(entry: Entry): Promise<void> {
    entry.doomed = true;
    if (entries.get(entry.key) === entry) entries.delete(entry.key);
    if (entry.leases === 0) await close(entry);
  }

  return {
    get loadedModels() {
      return [
        ...new Set(
          [...entries.values()].filter(({ session }) => session).map(({ modelId }) => modelId),
        ),
      ];
    },
    get residentBytes() {
      return resident();
    },
    get openGraphs() {
      return [...entries.values()].filter(({ session }) => session).map(({ graph }) => graph.path);
    },
    get openedSessions() {
      return openedSessions;
    },
    fallbacks,

    async borrow(modelId, graphPath, { signal, edit, runs = 'long' }: OpenOptions = {}) {
      throwIfAborted(signal);
      const path = resolve(graphPath);
      const editKey = edit ? `#${JSON.stringify(edit)}` : '';
      const key = `${path}${editKey}${runs === 'short' ? '#short' : ''}`;
      const file = await inspectGraphFile(path, entries.get(key)?.graph);
      const fingerprint = `${file.fingerprint}${editKey}`;
      const graph = { ...file, fingerprint, edit: edit ?? null, runs };
      const cached = entries.get(key);
      if (cached && cached.graph.fingerprint !== graph.fingerprint) await doom(cached);
      const entry = entries.get(key) ?? start(modelId, key, graph);
      entry.leases += 1;
      try {
        const session = await untilAborted(entry.opening, signal);
        entry.lastUse = ++uses;
        return lend(entry, session);
      } catch (error) {
        // An open that nobody waits for any more still ends; its session then stays cached.
        await giveBack(entry);
        throw error;
      }
    },

    async modules(graphPath) {
      const path = resolve(graphPath);
      const { ownMark } = await inspectGraphFile(path);
      const known = modulesOf.get(path);
      if (known?.ownMark === ownMark) return known.modules;
      const modules = listModules(readGraphStructure(path));
      modulesOf.set(path, { ownMark, modules });
      return modules;
    },

    async release(modelId) {
      const chosen = [...entries.values()].filter(
        (entry) => modelId === null || entry.modelId === modelId,
      );
      await Promise.all(chosen.map(doom));
    },

    async [Symbol.asyncDispose]() {
      await this.release(null);
    },
  };
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  throwIfAborted(signal);
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_resolve, reject) => {
        onAbort = () => reject(new StudioError('cancelled', 'Cancelled.'));
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

function openError(graphPath: string, thrown: unknown): StudioError {
  if (thrown instanceof StudioError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (allocationFailure.test(message)) {
    return new StudioError(
      'out-of-memory',
      `There is not enough memory to open ${graphName(graphPath)}. Close other programs or choose a smaller model.`,
      { file: graphPath },
      { cause: thrown },
    );
  }
  return new StudioError(
    'model-invalid',
    `The model file ${graphName(graphPath)} is damaged or of a kind that this version cannot run. Import the model again. (${firstLine(message)})`,
    { file: graphPath },
    { cause: thrown },
  );
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MB`;
}
