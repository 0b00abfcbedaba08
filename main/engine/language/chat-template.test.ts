/** Against transformers: golden data by models/recipes/golden/chat_templates.py. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChatMessage } from '../../../contract/decoding.ts';
import { createChatTemplate } from './chat-template.ts';
import { strftime } from './strftime.ts';
import { fixtures } from './tiny-models.fixture.ts';
import { createTextTokenizer } from './tokenizer.ts';

const read = (file: string): unknown => JSON.parse(readFileSync(path.join(fixtures, file), 'utf8'));
const golden = z
  .object({
    templates: z.record(
      z.string(),
      z.object({
        template: z.string(),
        tokenizer: z.string(),
        tokens: z.record(z.string(), z.string().nullable()),
      }),
    ),
    rows: z.array(
      z.object({
        style: z.string(),
        messages: z.array(ChatMessage),
        opens: z.boolean(),
        text: z.string().nullable(),
        ids: z.array(z.number()).nullable(),
        refusal: z.string().nullable(),
      }),
    ),
  })
  .parse(read('chat-templates.golden.json'));

const styles = Object.fromEntries(
  Object.entries(golden.templates).map(([style, { template, tokenizer, tokens }]) => [
    style,
    {
      template: createChatTemplate(
        template,
        Object.fromEntries(Object.entries(tokens).flatMap(([k, v]) => (v ? [[k, v]] : []))),
        style,
      ),
      tokenizer: createTextTokenizer(
        read(`tokenizers/${tokenizer}/tokenizer.json`),
        z.looseObject({}).parse(read(`tokenizers/${tokenizer}/tokenizer_config.json`)),
        tokenizer,
      ),
    },
  ]),
);

describe('turns put together by a template', () => {
  it.each(golden.rows.map((row, index) => ({ ...row, index })))(
    'in the manner of $style are what transformers makes of them ($index)',
    ({ style, messages, opens, text, ids, refusal }) => {
      const { template, tokenizer } = styles[style] ?? {};
      if (refusal !== null) {
        expect(() => template?.render(messages, opens)).toThrow(
          expect.objectContaining({
            code: 'bad-request',
            message: expect.stringContaining(refusal),
          }),
        );
        return;
      }
      expect(template?.render(messages, opens)).toBe(text);
      expect(tokenizer?.encodePlain(text ?? '')).toEqual(ids);
    },
  );

  it.each(['{% for %}', '{{ nothing.here() }}', '{% if x %}'])(
    'by a damaged one (%s) fail by name',
    (source) => {
      const template = createChatTemplate(source, {}, 'folder/tokenizer_config.json');
      expect(() => template.render([{ role: 'user', content: 'a' }], true)).toThrow(
        expect.objectContaining({
          code: 'model-invalid',
          message: expect.stringContaining('folder/tokenizer_config.json'),
        }),
      );
    },
  );

  it('may say the date', () => {
    const template = createChatTemplate("{{ strftime_now('%d %b %Y') }}", {}, '');
    const now = new Date(2024, 6, 4, 15, 5);
    expect(template.render([{ role: 'user', content: 'a' }], true, now)).toBe('04 Jul 2024');
    expect(strftime(now, '%A %-d %B, %I:%M %p %q %%')).toBe('Thursday 4 July, 03:05 PM %q %');
  });
});
