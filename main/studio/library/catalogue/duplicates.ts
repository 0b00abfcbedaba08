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

const IdRow = z.object({ id: z.string() });

/** Those that are worth keeping first: most pixels, then the best marks, then the oldest. */
export function duplicateGroups(
  database: ReadableDatabase,
  state: CatalogueState,
  looks: Pick<LooksReader, 'alike'>,
): { readonly groups: DuplicateGroup[]; readonly isCut: boolean } {
  const idsOf = (keys: readonly number[]) =>
    database
      .all(
        IdRow,
        `SELECT id FROM images WHERE trashed = 0 AND seq IN (SELECT value FROM json_each(?))
         ORDER BY width * height DESC, rating DESC, seq`,
        [JSON.stringify(keys)],
      )
      .map(({ id }) => id);
  const same = database.all(
    NumberList,
    `SELECT json_group_array(seq) AS numbers FROM images WHERE trashed = 0
     GROUP BY content_hash HAVING count(*) > 1`,
  );
  const isSame = new Set(same.map(({ numbers }) => numbers.toSorted((a, b) => a - b).join(' ')));
  // Copies of a file are alike as well; they are told once.
  const alike = looks
    .alike(state)
    .filter((keys) => !isSame.has(keys.toSorted((a, b) => a - b).join(' ')));
  const groups = [
    ...same.map(({ numbers }) => ({ kind: 'same' as const, ids: idsOf(numbers) })),
    ...alike.map((keys) => ({ kind: 'alike' as const, ids: idsOf(keys) })),
  ].filter(({ ids }) => ids.length > 1);
  return {
    groups: groups.slice(0, libraryLimits.duplicateGroups),
    isCut: groups.length > libraryLimits.duplicateGroups,
  };
}
