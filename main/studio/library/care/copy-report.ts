import type { CopyReport } from '../../../../contract/care.ts';

/** What copying came to before anything was copied, to be added to. */
export function nothingCopied(): CopyReport {
  return { pictures: 0, bytes: 0, alreadyThere: 0, marks: 0, albums: 0, problems: [] };
}
