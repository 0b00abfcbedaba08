/**
 * Keeps one engine process alive and reachable.
 *
 * Promises: whatever happens to the engine, every pending call rejects with `engine-stopped` and a
 * fresh engine is started, with growing pauses after repeated failures; work that was cancelled
 * and does not stop within the grace period costs the engine its life, never the studio its; after
 * `close` no engine process is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  engineContract,
  type EngineClient,
  type EngineConfig,
  type EngineReport,
} from '../../../contract/engine.ts';
import { StudioError } from '../../../contract/errors.ts';
import type { EngineStatus } from '../../../contract/system.ts';
import { createClient } from '../../../contract/wire/client.ts';
import { createLatestBroadcast } from '../broadcast.ts';
import type { EngineProcess } from '../host-ports.ts';

export interface EngineSupervisor {
  readonly status: EngineStatus;
  /** Version of the runtime that the engine uses; null until an engine was ready. */
  readonly onnxruntimeVersion: string | null;
  watch(signal: AbortSignal): AsyncIterable<EngineStatus>;
  /** The live engine's client, once it is ready. @throws {StudioError} `engine-stopped`, `cancelled` */
  client(signal?: AbortSignal): Promise<EngineClient>;
  /**
   * The live engine for one piece of work. If `signal` has aborted by the time the lease is
   * disposed, disposing waits until the engine is idle; one that is still not idle after the grace
   * period is ended and replaced.
   * @throws {StudioError} `engine-stopped`, `cancelled`
   */
  lease(signal: AbortSignal): Promise<EngineLease>;
  configure(config: EngineConfig): Promise<void>;
  /** Ends the engine and starts another; clears a give-up. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface EngineLease extends AsyncDisposable {
  readonly client: EngineClient;
}

export interface SupervisorOptions {
  readonly fork: () => EngineProcess;
  readonly config: EngineConfig;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
  /** How long cancelled work may go on. */
  readonly graceMs?: number;
  /** How often the engine is asked how it does. */
  readonly reportEveryMs?: number;
  /** Pauses before the start after 0, 1, 2, … failures in a row; then the supervisor gives up. */
  readonly restartPausesMs?: readonly number[];
}

const defaultRestartPausesMs = [0, 250, 1000, 3000, 8000];
/** An engine that lived this long has proved itself: its death starts the count anew. */
const provenAfterMs = 30_000;

interface Live {
  readonly process: EngineProcess;
  readonly client: EngineClient;
  readonly startedAt: number;
}

