/** Names of one export, each given once, whatever file system they lie on. */
import { nameKey } from './safe-name.ts';

export interface UniqueNames {
  /** True if an earlier name is the same on some file system. */
  has(name: string): boolean;
  /** Takes a name that another run of the same export gave. */
  keep(name: string): void;
  /**
   * Takes the wish, or the wish with ` (2)`, ` (3)` … behind it.
   * @param wish names joined by `/`, without an ending
   * @param isTaken asks whether something else has it
   */
  give(wish: string, isTaken: (name: string) => boolean | Promise<boolean>): Promise<string>;
}

export function createUniqueNames(): UniqueNames {
  const given = new Set<string>();
  /** Where to look for the next number of a wish, so that a thousand equal ones are not a million questions. */
  const next = new Map<string, number>();
  return {
    has: (name) => given.has(nameKey(name)),
    keep: (name) => void given.add(nameKey(name)),
    async give(wish, isTaken) {
      const wishKey = nameKey(wish);
      for (let number = next.get(wishKey) ?? 1; ; number += 1) {
        const name = number === 1 ? wish : `${wish} (${number})`;
        const key = nameKey(name);
        if (given.has(key)) continue;
        given.add(key);
        if (await isTaken(name)) {
          given.delete(key);
          continue;
        }
        if (number > 1) next.set(wishKey, number + 1);
        return name;
      }
    },
  };
}
