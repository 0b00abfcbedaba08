/** The commands and their options. */
import { Command, Option } from 'commander';
import { programVersion } from '../studio/node-host-ports.ts';
import { type DoctorOptions, doctor } from './doctor.ts';
import { draw } from './draw.ts';
import { withDrawOptions } from './draw-options.ts';
import type { DrawOptions } from './draw-request.ts';
import { documentFormats, originProfiles, pageSizes } from '../../contract/document-files.ts';
import { StudioError } from '../../contract/errors.ts';
import { type DocumentExportOptions, exportDocument } from './document.ts';
import { exportProject, listProjects } from './document-projects.ts';
import { exportPictures } from './export.ts';
import { withExportOptions, type ExportCommandOptions } from './export-options.ts';
import { copyLibrary } from './library-copies.ts';
import { libraryDoctor, type LibraryDoctorOptions } from './library-doctor.ts';
import { importPictures, type ImportOptions } from './import.ts';
import type { StudioOptions } from './open-studio.ts';
import { listSchedulerNames } from './schedulers.ts';
import { score } from './score.ts';
import { write } from './write.ts';
import { withWriteOptions } from './write-options.ts';
import type { WriteOptions } from './write-request.ts';

export interface ProgramContext {
  /** Aborts on Ctrl-C, and by `ended` on SIGTERM. */
  readonly signal: AbortSignal;
  /** Where a command that ends in order leaves another exit code than 0. */
  readonly outcome: { exitCode: number };
}

export function createProgram({ signal, outcome }: ProgramContext): Command {
  const program = new Command('atelier')
    .description('Makes pictures and prose with models on this computer. Nothing leaves it.')
    .version(programVersion())
    .showHelpAfterError('Try atelier --help.')
    .configureOutput({
      outputError: (text, print) => print(text.replace(/^error: /, 'atelier: ')),
    })
    .exitOverride();

  withDrawOptions(withStudioOptions(program.command('draw')))
    .description('make pictures from a prompt')
    .argument('<prompt>', 'what to draw')
    .action((prompt: string, options: DrawOptions) => draw(prompt, options, signal));

  withWriteOptions(withStudioOptions(program.command('write')))
    .description('continue a text, answer a conversation, or tell how surprising a text is')
    .argument('[prompt]', 'the text to continue; - reads it from standard input')
    .action((prompt: string | undefined, options: WriteOptions) =>
      options.score === undefined
        ? write(prompt ?? null, options, signal)
        : score(options.score, options, signal),
    );

  withStudioOptions(program.command('import'))
    .description('copy pictures into the library; exit code 1 if a file was skipped')
    .argument('<path...>', 'files, and folders with all that is in them')
    .option('--album <name>', 'put them into this album, which is made if need be')
    .option('--tag <tag...>', 'give them tags')
    .option('--json', 'print one JSON object a line for every file')
    .action(async (paths: string[], options: ImportOptions) => {
      if (!(await importPictures(paths, options, signal))) outcome.exitCode = 1;
    });

  const documents = program.command('document').description('texts as files of other programs');
  withStudioOptions(documents.command('export'))
    .description('make a book of a Markdown, text, HTML or DOCX file, or of a project')
    .argument('[file]', 'what to read')
    .option('--project <name>', 'a project of the library instead, by its title or id')
    .requiredOption('--out <file>', 'where to write it')
    .addOption(
      new Option('--to <format>', 'default: by the ending of --out').choices(documentFormats),
    )
    .option('--title <text>', 'of a file; default: the first heading, else its name')
    .option('--author <text>', 'of a file: who wrote it')
    .option('--language <code>', 'of a file, such as en or de-AT (default: en)')
    .addOption(
      new Option('--origins <kind>', 'what is told about text by models')
        .choices(originProfiles)
        .default('colophon'),
    )
    .addOption(new Option('--page <size>', 'of a PDF').choices(pageSizes).default('a5'))
    .option('--replace', 'replace the file if it is there')
    .action(
      (
        file: string | undefined,
        options: DocumentExportOptions & StudioOptions & { project?: string },
      ) => {
        const { project } = options;
        if (file !== undefined && project === undefined)
          return exportDocument(file, options, signal);
        if (file === undefined && project !== undefined)
          return exportProject(project, options, signal);
        throw new StudioError(
          'bad-request',
          'Name either a file or, with --project, a project of the library.',
        );
      },
    );
  withStudioOptions(documents.command('list'))
    .description('list the projects of the library')
    .option('--json', 'print one JSON array')
    .action((options: StudioOptions & { json?: boolean }) => listProjects(options));

  withExportOptions(withStudioOptions(program.command('export')))
    .description('write pictures of the library for other people and programs')
    .action(async (options: ExportCommandOptions) => {
      if (!(await exportPictures(options, signal))) outcome.exitCode = 1;
    });

  withStudioOptions(program.command('doctor'))
    .description('check versions, providers, models and library; exit code 1 if something is wrong')
    .option('--json', 'print one JSON object')
    .action(async (options: DoctorOptions) => {
      if (!(await doctor(options, signal))) outcome.exitCode = 1;
    });

  const library = program.command('library').description('keep the library of pictures sound');
  withStudioOptions(library.command('doctor'))
    .description('check files, database and marks; exit code 1 if something is wrong still')
    .option('--fix', 'mend what is found; nothing that you made is thrown away')
    .option('--json', 'print one JSON object')
    .action(async (options: LibraryDoctorOptions) => {
      if (!(await libraryDoctor(options, signal))) outcome.exitCode = 1;
    });

  for (const [name, argument, description] of [
    [
      'backup',
      'where to, outside the library',
      'copy all that you made; again into the same folder, what is new',
    ],
    ['restore', 'folder of a backup', 'bring back what a backup has and the library has not'],
    ['merge', 'folder of another library', 'take over its pictures, marks and albums'],
  ] as const) {
    withStudioOptions(library.command(name))
      .description(description)
      .argument('<dir>', argument)
      .option('--json', 'print one JSON object')
      .action((folder: string, options: StudioOptions & { json?: boolean }) =>
        copyLibrary(name, folder, options, signal),
      );
  }

  program
    .command('schedulers')
    .description('list samplers, and what other programs call them')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: boolean }) => {
      process.stdout.write(listSchedulerNames(json ?? false));
    });

  // Commands made with `command()` inherit neither of these once they exist.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

function withStudioOptions(command: Command): Command {
  return command
    .option('--library <dir>', 'library folder (also: ATELIER_LIBRARY)')
    .option('--data <dir>', 'settings and cache folder (also: ATELIER_DATA)')
    .option('--models <dir>', 'folder of installed models, instead of the starter models');
}
