/** Reads the JSON files of a model folder; they come from anywhere and are parsed as such. */
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';

/**
 * @param missing what stands for a file that is not there; without it a missing file is an error
 * @throws {StudioError} `model-invalid`, naming the file and the field
 */
export async function readModelJson<S extends z.ZodType>(
  file: string,
  schema: S,
  missing?: z.input<S>,
): Promise<z.output<S>> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (absent && missing !== undefined) return schema.parse(missing);
    const what = absent ? 'is missing' : 'cannot be read as JSON';
    throw new StudioError(
      'model-invalid',
      `"${file}" ${what}. Install the model again.`,
      { file },
      { cause },
    );
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new StudioError(
    'model-invalid',
    `"${file}" does not fit: ${field ? `${field}: ` : ''}${issue?.message ?? 'unknown field'}.`,
    { file, field },
  );
}
