/** The engine as the hosts start it: a forked process with the real starter models. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineContract, type EngineClient } from '../../contract/engine.ts';
import { StudioError } from '../../contract/errors.ts';
import { createClient } from '../../contract/wire/client.ts';
import { createInbox } from '../../contract/wire/inbox.ts';

const entry = fileURLToPath(new URL('main.ts', import.meta.url));
const starter = (kind: 'text' | 'image') => ({
  id: kind,
  folder: fileURLToPath(new URL(`../../models/starter/${kind}`, import.meta.url)),
});
const request = {
  modelId: 'text',
  prompt: 'Once upon a time',
  maxTokens: 20,
  sampling: { temperature: 0.8, topK: 40, topP: 0.95, minP: 0, repetitionPenalty: 1.1 },
  seed: 7,
};
const settings = {
  modelId: 'image',
  prompt: 'a red apple',
  width: 128,
  height: 128,
  steps: 4,
  guidanceScale: 5,
  scheduler: 'ddim',
  sigmaSchedule: 'normal',
  seed: 3,
} as const;

let folder: string;
let children: ChildProcess[];
beforeEach(async () => {
  children = [];
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-engine-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Engine {
  readonly child: ChildProcess;
  readonly client: EngineClient;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly stderr: () => string;
}

function start(env: Readonly<Record<string, string>> = {}): Engine {
  const child = fork(entry, {
    env: { ...process.env, ...env },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  const inbox = createInbox();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  child.on('message', (frame) => inbox.deliver(frame));
  child.on('disconnect', () => inbox.close('gone'));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const client = createClient(
    engineContract,
    {
      get closed() {
        return inbox.closed;
      },
      send: (frame) => void child.send(frame),
      onFrame: inbox.onFrame,
      onClose: inbox.onClose,
      close: () => child.disconnect(),
    },
    { closedError: (reason) => new StudioError('engine-stopped', reason) },
  );
  return { child, client, exited, stderr: () => stderr };
}

const configure = ({ client }: Engine, provider: 'auto' | 'cpu' = 'cpu') =>
  client['engine.configure']({
    provider,
    threads: 1,
    memoryBudgetBytes: 2 ** 30,
    cacheFolder: path.join(folder, 'cache'),
  });

async function write({ client }: Engine, change: Partial<typeof request> = {}) {
  let text = '';
  for await (const event of client['engine.write']({
    model: starter('text'),
    request: { ...request, ...change },
  })) {
    if (event.kind === 'token') text += event.text;
  }
  return text;
}

async function draw({ client }: Engine) {
  for await (const event of client['engine.draw']({
    model: starter('image'),
    settings,
    previews: false,
  })) {
    if (event.kind === 'image') return event;
  }
  throw new Error('There was no picture.');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the engine process', () => {
  it('refuses work before it is configured, and reports itself afterwards', async () => {
    const engine = start();
    await expect(engine.client['engine.report']({})).rejects.toMatchObject({ code: 'conflict' });
    const report = await configure(engine, 'auto');
    expect(report).toMatchObject({ pid: engine.child.pid, loadedModels: [] });
    expect(report.providers.find(({ name }) => name === report.provider)?.available).toBe(true);
    expect(report.memoryBytes).toBeGreaterThan(2 ** 20);
  });

  it('writes the same text for the same seed in two processes, and frees its memory on request', async () => {
    const engines = [start(), start()];
    const texts = [];
    for (const engine of engines) {
      await configure(engine);
      texts.push(await write(engine));
      expect((await engine.client['engine.report']({})).loadedModels).toEqual(['text']);
      expect((await engine.client['engine.release']({ modelId: 'text' })).loadedModels).toEqual([]);
    }
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]?.length).toBeGreaterThan(10);
  });

  it('draws one picture after the other while it writes, and the same bytes for the same seed', async () => {
    const engine = start();
    await configure(engine);
    const [first, text, second] = await Promise.all([draw(engine), write(engine), draw(engine)]);
    expect(second.rgb).toEqual(first.rgb);
    expect(first.rgb).toHaveLength(128 * 128 * 3);
    expect(text).toBe(await write(engine));
  });

  it('draws the same bytes in a later process, which opens its graphs from the cache', async () => {
    const pictures = [];
    for (let i = 0; i < 2; i += 1) {
      const engine = start();
      await configure(engine);
      pictures.push((await draw(engine)).rgb);
      engine.child.kill('SIGKILL');
    }
    expect(await readdir(path.join(folder, 'cache', 'graphs'))).not.toEqual([]);
    expect(pictures[1]).toEqual(pictures[0]);
  });

  it('stops writing when cancelled, and serves the next at once', async () => {
    const engine = start();
    await configure(engine);
    const controller = new AbortController();
    let tokens = 0;
    const cancelled = (async () => {
      const endless = { ...request, maxTokens: 100_000 };
      const options = { signal: controller.signal };
      for await (const event of engine.client['engine.write'](
        { model: starter('text'), request: endless },
        options,
      )) {
        if (event.kind === 'token' && ++tokens === 3) controller.abort();
      }
    })();
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(await write(engine, { maxTokens: 3 })).not.toBe('');
    // What was on its way when the text was called off still arrives.
    expect(tokens).toBeLessThan(20);
  });

  it('writes several texts at once, each that of its seed, and uses what it has seen of the prompt', async () => {
    const engine = start();
    await configure(engine);
    const prompt = 'The old man opened the door and looked at the sea. '.repeat(8);
    const texts = ['', '', ''];
    for await (const { alternative, event } of engine.client['engine.alternatives']({
      model: starter('text'),
      request: { ...request, prompt },
      count: 3,
    }))
      if (event.kind === 'token' && alternative !== null) texts[alternative] += event.text;
    for (const [index, text] of texts.entries()) {
      const reused: number[] = [];
      let alone = '';
      for await (const event of engine.client['engine.write']({
        model: starter('text'),
        request: { ...request, prompt, seed: request.seed + index },
      })) {
        if (event.kind === 'start') reused.push(event.reusedTokens);
        if (event.kind === 'token') alone += event.text;
      }
      expect(alone).toBe(text);
      expect(reused[0]).toBeGreaterThanOrEqual(64);
    }
    await engine.client['engine.release']({ modelId: 'text' });
    for await (const event of engine.client['engine.write']({
      model: starter('text'),
      request: { ...request, prompt, maxTokens: 1 },
    }))
      if (event.kind === 'start') expect(event.reusedTokens).toBe(0);
  });

  it('scores and shows the tokens of a text that is there', async () => {
    const engine = start();
    await configure(engine);
    const text = 'Once upon a time there was a 猫.';
    const scored = [];
    for await (const event of engine.client['engine.score']({
      model: starter('text'),
      request: { modelId: 'text', text, topAlternatives: 3 },
    }))
      if (event.kind === 'tokens') scored.push(...event.tokens);
    const { tokens } = await engine.client['engine.tokenize']({
      model: starter('text'),
      request: { modelId: 'text', prompt: text },
    });
    expect(scored.map(({ tokenId }) => tokenId)).toEqual(tokens.map(({ tokenId }) => tokenId));
    expect(tokens.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
    expect(scored.slice(1).every(({ surprisalBits }) => (surprisalBits ?? -1) >= 0)).toBe(true);
  });

  it('keeps a draw that waits for its turn cancellable', async () => {
    const engine = start();
    await configure(engine);
    const running = draw(engine);
    const controller = new AbortController();
    const waiting = engine.client['engine.draw'](
      { model: starter('image'), settings, previews: false },
      { signal: controller.signal },
    );
    const first = waiting[Symbol.asyncIterator]().next();
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    expect((await running).width).toBe(128);
    expect((await draw(engine)).width).toBe(128);
  });

  it('answers bad settings with a clear error and lives on', async () => {
    const engine = start();
    await configure(engine);
    const bad = { ...request, sampling: { ...request.sampling, temperature: -1, topP: 7 } };
    const outcome = async (input: Parameters<EngineClient['engine.write']>[0]) => {
      for await (const _ of engine.client['engine.write'](input));
    };
    await expect(outcome({ model: starter('text'), request: bad })).rejects.toMatchObject({
      code: 'bad-request',
    });
    await expect(
      outcome({ model: { id: 'none', folder: path.join(folder, 'none') }, request }),
    ).rejects.toMatchObject({
      code: 'model-missing',
    });
    expect(await write(engine, { maxTokens: 1 })).not.toBe('');
  });

  it('rejects what is pending when it is killed, and its parent goes on', async () => {
    const engine = start();
    await configure(engine);
    const pending = write(engine, { maxTokens: 100_000 });
    await sleep(300);
    engine.child.kill('SIGKILL');
    await expect(pending).rejects.toMatchObject({ code: 'engine-stopped' });
    expect(await engine.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await configure(start());
  });

  it('says which runtime it runs on, and writes the same on the other one where that is asked for', async () => {
    const native = start({ ATELIER_RUNTIME: '' });
    expect(await configure(native)).toMatchObject({ runtime: { name: 'native', reason: '' } });
    const portable = start({ ATELIER_RUNTIME: 'onnxruntime-node' });
    expect(await configure(portable)).toMatchObject({
      runtime: { name: 'onnxruntime-node', reason: expect.stringContaining('ATELIER_RUNTIME') },
    });
    expect(await write(portable)).toBe(await write(native));
  });

  it('ends by itself when its parent closes the connection, or dies', async () => {
    const engine = start();
    await configure(engine);
    engine.child.disconnect();
    expect(await engine.exited).toEqual({ code: 0, signal: null });

    const source = `const { fork } = require('node:child_process');
      const child = fork(process.argv[1], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      child.send({ type: 'call', id: 1, name: 'engine.report', input: {} });
      child.once('message', () => console.log(child.pid));`;
    const parent = spawn(process.execPath, ['-e', source, entry], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(parent);
    const enginePid = await new Promise<number>((resolve) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(enginePid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isAlive(enginePid), { timeout: 10_000 }).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')(
    'lets the window go first with every thread that computes',
    async () => {
      const engine = start();
      await configure(engine);
      await write(engine);
      const tasks = `/proc/${engine.child.pid}/task`;
      const priorities = (await readdir(tasks)).map((thread) => getPriority(Number(thread)));
      const own = getPriority();
      expect(priorities.length).toBeGreaterThan(4);
      for (const priority of priorities) expect(priority).toBeGreaterThan(own);
    },
  );

  it('leaves Ctrl-C to its parent', async () => {
    const engine = start();
    await configure(engine);
    engine.child.kill('SIGINT');
    expect(await write(engine, { maxTokens: 1 })).not.toBe('');
  });

  it('says on stderr why it ends when it was started by hand', async () => {
    const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'ignore', 'pipe'] });
    children.push(child);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(1);
    expect(stderr.trim().split('\n').at(-1)).toContain('started by the studio');
  });
});
