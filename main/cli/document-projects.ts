/** `atelier document list` and `atelier document export --project`: the library's own projects. */
import { constants } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../contract/errors.ts';
import type { ProjectSummary } from '../../contract/projects.ts';
import { storageError, systemCode } from '../studio/storage-error.ts';
import { formatFor, type DocumentExportOptions } from './document.ts';
import { openStudio, type StudioOptions } from './open-studio.ts';
import { createStatusLine } from './status-line.ts';

/** Last changed first. */
export async function listProjects(
  options: StudioOptions & { readonly json?: boolean },
): Promise<void> {
  await using studio = await openStudio(options);
  const projects = await studio.client['projects.list']({});
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(projects, null, 2)}\n`);
    return;
  }
  for (const { id, title, words, chapters, problem } of projects) {
    const told =
      problem === null
        ? `${counted(words, 'word')}, ${counted(chapters, 'chapter')}`
        : `cannot be opened: ${problem}`;
    process.stdout.write(`${id}  ${title || 'Untitled project'}  (${told})\n`);
  }
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/**
 * @param name a project's title or id
 * @throws {StudioError} `not-found`; `bad-request` if several have that title; `conflict` if the file is there
 */
export async function exportProject(
  name: string,
  options: DocumentExportOptions & StudioOptions,
  signal: AbortSignal,
): Promise<void> {
  const format = formatFor(options);
  await using studio = await openStudio(options);
  const { id } = named(await studio.client['projects.list']({}), name);
  using status = createStatusLine(process.stderr);
  for await (const event of studio.client['documents.export'](
    { projectId: id, format, origins: options.origins, pageSize: options.page },
    { signal },
  )) {
    if (event.kind === 'progress') {
      status.show(`chapter ${event.done} of ${event.total}`);
      continue;
    }
    status.clear();
    await moveTo(event.path, options.out, options.replace === true);
    for (const warning of event.warnings) process.stderr.write(`atelier: ${warning}\n`);
    process.stdout.write(`${path.resolve(options.out)}\n`);
  }
}

function named(projects: readonly ProjectSummary[], name: string): ProjectSummary {
  const wanted = name.toLowerCase();
  const found = projects.filter(({ id, title }) => id === name || title.toLowerCase() === wanted);
  const [only] = found;
  if (only && found.length === 1) return only;
  throw found.length === 0
    ? new StudioError(
        'not-found',
        `There is no project "${name}". Run atelier document list to see what there is.`,
      )
    : new StudioError(
        'bad-request',
        `${found.length} projects are called "${name}". Name one by its id: ${found.map(({ id }) => id).join(', ')}.`,
      );
}

/** The export that the studio made is no longer needed where it lies, whether or not it could be moved. */
async function moveTo(file: string, out: string, replaces: boolean): Promise<void> {
  try {
    await copyFile(file, out, replaces ? 0 : constants.COPYFILE_EXCL);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new StudioError(
        'conflict',
        `"${out}" is there already. Choose another name, or add --replace.`,
      );
    }
    throw storageError(error, path.dirname(out));
  } finally {
    await rm(file, { force: true });
  }
}
