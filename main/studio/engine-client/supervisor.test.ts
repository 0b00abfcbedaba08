import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultImageOptions } from '../../../contract/image-options.ts';
import type { DrawEvent, EngineClient, EngineConfig } from '../../../contract/engine.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import type { EngineProcess } from '../host-ports.ts';
import { forkNodeEngine } from './node-engine-process.ts';
import { createEngineSupervisor, type EngineSupervisor } from './supervisor.ts';

const entry = new URL('./fixtures/misbehaving-engine.ts', import.meta.url);
const config: EngineConfig = {
  provider: 'auto',
  partProviders: {},
  threads: 0,
  memoryBudgetBytes: 2 ** 30,
  cacheFolder: '/unused',
};
const open: EngineSupervisor[] = [];

function start(options: { readonly config?: EngineConfig; readonly graceMs?: number } = {}) {
  const processes: EngineProcess[] = [];
  const supervisor = createEngineSupervisor({
    fork: () => {
      const forked = forkNodeEngine(entry);
      processes.push(forked);
      return forked;
    },
    config: options.config ?? config,
    log: () => {},
    graceMs: options.graceMs ?? 300,
    reportEveryMs: 50,
    restartPausesMs: [0, 10, 20],
  });
  open.push(supervisor);
  return { supervisor, processes };
}

afterEach(async () => {
  for (const supervisor of open.splice(0)) await supervisor.close();
});

function settings(prompt: string, steps = 10): ImageSettings {
  return {
    modelId: 'none',
    prompt,
    negativePrompt: '',
    width: 64,
    height: 64,
    steps,
    guidanceScale: 1,
    scheduler: 'ddim',
    sigmaSchedule: 'normal',
    seed: 0,
    ...defaultImageOptions,
  };
}

/** Runs work on the engine as the studio does. */
async function run<T>(
  supervisor: EngineSupervisor,
  signal: AbortSignal,
  work: (client: EngineClient) => Promise<T>,
): Promise<T> {
  await using lease = await supervisor.lease(signal);
  return await work(lease.client);
}

function draw(
  prompt: string,
  signal = new AbortController().signal,
  onEvent: (event: DrawEvent) => void = () => {},
) {
  return async (client: EngineClient): Promise<DrawEvent[]> => {
    const events: DrawEvent[] = [];
    const stream = client['engine.draw'](
      { model: { id: 'none', folder: '/none' }, settings: settings(prompt), previews: false },
      { signal },
    );
    for await (const event of stream) {
      events.push(event);
      onEvent(event);
    }
    return events;
  };
}

const never = new AbortController().signal;

describe('the engine supervisor', () => {
  it('runs work and reports its state', async () => {
    const { supervisor } = start();
    const events = await run(supervisor, never, draw('steps'));
    expect(events.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 10 }, () => 'step'),
      'image',
    ]);
    expect(supervisor.status).toMatchObject({ state: 'ready', provider: 'cpu', crashes: 0 });
  });

  it('rejects the work of an engine that crashes and serves the next on a fresh one', async () => {
    const { supervisor, processes } = start();
    await expect(run(supervisor, never, draw('crash'))).rejects.toMatchObject({
      code: 'engine-stopped',
    });
    expect(await run(supervisor, never, draw('steps'))).toHaveLength(11);
    expect(processes).toHaveLength(2);
    expect(supervisor.status.crashes).toBe(1);
  });

  it('survives kill -9 in the middle of work: everything pending rejects', async () => {
    const { supervisor } = start();
    const pending = [
      run(
        supervisor,
        never,
        draw('steps', never, () => process.kill(supervisor.status.pid ?? 0, 'SIGKILL')),
      ),
      run(supervisor, never, draw('steps')),
    ];
    const outcomes = await Promise.allSettled(pending);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await run(supervisor, never, draw('steps'))).toHaveLength(11);
  });

  it('ends cancelled work softly when the engine still listens', async () => {
    const { supervisor, processes } = start();
    const controller = new AbortController();
    await expect(
      run(
        supervisor,
        controller.signal,
        draw('steps', controller.signal, () => controller.abort()),
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await run(supervisor, never, draw('steps'))).toHaveLength(11);
    expect(processes).toHaveLength(1);
  });

  it('ends an engine whose cancelled work does not stop within the grace period', async () => {
    const { supervisor, processes } = start();
    const controller = new AbortController();
    const stepped = vi.fn(() => setTimeout(() => controller.abort(), 50));
    await expect(
      run(supervisor, controller.signal, draw('hang', controller.signal, stepped)),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(await processes[0]?.exited).toMatchObject({ signal: 'SIGKILL' });
    expect(await run(supervisor, never, draw('steps'))).toHaveLength(11);
    // A planned replacement is no crash.
    expect(supervisor.status.crashes).toBe(0);
  });

  it('gives up on an engine that never starts, says so, and starts again when asked', async () => {
    const { supervisor, processes } = start({ config: { ...config, cacheFolder: 'deaf' } });
    await vi.waitFor(() => expect(supervisor.status.state).toBe('stopped'), { timeout: 4000 });
    await expect(run(supervisor, never, draw('steps'))).rejects.toMatchObject({
      code: 'engine-stopped',
    });
    expect(processes.length).toBeGreaterThan(2);
    await supervisor.configure(config);
    await supervisor.restart();
    expect(await run(supervisor, never, draw('steps'))).toHaveLength(11);
  });

  it('leaves no process behind when it closes', async () => {
    const { supervisor, processes } = start();
    const work = run(supervisor, never, draw('steps')).catch((error: unknown) => error);
    await supervisor.client();
    await supervisor.close();
    expect(await work).toMatchObject({ code: 'engine-stopped' });
    for (const forked of processes) {
      await forked.exited;
      expect(() => process.kill(forked.pid ?? 0, 0)).toThrow();
    }
  });
});
