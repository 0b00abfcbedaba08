/** The CLI as a real child process, on a real engine and models at tiny size. */
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishCommand, foldersIn, startCommand } from './command.fixture.ts';

const tinyImageModel = path.join(
  import.meta.dirname,
  '../engine/diffusion/golden/tiny-stable-diffusion',
);
const starterTextModel = path.join(import.meta.dirname, '../../models/starter/text');
const pngSignature = '89504e470d0a1a0a';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-cli-'));
  cpSync(tinyImageModel, path.join(folder, 'models/tiny'), { recursive: true });
  cpSync(starterTextModel, path.join(folder, 'models/text'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (args: readonly string[], env?: Readonly<Record<string, string>>) =>
  startCommand(foldersIn(folder), args, env);
const atelier = (...args: string[]) =>
  finishCommand(start([...args, '--models', path.join(folder, 'models')]));
const size = ['--size', '64x64'] as const;

describe('atelier draw', () => {
  it('makes pictures with consecutive seeds, prints a line of JSON for each and copies them without replacing', async () => {
    const out = path.join(folder, 'out');
    const args = [
      'draw',
      'a red apple, 3d',
      '--out',
      out,
      '-n',
      '2',
      '--seed',
      '7',
      '--steps',
      '3',
      ...size,
      '--json',
    ];
    const first = await atelier(...args);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const pictures = first.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; seed: number });
    expect(pictures.map(({ seed }) => seed)).toEqual([7, 8]);
    for (const picture of pictures) {
      expect(path.dirname(picture.path)).toBe(out);
      const bytes = readFileSync(picture.path);
      expect(bytes.subarray(0, 8).toString('hex')).toBe(pngSignature);
      expect(bytes.includes('Steps: 3')).toBe(true);
    }
  });

  it('keeps a file that has the name already', async () => {
    const out = path.join(folder, 'taken');
    const args = [
      'draw',
      '../../evil: name?',
      '--seed',
      '3',
      '--steps',
      '1',
      ...size,
      '--out',
      out,
    ];
    const first = (await atelier(...args)).stdout.trim();
    writeFileSync(first, 'mine');
    const second = (await atelier(...args)).stdout.trim();
    expect(readFileSync(first, 'utf8')).toBe('mine');
    expect(second).not.toBe(first);
    expect(
      readdirSync(out)
        .map((name) => path.join(out, name))
        .sort(),
    ).toEqual([first, second].sort());
  });

  it('takes the same settings to the same pixels in every process, alone or in a batch', async () => {
    const pixels = async (...args: string[]) => {
      const { stdout } = await atelier('draw', 'a cat', '--steps', '2', ...size, ...args);
      return Promise.all(
        stdout
          .trim()
          .split('\n')
          .map((file) => sharp(file).raw().toBuffer()),
      );
    };
    const [first, ofBatch] = await pixels('--seed', '41', '-n', '2');
    const [alone] = await pixels('--seed', '42');
    expect(alone?.equals(ofBatch ?? Buffer.alloc(0))).toBe(true);
    expect(alone?.equals(first ?? Buffer.alloc(0))).toBe(false);
  });

  it('draws a grid: every picture with its own settings, then the sheet', async () => {
    const { stdout, stderr, code } = await atelier(
      'draw',
      'a red apple',
      '--json',
      ...size,
      '--grid=steps=1-2',
      '--grid=sampler=euler,ddim',
      '--grid=prompt=red,green',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const pictures = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { path: string; isSheet: boolean; prompt: string });
    expect(pictures.map(({ isSheet }) => isSheet)).toEqual([...Array(8).fill(false), true]);
    expect(pictures.map(({ prompt }) => prompt).slice(3, 5)).toEqual([
      'a red apple',
      'a green apple',
    ]);
    const { width } = await sharp(pictures[8]?.path).metadata();
    expect(width).toBeGreaterThan(2 * 64);
  });

  it('cancels on Ctrl-C with code 130, and the next command works at once', async () => {
    const child = start([
      'draw',
      'a long one',
      '--steps',
      '500',
      '-n',
      '100',
      ...size,
      '--models',
      path.join(folder, 'models'),
      '--json',
    ]);
    const ended = finishCommand(child);
    // Far enough that the job runs; a picture of 500 steps is still far from done.
    while (!readJournal().includes('a long one')) await sleep(50);
    await sleep(500);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: 'atelier: cancelled\n' });
    const next = await atelier('draw', 'a short one', '--steps', '1', ...size, '--json');
    expect(next.code).toBe(0);
    expect(next.stdout.trim().split('\n')).toHaveLength(1);
  });

  it('says what is wrong with an option, on standard error, with code 2', async () => {
    const cases: [string[], RegExp][] = [
      [['draw', 'x', '--steps', 'many'], /^atelier: option '--steps <number>'.*whole number/],
      [['draw', 'x', '--size', '7'], /^atelier: option '--size <WxH>'/],
      [['draw', 'x', '--size', '64x64', '--width', '64'], /^atelier: .*cannot be used with/],
      [
        ['draw', 'x', '--scheduler', 'no-such'],
        /^atelier: option '--scheduler <name>'.*No sampler has this name/,
      ],
      [['draw'], /^atelier: missing required argument 'prompt'/],
      [['paint', 'x'], /^atelier: unknown command 'paint'/],
      [['draw', 'x', '--steps', '0', ...size], /^atelier: .*step/],
      [['draw', 'x', '--size', '100000x64'], /^atelier: .*4096/],
      [['draw', 'x', '--model', 'atelier-starter-text'], /^atelier: "atelier-starter-text" is not/],
      [['draw', 'x', '--init', '/no/such.png'], /^atelier: The picture "\/no\/such.png" cannot/],
      [['draw', 'x', '--control', 'edges'], /^atelier: option '--control/],
      [['draw', 'x', '--tiled', '100'], /^atelier: tiledDiffusion.sidePx: .*128/],
      [['draw', 'x', '--hires', '9'], /^atelier: hiresFix.scale: .*4/],
      [['draw', 'x', '--grid', 'colour=red'], /Nothing called "colour" can vary. There are: model/],
      [['draw', 'x', '--grid', 'steps=4,x', ...size], /^atelier: Grid, Steps, at character 3: "x"/],
      [['draw', 'x', '--grid', 'steps=4', '-n', '2'], /^atelier: A grid makes as many pictures/],
      [['draw', 'x', '--control', 'edges:a.png:loud'], /"loud" is not a weight, a share/],
      [['draw', 'x', '--clip-skip', '99', ...size], /^atelier: clipSkip: .*12/],
      [['draw', 'x', '--emphasis', 'loud'], /^atelier: option '--emphasis <rule>'/],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await atelier(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
  }, 120_000);

  it('says where a LoRA belongs that is missing, with code 1', async () => {
    const { code, stdout, stderr } = await atelier('draw', 'x', '--lora', 'no-such:0.5');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^atelier: There is no LoRA "no-such"/);
  });

  it('says which models there are when one is missing, with code 1', async () => {
    const { code, stderr } = await atelier('draw', 'x', '--model', 'sdxl');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^atelier: Model "sdxl" is not installed\. There are: tiny/);
  });
});

