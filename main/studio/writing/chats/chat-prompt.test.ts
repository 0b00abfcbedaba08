import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../../contract/errors.ts';
import type { Tokenize } from '../context/count-tokens.ts';
import { bare, pieced } from '../context/pieced-text.ts';
import { chatPromptOf } from './chat-prompt.ts';

const laid = {
  transcript: bare('A tale.\n\n***\n\nAnn: Hello\n\nKeeper:'),
  pinnedCharacters: 14,
  messages: [
    { role: 'system', ...pieced('memory', 'Memory', 'A tale.') },
    { role: 'user', ...pieced('turns', '1', 'Hello') },
  ],
  stops: ['\nAnn:'],
  cut: [],
  droppedTurns: 0,
} as const;

const { signal } = new AbortController();

/** A model whose template writes roles in angle brackets. */
const templated: Tokenize = async ({ messages }) => ({
  text: `${(messages ?? []).map(({ role, content }) => `<${role}>${content}`).join('')}<assistant>`,
  tokens: [],
});

const refusing =
  (code: 'unsupported' | 'bad-request', when: (roles: readonly string[]) => boolean): Tokenize =>
  async (request, own) => {
    if (when((request.messages ?? []).map(({ role }) => role)))
      throw new StudioError(code, 'Not like this.');
    return templated(request, own);
  };

describe('what a model reads of a chat', () => {
  it('is its turns where it has a template', async () => {
    const prompt = await chatPromptOf(laid, '', 'm', templated, signal);
    expect(prompt).toMatchObject({
      isTranscript: false,
      whole: {
        text: '<system>A tale.<user>Hello<assistant>',
        pieces: [
          { source: 'memory', label: 'Memory', start: 8, end: 15 },
          { source: 'turns', label: '1', start: 21, end: 26 },
        ],
      },
      request: {
        prompt: '',
        messages: [
          { role: 'system', content: 'A tale.' },
          { role: 'user', content: 'Hello' },
        ],
      },
    });
  });

  it('is the template’s text with the words that an answer goes on from', async () => {
    const prompt = await chatPromptOf(laid, 'It is', 'm', templated, signal);
    expect(prompt.request).toEqual({
      prompt: '<system>A tale.<user>Hello<assistant>It is',
      messages: null,
      pinnedCharacters: 0,
    });
  });

  it('has the memory in the first turn where the template knows no system turn', async () => {
    const gemma = refusing('bad-request', (roles) => roles[0] === 'system');
    const prompt = await chatPromptOf(laid, '', 'm', gemma, signal);
    expect(prompt.request.messages).toEqual([{ role: 'user', content: 'A tale.\n\nHello' }]);
  });

  it.each(['unsupported', 'bad-request'] as const)(
    'is a transcript where turns are refused as %s',
    async (code) => {
      const prompt = await chatPromptOf(
        laid,
        '',
        'm',
        refusing(code, () => true),
        signal,
      );
      expect(prompt).toEqual({
        request: { prompt: laid.transcript.text, messages: null, pinnedCharacters: 14 },
        whole: laid.transcript,
        isTranscript: true,
      });
    },
  );

  it('is told where the model cannot be read at all', async () => {
    const broken: Tokenize = async () => {
      throw new StudioError('model-invalid', 'The tokenizer is missing.');
    };
    await expect(chatPromptOf(laid, '', 'm', broken, signal)).rejects.toMatchObject({
      code: 'model-invalid',
    });
  });
});
