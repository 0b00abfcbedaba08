/** `atelier write`: its options as a request, and the command itself as a child process. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishCommand, foldersIn, startCommand } from './command.fixture.ts';
import { ScoredToken } from '../../contract/reading.ts';
import { samplingFields } from '../../contract/sampling-fields.ts';
import { samplerOrders, WriteEvent, WriteRequest } from '../../contract/write.ts';
import { withWriteOptions } from './write-options.ts';
import { type WriteOptions, writeRequestOf } from './write-request.ts';

const model = {
  id: 'tiny',
  defaults: { temperature: 0.8, topK: 0, topP: 0.95, minP: 0.05, repetitionPenalty: 1.1 },
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-write-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileWith(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** The request that the options stand for, parsed as the studio parses it. */
async function requestOf(...args: readonly string[]): Promise<WriteRequest> {
  const command = withWriteOptions(new Command('write'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  const options = command.parse(args, { from: 'user' }).opts<WriteOptions>();
  return WriteRequest.parse(await writeRequestOf('Once', model, options));
}

describe('the options of atelier write', () => {
  it('leave the model its own settings, and everything else off', async () => {
    const request = await requestOf();
    expect(request).toEqual(
      WriteRequest.parse({ modelId: 'tiny', prompt: 'Once', sampling: model.defaults }),
    );
  });

  it('reach every sampler', async () => {
    const line = `--temperature 1.2 --dynatemp 0.5:1.5:2 --top-k 50 --top-p 0.9 --min-p 0.02 --typical 0.8
      --top-n-sigma 1.5 --xtc 0.5:0.2 --dry 0.8:2:3 --dry-window 512 --dry-breaker . !
      --repetition-penalty 1.05 --frequency-penalty 0.1 --presence-penalty 0.2 --penalty-window 100
      --no-repeat-ngram 4 --mirostat 5:0.2 --order temperature,top-k,dry`;
    const { sampling } = await requestOf(...line.split(/\s+/));
    expect(sampling).toEqual({
      temperature: 1.2,
      dynamicTemperatureLow: 0.5,
      dynamicTemperatureHigh: 1.5,
      dynamicTemperatureExponent: 2,
      topK: 50,
      topP: 0.9,
      minP: 0.02,
      typicalP: 0.8,
      topNSigma: 1.5,
      xtcProbability: 0.5,
      xtcThreshold: 0.2,
      dryMultiplier: 0.8,
      dryBase: 2,
      dryAllowedLength: 3,
      dryWindow: 512,
      dryBreakers: ['.', '!'],
      repetitionPenalty: 1.05,
      frequencyPenalty: 0.1,
      presencePenalty: 0.2,
      penaltyWindow: 100,
      noRepeatNgram: 4,
      mirostatTau: 5,
      mirostatEta: 0.2,
      order: ['temperature', 'top-k', 'dry'],
    });
    const numbers = Object.entries(sampling).filter(([, value]) => typeof value === 'number');
    expect(numbers).toHaveLength(samplingFields.length);
  });

  it('say in the help what each does to the text', () => {
    const command = withWriteOptions(new Command('write')).configureHelp({ helpWidth: 1000 });
    const help = command.helpInformation();
    for (const flag of [
      'top-k',
      'typical',
      'xtc',
      'dry',
      'mirostat',
      'order',
      'ban',
      'json-schema',
    ])
      expect(help).toMatch(new RegExp(`--${flag} <.*> {2,}\\S.{20,}`));
    expect(help).toContain('chooses among this many likeliest words only; 0 leaves all in');
  });

  it('start from a preset where one is named', async () => {
    const { sampling } = await requestOf('--preset', 'hugging-face', '--top-k', '7');
    expect(sampling).toMatchObject({ temperature: 1, topP: 1, minP: 0, topK: 7 });
    expect(sampling.order).toEqual(samplerOrders['hugging-face']);
    expect((await requestOf('--order', 'llama.cpp')).sampling.order).toEqual(
      samplerOrders['llama.cpp'],
    );
  });

  it('take bans, biases, forms and alternatives', async () => {
    const schema = fileWith('schema.json', '{"type":"object"}');
    const request = await requestOf(
      '--ban',
      'shiver',
      'a tapestry of',
      '--bias',
      '12=+1.5',
      ' dragon=-3',
      '"7"=ban',
      'a=b=-inf',
      '--json-schema',
      schema,
      '--logprobs',
      '5',
      '--json',
      '--stop',
      'END',
      '--seed',
      '3',
    );
    expect(request).toMatchObject({
      bannedPhrases: ['shiver', 'a tapestry of'],
      logitBias: [
        { token: 12, bias: 1.5 },
        { token: ' dragon', bias: -3 },
        { token: '7', bias: 'ban' },
        { token: 'a=b', bias: 'ban' },
      ],
      constraint: { kind: 'json-schema', schema: { type: 'object' } },
      topAlternatives: 5,
      stop: ['END'],
      seed: 3,
    });
    const grammar = fileWith('moves.gbnf', 'root ::= "e4"');
    expect((await requestOf('--grammar', grammar)).constraint).toEqual({
      kind: 'grammar',
      gbnf: 'root ::= "e4"',
    });
    expect((await requestOf('--regex', '[0-9]+')).constraint).toEqual({
      kind: 'regex',
      pattern: '[0-9]+',
    });
  });

  it('take conversations, drafts, beams and weights', async () => {
    expect(await requestOf('--chat', '--weights', 'q4')).toMatchObject({
      prompt: '',
      messages: [{ role: 'user', content: 'Once' }],
      weights: 'q4',
    });
    const turns = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ];
    const file = fileWith('turns.json', JSON.stringify(turns));
    expect((await requestOf('--messages', file)).messages).toEqual([
      ...turns,
      { role: 'user', content: 'Once' },
    ]);
    expect((await requestOf('--beams', '4:0.5')).beams).toMatchObject({
      numBeams: 4,
      lengthPenalty: 0.5,
    });
    expect((await requestOf('--draft', 'prompt-lookup', '--draft-tokens', '5')).draft).toEqual({
      kind: 'prompt-lookup',
      ngram: 3,
      tokens: 5,
    });
    expect((await requestOf('--draft', 'small')).draft).toEqual({
      kind: 'model',
      modelId: 'small',
      tokens: 4,
    });
  });

  it.each([
    [['--beams', '4', '--draft', 'small'], /cannot be used with/],
    [['-n', '3', '--beams', '4'], /cannot be used with/],
    [['--weights', 'q3'], /Allowed choices are fp32/],
    [['--draft-tokens', '3'], /add --draft/],
    [['--messages', '/no/such.json'], /"\/no\/such.json" cannot be read/],
    [['--xtc', '1:2:3'], /1 to 2 numbers/],
    [['--dry', 'much'], /must be a number/],
    [['--dynatemp', '1'], /2 to 3 numbers/],
    [['--order', 'top-k,top-a'], /"top-a" is no stage. There are: penalties/],
    [['--bias', 'dragon'], /takes a token, "="/],
    [['--preset', 'wild'], /Allowed choices are balanced/],
    [['--regex', 'a', '--grammar', 'b'], /cannot be used with/],
    [['--logprobs', '3'], /add --json/],
    [['--json-schema', '/no/such.json'], /"\/no\/such.json" cannot be read/],
  ])('%j say what is wrong', async (args, message) => {
    await expect(requestOf(...args)).rejects.toThrow(message);
  });

  it('refuse a schema file that is no JSON', async () => {
    await expect(requestOf('--json-schema', fileWith('bad.json', '{'))).rejects.toMatchObject({
      code: 'bad-request',
      message: expect.stringContaining('is no JSON'),
    });
  });
});

describe('atelier write', () => {
  const atelier = (...args: readonly string[]) =>
    finishCommand(startCommand(foldersIn(folder), ['write', ...args]));

  it('writes JSON under a schema, with alternatives and surprisal, and without what is banned', async () => {
    const schema = fileWith(
      'cat.json',
      JSON.stringify({
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 12 },
          lives: { enum: [7, 9] },
        },
        required: ['name', 'lives'],
        additionalProperties: false,
      }),
    );
    const args = ['A cat:', '--json-schema', schema, '--temperature', '1.2', '--seed', '4'];
    const { stdout, stderr, code } = await atelier(
      ...args,
      '--ban',
      '7',
      '--json',
      '--logprobs',
      '2',
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => WriteEvent.parse(JSON.parse(line)));
    const tokens = events.filter((event) => event.kind === 'token');
    const written: unknown = JSON.parse(tokens.map((token) => token.text).join(''));
    expect(written).toMatchObject({ name: expect.any(String), lives: 9 });
    for (const { alternatives, surprisalBits } of tokens) {
      expect(alternatives).toHaveLength(2);
      expect(surprisalBits).toBeGreaterThanOrEqual(0);
    }
    expect(events.at(-1)).toMatchObject({ kind: 'done', reason: 'end-of-text' });
  });

  it('writes several texts side by side, each as its seed alone writes it', async () => {
    const options = ['--max-tokens', '12', '--draft', 'prompt-lookup', '--seed'];
    const alone = [];
    for (const seed of ['5', '6']) alone.push((await atelier('Once', ...options, seed)).stdout);
    const { stdout, stderr, code } = await atelier(
      'Once',
      '--max-tokens',
      '12',
      '--seed',
      '5',
      '-n',
      '2',
    );
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toBe(alone.join('---\n'));
  });

  it('searches beams, and refuses what a search cannot do', async () => {
    const { stdout, code } = await atelier('Once', '--beams', '3', '--max-tokens', '8');
    expect(code).toBe(0);
    expect(stdout.trim().length).toBeGreaterThan(8);
    const refused = await atelier('Once', '--beams', '3', '--ban', 'the');
    expect(refused.stderr).toMatch(/^atelier: A search over beams cannot take phrases back/);
  });

  it('tells how surprising the text of a file is, token by token', async () => {
    const story = 'Once upon a time there was a little girl.';
    const file = fileWith('story.txt', story);
    const { stdout, stderr, code } = await atelier('--score', file, '--logprobs', '1');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const tokens = lines.slice(0, -1).map((line) => ScoredToken.parse(line));
    expect(tokens.map(({ start, end }) => story.slice(start, end)).join('')).toBe(story);
    for (const { alternatives } of tokens.slice(1)) expect(alternatives).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ kind: 'done', tokens: tokens.length });
  });

  it('asks for a text, and for a model that was made for conversations', async () => {
    expect((await atelier('--max-tokens', '3')).stderr).toMatch(/^atelier: There is nothing to/);
    expect((await atelier('Hello', '--chat')).stderr).toMatch(/^atelier: This model was not made/);
  });

  it('says what is wrong with a form before it writes, with code 2', async () => {
    const grammar = fileWith('bad.gbnf', 'root ::= "a');
    const { stdout, stderr, code } = await atelier('x', '--grammar', grammar);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(/^atelier: The grammar cannot be read at line 1, character 12/);
  });
});
