/** `atelier write --score`: how surprising a text is to a model, token by token. */
import { text } from 'node:stream/consumers';
import { chooseModel, openStudio } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';
import { readText, type WriteOptions } from './write-request.ts';

/**
 * Prints one JSON object a line: each token with its place in the text, then what they come to.
 * @param file `-` for standard input
 * @throws {StudioError} `cancelled` once `signal` aborts; what was printed stays
 */
export async function score(
  file: string,
  options: WriteOptions,
  signal: AbortSignal,
): Promise<void> {
  const wholeText = file === '-' ? await text(process.stdin) : await readText(file, 'text');
  await using studio = await openStudio(options);
  const { client } = studio;
  signal.throwIfAborted();
  const { id } = await chooseModel(client, 'text', options.model ?? null);
  const request = {
    modelId: id,
    text: wholeText,
    topAlternatives: options.logprobs,
    weights: options.weights ?? null,
  };
  using status = createStatusLine(process.stderr);
  status.show('loading the model');
  for await (const event of client['write.score'](request, { signal })) {
    status.clear();
    if (event.kind === 'done') {
      process.stdout.write(`${JSON.stringify(event)}\n`);
      continue;
    }
    for (const token of event.tokens) process.stdout.write(`${JSON.stringify(token)}\n`);
    if (event.done < event.total) status.show(`${event.done} of ${event.total} tokens`);
  }
}
