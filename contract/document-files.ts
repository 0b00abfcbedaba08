/** Documents as files of other programs: what can be written and read. */

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
