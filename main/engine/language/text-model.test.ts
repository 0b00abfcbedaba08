import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WriteRequest } from '../../../contract/write.ts';
import { generateText } from './generate.ts';
import { chooseGraph, findGraphs } from './graph-choice.ts';
import { readPrompt } from './prompt.ts';
import { loadTextModel, type TextModel } from './text-model.ts';
import { openTinyModels, type TinyModels } from './tiny-models.fixture.ts';

let tiny: TinyModels;
beforeAll(async () => {
  tiny = await openTinyModels();
});
afterAll(() => tiny[Symbol.asyncDispose]());

const temporary = (): Promise<string> => mkdtemp(path.join(tiny.folder, 'copy-'));

describe('the files of a model', () => {
  async function folderWith(...names: readonly string[]): Promise<string> {
    const folder = await temporary();
    for (const name of names) await writeFile(path.join(folder, name), '');
    return folder;
  }

  it('are listed by their weights, the most exact first', async () => {
    const folder = await folderWith(
      'model_q4.onnx',
      'model_fp16.onnx',
      'model_quantized.onnx',
      'decoder_model_merged.onnx',
      'decoder_model_bnb4.onnx',
      'decoder_with_past_model_bnb4.onnx',
      'decoder_model_int8.onnx',
      'other.onnx',
    );
    const graphs = await findGraphs(folder);
    expect(graphs.map(({ weights }) => weights)).toEqual(['fp32', 'q8', 'fp16', 'q4', 'bnb4']);
    expect(path.basename(graphs[0]?.path ?? '')).toBe('decoder_model_merged.onnx');
    expect(path.basename(graphs[4]?.withPastPath ?? '')).toBe('decoder_with_past_model_bnb4.onnx');
    expect(chooseGraph(graphs, null).weights).toBe('fp32');
    expect(chooseGraph(graphs, 'q4').path).toContain('model_q4.onnx');
    expect(() => chooseGraph(graphs, 'int8')).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        message: expect.stringContaining('fp32, q8, fp16, q4, bnb4'),
      }),
    );
  });

  it('are missed by name', async () => {
    await expect(findGraphs(await folderWith('decoder_model.onnx'))).rejects.toMatchObject({
      code: 'model-missing',
    });
    const copy = await temporary();
    await tiny.load('smollm');
    await cp(path.join(tiny.folder, 'smollm'), copy, { recursive: true });
    await rm(path.join(copy, 'tokenizer.json'));
    await expect(loadTextModel({ id: 'x', folder: copy })).rejects.toMatchObject({
      code: 'model-missing',
      message: expect.stringContaining('tokenizer.json'),
    });
  });
});

describe('a model for conversations', () => {
  const template =
    "{{ bos_token }}{% for m in messages %}{{ '<start_of_turn>' + m.role + '\n' + m.content + '<end_of_turn>\n' }}{% endfor %}";
  const user = (content: string): { role: 'user'; content: string } => ({ role: 'user', content });
  const long = 'The old man opened the door. '.repeat(5);

  async function withTemplate(
    place: 'jinja' | 'json' | 'config',
    source = template,
  ): Promise<TextModel> {
    const folder = await temporary();
    await tiny.load('gemma3');
    await cp(path.join(tiny.folder, 'gemma3'), folder, { recursive: true });
    if (place === 'jinja') await writeFile(path.join(folder, 'chat_template.jinja'), source);
    if (place === 'json')
      await writeFile(
        path.join(folder, 'chat_template.json'),
        JSON.stringify({ chat_template: source }),
      );
    const config = { bos_token: { content: '<bos>' }, eos_token: '<end_of_turn>' };
    const chat =
      place === 'config' ? { chat_template: [{ name: 'default', template: source }] } : {};
    await writeFile(
      path.join(folder, 'tokenizer_config.json'),
      JSON.stringify({ ...config, ...chat }),
    );
    expect(await readdir(folder)).toContain('tokenizer.json');
    return loadTextModel({ id: folder, folder });
  }
  const request = (messages: readonly object[]): WriteRequest =>
    WriteRequest.parse({
      modelId: 'x',
      messages,
      maxTokens: 8,
      sampling: { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 },
    });

  it.each(['jinja', 'json', 'config'] as const)('brings its template in %s', async (place) => {
    const model = await withTemplate(place);
    const { promptIds } = readPrompt(model, request([user('Hello')]));
    const bos = model.tokenizer.idOf('<bos>');
    expect(promptIds.filter((id) => id === bos)).toHaveLength(1);
    expect(promptIds).toContain(model.tokenizer.idOf('<start_of_turn>'));
    expect(model.endIds.has(model.tokenizer.idOf('<end_of_turn>') ?? -1)).toBe(true);
    const kinds: string[] = [];
    for await (const { kind } of generateText(tiny.pool, model, request([user('Hello')]), {
      drawSeed: () => 0,
    }))
      kinds.push(kind);
    expect(kinds.at(-1)).toBe('done');
  });

  it('forgets the oldest turns where they do not fit, the system’s never', async () => {
    const model = await withTemplate('jinja');
    const system = { role: 'system', content: 'You are a poet.' };
    const turns = Array.from({ length: 9 }, (_none, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: `${index} ${long}`,
    }));
    const { promptIds, keptRanges, cutRanges, droppedTokens } = readPrompt(
      model,
      request([system, ...turns]),
    );
    const text = promptIds.map((id) => model.tokenizer.textOf(id)).join('');
    expect(text).toContain('You are a poet.');
    expect(text).toContain('8 The old man');
    expect(text).not.toContain('0 The old man');
    expect(promptIds.length).toBeLessThan(model.contextLength);
    const cut = cutRanges.reduce((sum, { start, end }) => sum + end - start, 0);
    const kept = keptRanges.reduce((sum, { start, end }) => sum + end - start, 0);
    expect([cut, kept]).toEqual([droppedTokens, promptIds.length]);
  });

  it('says so where the last turn alone is too long', async () => {
    const model = await withTemplate('jinja');
    expect(() => readPrompt(model, request([user(long.repeat(9))]))).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  it('with a damaged template still continues plain text', async () => {
    const model = await withTemplate('jinja', '{% if %}');
    expect(() => readPrompt(model, request([user('Hello')]))).toThrow(
      expect.objectContaining({ code: 'model-invalid' }),
    );
    expect(
      readPrompt(model, { ...request([user('Hello')]), messages: null, prompt: 'Hello' }).promptIds
        .length,
    ).toBeGreaterThan(1);
  });
});