export function createEngineSupervisor({
  fork,
  config: initialConfig,
  log,
  graceMs = 2000,
  reportEveryMs = 1000,
  restartPausesMs = defaultRestartPausesMs,
}: SupervisorOptions): EngineSupervisor {
  let config = initialConfig;
  let closed = false;
  let failures = 0;
  let activeWork = 0;
  let live: Live | null = null;
  let onnxruntimeVersion: string | null = null;
  let ready: Promise<EngineClient>;
  let status: EngineStatus = {
    state: 'starting',
    pid: null,
    provider: null,
    providers: [],
    runtime: null,
    loadedModels: [],
    memoryBytes: 0,
    crashes: 0,
    message: null,
  };
  const broadcast = createLatestBroadcast<EngineStatus>(() => status);

  function setStatus(change: Partial<EngineStatus>): void {
    status = { ...status, ...change };
    broadcast.publish(status);
  }

  function setReport(report: EngineReport): void {
    onnxruntimeVersion = report.onnxruntimeVersion;
    setStatus({
      state: activeWork > 0 ? 'busy' : 'ready',
      pid: report.pid,
      provider: report.provider,
      providers: report.providers,
      runtime: report.runtime,
      loadedModels: report.loadedModels,
      memoryBytes: report.memoryBytes,
    });
  }

  /** Starts a process and resolves when it has answered its configuration. */
  async function start(): Promise<EngineClient> {
    const pauseMs = restartPausesMs[failures];
    if (pauseMs === undefined) {
      setStatus({ state: 'stopped', pid: null });
      throw new StudioError(
        'engine-stopped',
        `The engine cannot be kept running. ${status.message ?? ''} Restart it from the engine menu.`,
      );
    }
    if (pauseMs > 0) await sleep(pauseMs);
    if (closed) throw stoppedError('The studio is closing.');
    const child = forkOrGiveUp();
    const client = createClient(engineContract, child.transport, { closedError: stoppedError });
    const own: Live = { process: child, client, startedAt: performance.now() };
    live = own;
    setStatus({ state: failures > 0 ? 'restarting' : 'starting', pid: child.pid });
    child.transport.onClose((reason) => onStopped(own, reason));
    const report = await client['engine.configure'](config);
    setReport(report);
    log(
      'info',
      `The engine is ready on ${report.provider} (onnxruntime ${report.onnxruntimeVersion}).`,
    );
    void poll(own);
    return client;
  }

  function forkOrGiveUp(): EngineProcess {
    try {
      return fork();
    } catch (cause) {
      const message = `The engine cannot be started: ${StudioError.from(cause).message}`;
      failures = restartPausesMs.length;
      log('error', message);
      setStatus({ state: 'stopped', message });
      throw new StudioError('engine-stopped', message, undefined, { cause });
    }
  }

  function begin(): void {
    ready = start();
    // Whoever needs the engine learns of the failure; nobody may need it.
    ready.catch(() => {});
  }

  function onStopped(own: Live, reason: string): void {
    own.process.kill();
    if (live !== own) return;
    live = null;
    if (closed) return;
    const proven = performance.now() - own.startedAt > provenAfterMs;
    failures = proven ? 1 : failures + 1;
    log('error', `${reason} It is being restarted.`);
    setStatus({
      state: 'restarting',
      pid: null,
      memoryBytes: 0,
      loadedModels: [],
      crashes: status.crashes + 1,
      message: reason,
    });
    begin();
  }

  async function poll(own: Live): Promise<void> {
    while (live === own && !closed) {
      await sleep(reportEveryMs, undefined, { ref: false });
      if (live !== own) return;
      try {
        setReport(await own.client['engine.report']({}));
        if (performance.now() - own.startedAt > provenAfterMs) failures = 0;
      } catch {
        // Its death is handled where the transport closes.
        return;
      }
    }
  }

  /** Ends the engine unless it answers within the grace period, which it can only do between runs. */
  async function enforceGrace(own: Live): Promise<void> {
    const answered = own.client['engine.report']({}).then(
      () => true,
      () => true,
    );
    const idle = await Promise.race([answered, sleep(graceMs, false, { ref: false })]);
    if (idle || live !== own) return;
    log('warning', `Cancelled work did not stop within ${graceMs} ms; the engine was replaced.`);
    replace(own, 'The engine was replaced to stop cancelled work.');
  }

  /** A planned end: not counted as a crash. */
  function replace(own: Live, message: string): void {
    live = null;
    setStatus({ state: 'restarting', pid: null, memoryBytes: 0, loadedModels: [], message });
    own.process.transport.close(message);
    own.process.kill();
    begin();
  }

  begin();

  return {
    get status() {
      return status;
    },
    get onnxruntimeVersion() {
      return onnxruntimeVersion;
    },
    watch: (signal) => broadcast.subscribe(signal),

    async client(signal) {
      if (closed) throw stoppedError('The studio is closing.');
      if (!signal) return ready;
      signal.throwIfAborted();
      return Promise.race([
        ready,
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener(
            'abort',
            () => reject(new StudioError('cancelled', 'Cancelled.')),
            { once: true },
          );
        }),
      ]);
    },

    async lease(signal) {
      const client = await this.client(signal);
      const own = live;
      activeWork += 1;
      setStatus({ state: 'busy' });
      return {
        client,
        async [Symbol.asyncDispose]() {
          activeWork -= 1;
          if (own === null || live !== own) return;
          if (activeWork === 0) setStatus({ state: 'ready' });
          if (signal.aborted) await enforceGrace(own);
        },
      };
    },

    async configure(next) {
      config = next;
      const client = await ready.catch(() => null);
      if (client && live) setReport(await client['engine.configure'](next));
    },

    async restart() {
      failures = 0;
      if (live) replace(live, 'The engine was restarted.');
      else begin();
      await ready;
    },

    async close() {
      closed = true;
      const own = live;
      live = null;
      if (!own) return;
      own.process.transport.close('The studio is closing.');
      own.process.kill();
      await own.process.exited;
    },
  };
}

function stoppedError(reason: string): StudioError {
  return new StudioError('engine-stopped', `${reason} Try again.`);
}
