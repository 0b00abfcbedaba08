/**
 * The `Session` interface over onnxruntime's C API.
 *
 * Promises: a run leaves the JavaScript thread and its feeds where they are, and ends soon after its
 * signal is aborted; values stay native until they are read; an output may be written into a value
 * of the caller's; nothing that a run uses is released before it ends, whatever the caller
 * disposes meanwhile.
 */
import { StudioError } from '../../../../contract/errors.ts';
import type { ProviderName } from '../../../../contract/system.ts';
import type { Session, Value } from '../../session.ts';
import type { Turns } from '../../turns.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import {
  checkFeeds,
  checkOutputs,
  misfit,
  released,
  runError,
  throwIfAborted,
} from '../run-checks.ts';
import type { NativeApi, Pointer } from './api-table.ts';
import type { GraphSignature } from './graph-signature.ts';
import { own, type Handle } from './handle.ts';
import { textBytes } from './session-options.ts';
import { check, pointerFrom } from './status.ts';
import { NativeValue, type Memory, type Values } from './values.ts';

export interface NativeSessionParts {
  readonly api: NativeApi;
  readonly values: Values;
  /** An `OrtSession`, which the result takes over. */
  readonly handle: Handle;
  readonly signature: GraphSignature;
  readonly graphPath: string;
  readonly provider: ProviderName;
  /** Taken by whatever occupies a thread. */
  readonly threads: Turns;
  /** Options of the runs that go on now, whoever's they are. */
  readonly interruptible: Set<Handle>;
}

