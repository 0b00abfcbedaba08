/** Pictures that are there more than once. */
import { z } from 'zod';
import { libraryLimits, type DuplicateGroup } from '../../../../contract/images.ts';
import type { ReadableDatabase } from '../database/connection.ts';
import { NumberList } from '../number-list.ts';
import { derivedOf, type CatalogueState } from './catalogue.ts';
import type { LooksReader } from './looks.ts';
import { selectKeys, type Selection } from './selection.ts';

/** Those whose content another picture has as well, byte for byte. */
export function duplicatesIn(database: ReadableDatabase, state: CatalogueState): Selection {
  return derivedOf(state, 'duplicates', () => {
    const keys =
      database.get(
        NumberList,
        `SELECT json_group_array(seq) AS numbers FROM images WHERE content_hash IN
           (SELECT content_hash FROM images GROUP BY content_hash HAVING count(*) > 1)`,
      )?.numbers ?? [];
    return selectKeys(state.columns, [keys.toSorted((a, b) => a - b)]);
  });
}

const GroupRow = z.object({ ids: z.string() });
const Ids = z.array(z.string());

/** The best one of each group first: most pixels, then the best marks, then the oldest. */
export function duplicateGroups(
  database: ReadableDatabase,
  _looks: LooksReader,
): { readonly groups: DuplicateGroup[]; readonly isCut: boolean } {
  const rows = database.all(
    GroupRow,
    `SELECT json_group_array(id) AS ids FROM
       (SELECT id, content_hash FROM images WHERE trashed = 0 ORDER BY content_hash, seq)
     GROUP BY content_hash HAVING count(*) > 1 LIMIT ?`,
    [libraryLimits.duplicateGroups + 1],
  );
  const groups = rows.map(({ ids }) => ({
    kind: 'same' as const,
    ids: Ids.parse(JSON.parse(ids)),
  }));
  return {
    groups: groups.slice(0, libraryLimits.duplicateGroups),
    isCut: groups.length > libraryLimits.duplicateGroups,
  };
}
