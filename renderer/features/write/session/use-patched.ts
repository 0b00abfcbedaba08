/** A record with what was typed over it; see `patch-keeper.ts`. */
import { useEffect, useState } from 'react';
import { useStore } from '../../../app/store.ts';
import { createPatchKeeper } from './patch-keeper.ts';

/**
 * Saves what is unsaved when the component goes.
 * @param stored what is kept at present; another record needs another `key`
 * @param save   resolves with whether the fields are kept
 */
export function usePatched<T extends object>(
  stored: T,
  save: (changes: Partial<T>) => Promise<boolean>,
): {
  readonly value: T;
  readonly change: (changes: Partial<T>) => void;
  readonly flush: () => void;
} {
  const [keeper] = useState(() => createPatchKeeper<T>());
  const patch = useStore(keeper.patch);
  useEffect(() => {
    keeper.setSave(save);
  }, [keeper, save]);
  useEffect(() => () => keeper.flush(), [keeper]);
  return { value: { ...stored, ...patch }, change: keeper.change, flush: keeper.flush };
}
