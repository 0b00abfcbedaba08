/** Which entries a text brings up, as the studio sees it. */
import { useEffect, useState } from 'react';
import { followChanges } from '../session/follow-changes.ts';
import type { Lorebook } from './lorebook.ts';

const pauseMs = 200;

/** @param text empty for what the model reads at present */
export function useTriggered(
  { changes, triggered }: Pick<Lorebook, 'changes' | 'triggered'>,
  text: string,
): ReadonlySet<string> {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  useEffect(
    () =>
      followChanges(changes, pauseMs, async (signal) => {
        try {
          const told = await triggered(text, signal);
          if (!signal.aborted) setIds(new Set(told));
        } catch {
          // The window says itself that the connection is lost; the next change asks again.
        }
      }),
    [changes, triggered, text],
  );
  return ids;
}