describe('atelier write', () => {
  it('writes the same continuation for the same seed, to standard output alone', async () => {
    const args = ['write', 'Once upon a time', '--max-tokens', '12', '--seed', '5'];
    const [first, second] = [await atelier(...args), await atelier(...args)];
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout.length).toBeGreaterThan(10);
    expect(second.stdout).toBe(first.stdout);
  });

  it('reads the prompt from standard input and prints events as JSON', async () => {
    const child = start([
      'write',
      '-',
      '--max-tokens',
      '3',
      '--json',
      '--models',
      path.join(folder, 'models'),
    ]);
    child.stdin?.write('The king');
    const { stdout, code } = await finishCommand(child);
    expect(code).toBe(0);
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds.at(0)).toBe('start');
    expect(kinds.at(-1)).toBe('done');
  });

  it('stops at once on Ctrl-C with code 130', async () => {
    const child = start([
      'write',
      'Once',
      '--max-tokens',
      '100000',
      '--models',
      path.join(folder, 'models'),
    ]);
    const ended = finishCommand(child);
    await once(child.stdout ?? child, 'data');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});

describe('atelier doctor', () => {
  it('says that everything is in order, with code 0', async () => {
    const { code, stdout } = await atelier('doctor');
    expect(stdout).toMatch(/onnxruntime 1\./);
    expect(stdout).toMatch(/^runtime {2}(native|onnxruntime-node: .+)$/m);
    expect(stdout).toMatch(/Everything is in order\.\n$/);
    expect(code).toBe(0);
  });

  it('reports a picture that went missing and a truncated model as JSON, with code 1', async () => {
    const broken = path.join(folder, 'broken');
    cpSync(path.join(folder, 'models'), broken, { recursive: true });
    writeFileSync(path.join(broken, 'tiny/unet/model.onnx'), 'not a model');
    const library = path.join(folder, 'library-doctor');
    const env = ['--library', library];
    const drawn = await atelier('draw', 'x', '--steps', '1', ...size, ...env);
    rmSync(drawn.stdout.trim());
    const child = start(['doctor', '--json', '--models', broken, ...env]);
    const { code, stdout } = await finishCommand(child);
    expect(code).toBe(1);
    const { ok, problems } = JSON.parse(stdout) as { ok: boolean; problems: string[] };
    expect(ok).toBe(false);
    expect(problems.join('\n')).toMatch(/The file ".*\.png" is gone\./);
  });

  it('says so when another process has the library open, with code 1', async () => {
    const holder = start([
      'write',
      'Once',
      '--max-tokens',
      '100000',
      '--models',
      path.join(folder, 'models'),
    ]);
    const ended = finishCommand(holder);
    await once(holder.stdout ?? holder, 'data');
    const { code, stdout } = await atelier('doctor', '--json');
    holder.kill('SIGINT');
    await ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false });
  });
});

function readJournal(): string {
  const file = path.join(folder, 'library/queue.jsonl');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
