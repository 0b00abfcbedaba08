/** Documents as files of other programs: what can be written and read. */
import { z } from 'zod';
import { Project, ProjectId } from './projects.ts';
import { call, stream } from './rpc.ts';

export const documentFormats = ['markdown', 'text', 'html', 'docx', 'epub', 'pdf'] as const;

/** By the ending of a file's name, in lower case. */
export const formatOfEnding: Readonly<Record<string, (typeof documentFormats)[number]>> = {
  md: 'markdown',
  markdown: 'markdown',
  txt: 'text',
  html: 'html',
  htm: 'html',
  docx: 'docx',
  epub: 'epub',
  pdf: 'pdf',
};

/**
 * What a file tells about text by models: nothing, a sentence at the end with their names and share, or each
 * stretch as well, where the format has a way to.
 */
export const originProfiles = ['none', 'colophon', 'spans'] as const;
export const pageSizes = ['a5', 'a4', 'letter'] as const;

export const documentLimits = { bytes: 256 * 2 ** 20 } as const;

export const DocumentExport = z.object({
  projectId: ProjectId,
  format: z.enum(documentFormats),
  origins: z.enum(originProfiles).default('colophon'),
  /** Of a PDF. */
  pageSize: z.enum(pageSizes).default('a5'),
  /** Null for all. */
  chapters: z.array(z.uuid()).min(1).nullable().default(null),
});
export type DocumentExport = z.infer<typeof DocumentExport>;

export const DocumentExportEvent = z.discriminatedUnion('kind', [
  /** Chapters. */
  z.object({ kind: z.literal('progress'), done: z.number().int(), total: z.number().int() }),
  z.object({
    kind: z.literal('done'),
    fileName: z.string(),
    path: z.string(),
    /** Address that the window can load, until the studio ends. */
    url: z.string(),
    sizeBytes: z.number().int(),
    /** What the file does not hold as the page shows it. */
    warnings: z.array(z.string()),
  }),
]);
export type DocumentExportEvent = z.infer<typeof DocumentExportEvent>;

export const documentFilesContract = {
  /** Into the library's folder `exports`; a file that is there keeps its name, and the new one gets another. */
  'documents.export': stream(DocumentExport, DocumentExportEvent),
  /**
   * A file as a new project, or as further chapters of one.
   * @throws `unsupported`, `too-large`, `bad-request` for a damaged file
   */
  'documents.import': call(
    z.object({
      fileName: z.string().min(1).max(1000),
      bytes: z
        .instanceof(Uint8Array)
        .refine(
          ({ length }) => length <= documentLimits.bytes,
          'A document can be at most 256 MB.',
        ),
      into: ProjectId.nullable().default(null),
    }),
    Project,
  ),
  /** Shows the file of an export in the system's file manager. */
  'documents.reveal': call(z.object({ url: z.string() }), z.object({})),
} as const;
