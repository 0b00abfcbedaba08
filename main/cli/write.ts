/** `atelier write`: continues a text, token by token. */
import { text } from 'node:stream/consumers';
import { chooseModel, openStudio } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';
import { type WriteOptions, writeRequestOf } from './write-request.ts';

/**
 * Prints the continuation alone, as it comes; with `--json` every event as one object a line.
 * @throws {StudioError} `cancelled` once `signal` aborts; what was printed stays
 */
export async function write(
  prompt: string,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  const wholePrompt = prompt === '-' ? await text(process.stdin) : prompt;
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  const model = await chooseModel(client, 'text', options.model ?? null);
  const request = await writeRequestOf(wholePrompt, model, options);
  const events = client['write.generate'](request, { signal });
  using status = createStatusLine(process.stderr);
  status.show('loading the model');
  let hasText = false;
  try {
    for await (const event of events) {
      status.clear();
      if (options.json) process.stdout.write(`${JSON.stringify(event)}\n`);
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
