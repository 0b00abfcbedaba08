/**
 * Turns of a conversation as one text, by the template that a model brings.
 *
 * Templates are Jinja, run by the interpreter of the format's authors: it evaluates expressions over the
 * turns and reaches nothing else. A template writes the model's special tokens itself, so its text is
 * encoded without adding any.
 */
import { Environment, parse, tokenize } from '@huggingface/jinja';
import type { ChatMessage } from '../../../contract/decoding.ts';
import { StudioError } from '../../../contract/errors.ts';
import { runTemplate } from './loop-controls.ts';
import { strftime } from './strftime.ts';

export interface ChatTemplate {
  /**
   * @param opensReply whether the text ends where the model's reply begins
   * @throws {StudioError} `bad-request` in the template's words if it refuses these turns;
   *   `model-invalid` if it is damaged
   */
  render(messages: readonly ChatMessage[], opensReply: boolean, now?: Date): string;
}

/** What a template says about turns that it was not made for. */
class Refusal extends Error {}

const constants = { true: true, false: false, none: null, True: true, False: false, None: null };

/** Python's `range`. */
function rangeOf(first: number, end?: number, step = 1): number[] {
  const [from, to] = end === undefined ? [0, first] : [first, end];
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_none, index) => from + index * step);
}

/**
 * Damage shows when turns are put together, so that a model with a bad template still continues plain text.
 * @param names special tokens by the names that templates use, such as `bos_token`
 * @param path for messages
 */
export function createChatTemplate(
  source: string,
  names: Readonly<Record<string, string>>,
  path: string,
): ChatTemplate {
  return {
    render(messages, opensReply, now = new Date()) {
      try {
        // Lines that hold only a block leave nothing behind, as transformers sets Jinja.
        const program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
        const environment = new Environment();
        const globals = {
          ...constants,
          ...names,
          range: rangeOf,
          messages: messages.map(({ role, content }) => ({ role, content })),
          add_generation_prompt: opensReply,
          raise_exception: (message: unknown) => {
            throw new Refusal(String(message));
          },
          strftime_now: (format: unknown) => strftime(now, String(format)),
        };
        for (const [name, value] of Object.entries(globals)) environment.set(name, value);
        const text = runTemplate(program, environment);
        if (typeof text !== 'string') throw new TypeError('it gives no text');
        return text;
      } catch (cause) {
        if (cause instanceof Refusal) {
          throw new StudioError(
            'bad-request',
            `The model does not take these turns: ${cause.message} Change their order or leave some out.`,
            { file: path },
            { cause },
          );
        }
        throw new StudioError(
          'model-invalid',
          `The chat template in ${path} cannot be run (${StudioError.from(cause).message}). Import the model again, or write without turns.`,
          { file: path },
          { cause },
        );
      }
    },
  };
}
