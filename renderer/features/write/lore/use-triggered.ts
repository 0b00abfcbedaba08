/** Which entries a text brings up, as the studio sees it. */
import { useEffect, useState } from 'react';
import { useWindow } from '../../../app/window-model.ts';
import { readingAt } from '../co-writer/task-prompts.ts';
import { followChanges } from '../session/follow-changes.ts';
import type { SceneSession } from '../session/scene-session.ts';

const pauseMs = 200;

/** @param text empty for the scene up to the cursor */
export function useTriggered(session: SceneSession, text: string): ReadonlySet<string> {
  const { client, desk } = useWindow();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());

  useEffect(
    () =>
      followChanges([session.version, desk.projects.project], pauseMs, async (signal) => {
        const { doc, selection } = session.state();
        const told = text === '' ? readingAt(doc, selection.to).before : text;
        try {
          const answer = await client['lore.triggered'](
            { projectId: session.projectId, text: told },
            { signal },
          );
          if (!signal.aborted) setIds(new Set(answer.ids));
        } catch {
          // The window says itself that the connection is lost; the next change asks again.
        }
      }),
    [client, desk, session, text],
  );

  return ids;
}
