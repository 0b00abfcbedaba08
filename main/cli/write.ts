/** `atelier write`: continues a text, token by token. */
import { text } from 'node:stream/consumers';
import { StudioError } from '../../contract/errors.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { chooseModel, openStudio } from './open-studio.ts';
import { createStatusLine, type StatusLine } from './status-line.ts';
import { type WriteOptions, writeRequestOf } from './write-request.ts';

type Request = Parameters<StudioClient['write.generate']>[0];

/**
 * Prints the continuation alone, as it comes; with `--json` every event as one object a line. Of several
 * texts each is printed whole once all before it are there, with a line of dashes between.
 * @param prompt null only with a conversation
 * @throws {StudioError} `cancelled` once `signal` aborts; what was printed stays. `bad-request` without a prompt
 */
export async function write(
  prompt: string | null,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  if (prompt === null && options.messages === undefined) {
    throw new StudioError(
      'bad-request',
      'There is nothing to continue. Give a text, "" to begin from nothing, or --messages.',
    );
  }
  const wholePrompt = prompt === '-' ? await text(process.stdin) : (prompt ?? '');
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  const model = await chooseModel(client, 'text', options.model ?? null);
  const request = await writeRequestOf(wholePrompt, model, options);
  using status = createStatusLine(process.stderr);
  status.show('loading the model');
  if (options.alternatives === undefined) await writeOne(client, request, options, status, signal);
  else await writeSeveral(client, request, options.alternatives, options, status, signal);
}

async function writeOne(
  client: StudioClient,
  request: Request,
  { json }: WriteOptions,
  status: StatusLine,
  signal: AbortSignal,
): Promise<void> {
  let hasText = false;
  try {
    for await (const event of client['write.generate'](request, { signal })) {
      status.clear();
      if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
      else if (event.kind === 'prefill') status.show(readingOf(event));
      else if (event.kind === 'token') {
        process.stdout.write(event.text);
        hasText = true;
      }
    }
  } finally {
    // Also when cancelled: the shell's prompt belongs on a line of its own.
    if (hasText) process.stdout.write('\n');
  }
}

async function writeSeveral(
  client: StudioClient,
  request: Request,
  count: number,
  { json }: WriteOptions,
  status: StatusLine,
  signal: AbortSignal,
): Promise<void> {
  const texts = Array.from({ length: count }, () => ({ text: '', isDone: false }));
  let printed = 0;
  const print = (): void => {
    process.stdout.write(`${printed > 0 ? '---\n' : ''}${texts[printed]?.text ?? ''}\n`);
    printed += 1;
  };
  try {
    for await (const item of client['write.alternatives']({ request, count }, { signal })) {
      status.clear();
      const { alternative, event } = item;
      if (json) process.stdout.write(`${JSON.stringify(item)}\n`);
      else if (event.kind === 'prefill') status.show(readingOf(event));
      const own = alternative === null ? undefined : texts[alternative];
      if (json || !own) continue;
      if (event.kind === 'token') own.text += event.text;
      if (event.kind === 'done') own.isDone = true;
      while (texts[printed]?.isDone) print();
    }
  } finally {
    // Also when cancelled: what was written is not lost.
    if (!json)
      while (printed < count && texts.slice(printed).some(({ text: left }) => left)) print();
  }
}

function readingOf({ done, total }: { readonly done: number; readonly total: number }): string {
  return `reading the prompt: ${done} of ${total} tokens`;
}
