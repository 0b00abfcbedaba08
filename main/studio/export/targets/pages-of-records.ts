/** What was written, in the order of the export: pictures finish in another order than they begin. */
import type { WrittenRecord } from '../jobs/file-journal.ts';

/** What pages are made of; little, since an export may have a hundred thousand pictures. */
export interface PagedPicture {
  readonly id: string;
  readonly index: number;
  readonly name: string;
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

export async function inExportOrder(
  records: AsyncIterable<WrittenRecord>,
): Promise<readonly PagedPicture[]> {
  const pictures: PagedPicture[] = [];
  for await (const { id, index, name, files, width, height } of records)
    pictures.push({ id, index, name, file: files[0]?.name ?? '', width, height });
  return pictures.toSorted((a, b) => a.index - b.index);
}