export function createNativeSession({
  api,
  values,
  handle,
  signature: { inputs, outputs },
  graphPath,
  provider,
  threads,
  interruptible,
}: NativeSessionParts): Session {
  const inputNames = nativeNames(api, inputs);
  const outputNames = nativeNames(api, outputs);
  const everyOutput = outputs.map(({ name }) => name);
  const outputTypes = new Map(outputs.map(({ name, type }) => [name, type]));
  const running = new Set<Promise<unknown>>();
  let runMs = 0;
  let disposed = false;

  /**
   * Takes a hold on what the feeds lie in, before anything is awaited: the caller may dispose of its values
   * from then on. What is held is in `held` also where this throws.
   */
  async function hold(feeds: readonly (Tensor | Value)[], held: Memory[]): Promise<void> {
    const foreign: Promise<Tensor>[] = [];
    const places: number[] = [];
    for (const [index, feed] of feeds.entries()) {
      if (feed instanceof NativeValue) {
        feed.memory.retain();
        held[index] = feed.memory;
      } else if ('data' in feed) {
        held[index] = values.over(feed);
      } else {
        foreign.push(feed.read());
        places.push(index);
      }
    }
    for (const [index, tensor] of (await Promise.all(foreign)).entries())
      held[places[index] ?? 0] = values.over(tensor);
  }

  /** Takes a hold on what an output is written into; nobody else may write there until it is released. */
  function targetOf(name: string, into: Value): Memory {
    const type = outputTypes.get(name);
    if (!(into instanceof NativeValue))
      throw new StudioError(
        'internal',
        `The output "${name}" cannot go into another runtime's value.`,
      );
    const { memory } = into;
    if (type && memory.type !== type)
      throw misfit(graphPath, `makes ${type} as "${name}", not ${memory.type}`, name);
    if (memory.writing)
      throw new StudioError(
        'internal',
        `Two outputs were to go into one value, "${name}" and another.`,
      );
    memory.retain();
    memory.writing = true;
    return memory;
  }

  async function runNative(
    feeds: readonly Memory[],
    wanted: readonly string[],
    targets: readonly (Memory | null)[],
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, Value>>> {
    using runOptions = createRunOptions(api);
    const onAbort = (): void => check(api, api.RunOptionsSetTerminate(runOptions.pointer));
    const inputPointers = BigUint64Array.from(feeds, ({ pointer }) => pointer);
    const outputPointers = BigUint64Array.from(targets, (target) => target?.pointer ?? 0n);
    const wantedNames = BigUint64Array.from(
      wanted,
      (name) => outputNames.addresses.get(name) ?? 0n,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    interruptible.add(runOptions);
    const startedMs = performance.now();
    try {
      // What the callback mentions stays where it is until the run calls it.
      const { status } = await new Promise<{
        readonly status: Pointer | null;
        readonly kept: readonly unknown[];
      }>((resolve, reject) => {
        api.Run.async(
          handle.pointer,
          runOptions.pointer,
          api.addressOf(inputNames.table),
          api.addressOf(inputPointers),
          inputPointers.length,
          api.addressOf(wantedNames),
          wantedNames.length,
          api.addressOf(outputPointers),
          (error, result) =>
            error
              ? reject(error)
              : resolve({ status: result, kept: [inputPointers, wantedNames, inputNames] }),
        );
      });
      check(api, status);
    } finally {
      runMs += performance.now() - startedMs;
      signal?.removeEventListener('abort', onAbort);
      interruptible.delete(runOptions);
    }
    return takeOutputs(outputPointers, wanted, targets);
  }

  /** What the run made becomes the caller's, by name; on failure, nothing does. */
  function takeOutputs(
    pointers: BigUint64Array,
    names: readonly string[],
    targets: readonly (Memory | null)[],
  ): Readonly<Record<string, Value>> {
    const taken: Record<string, Value> = {};
    for (const [index, name] of names.entries()) {
      if (targets[index]) continue;
      try {
        taken[name] = new NativeValue(values.adopt(pointers[index] ?? 0n));
      } catch (error) {
        for (const value of Object.values(taken)) value[Symbol.dispose]();
        for (let rest = index + 1; rest < names.length; rest += 1)
          if (!targets[rest]) api.ReleaseValue(pointers[rest] ?? 0n);
        throw error;
      }
    }
    return taken;
  }

  async function runChecked(
    feeds: Readonly<Record<string, Tensor | Value>>,
    wanted: readonly string[],
    into: Readonly<Record<string, Value>>,
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, Value>>> {
    const checked = checkFeeds(graphPath, inputs, feeds);
    if (wanted !== everyOutput) checkOutputs(graphPath, outputs, wanted);
    checkOutputs(graphPath, outputs, Object.keys(into));
    const held: Memory[] = [];
    const holding = hold(checked, held);
    const targets: (Memory | null)[] = [];
    try {
      for (const name of wanted) {
        const target = into[name];
        targets.push(target ? targetOf(name, target) : null);
      }
      await holding;
      using _thread = await threads.take(signal);
      throwIfAborted(signal);
      return await runNative(held, wanted, targets, signal);
    } catch (thrown) {
      throwIfAborted(signal);
      throw thrown instanceof RangeError ? thrown : runError(graphPath, thrown);
    } finally {
      // A target that could not be had is thrown before the feeds are there.
      await holding.catch(() => {});
      // Skips the places of feeds that could not be had.
      held.forEach((memory) => memory.release());
      for (const target of targets) {
        if (!target) continue;
        target.writing = false;
        target.release();
      }
    }
  }

  return {
    inputs,
    outputs,
    provider,
    get runMs() {
      return runMs;
    },
    allocate: (type, dims) => new NativeValue(values.zeros(type, dims)),
    async run(feeds, { signal, outputs: wanted, into = {} } = {}) {
      if (disposed) throw released(graphPath);
      throwIfAborted(signal);
      const run = runChecked(feeds, wanted ?? everyOutput, into, signal);
      running.add(run);
      try {
        return await run;
      } finally {
        running.delete(run);
      }
    },
    async [Symbol.asyncDispose]() {
      if (disposed) return;
      disposed = true;
      await Promise.allSettled(running);
      using _thread = await threads.take();
      handle[Symbol.dispose]();
    },
  };
}

function createRunOptions(api: NativeApi): Handle {
  return own(
    pointerFrom(api, (out) => api.CreateRunOptions(out)),
    api.ReleaseRunOptions,
    'Options of a run',
  );
}

interface NativeNames {
  /** Addresses in the order of the graph, as `const char * const *`. */
  readonly table: BigUint64Array;
  readonly addresses: ReadonlyMap<string, Pointer>;
  /** What the addresses point to; kept so that it stays. */
  readonly bytes: readonly Uint8Array[];
}

function nativeNames(api: NativeApi, specs: readonly { readonly name: string }[]): NativeNames {
  const bytes = specs.map(({ name }) => textBytes(name));
  const addresses = new Map(
    specs.map(
      ({ name }, index) => [name, api.addressOf(bytes[index] ?? new Uint8Array())] as const,
    ),
  );
  return {
    table: BigUint64Array.from(specs, ({ name }) => addresses.get(name) ?? 0n),
    addresses,
    bytes,
  };
}
