/** A lorebook, whosever it is: the open project's, or a chat's. */
import { useMemo } from 'react';
import type { LoreEntry, Project } from '../../../../contract/projects.ts';
import type { Store } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { readingAt } from '../co-writer/task-prompts.ts';
import { chooseFile } from '../files/choose-file.ts';
import { openCard } from '../files/open-card.ts';
import type { SceneSession } from '../session/scene-session.ts';
import type { Lore } from './lore-edit.ts';

export interface Lorebook {
  readonly entries: readonly LoreEntry[];
  /** Before which its entries are told. */
  readonly toldAt: 'cursor' | 'answer';
  /** @returns whether the change was kept */
  readonly edit: (change: (now: Lore) => Lore) => Promise<boolean>;
  /** @param text empty for what the model reads at present @returns the entries that it brings up */
  readonly triggered: (text: string, signal: AbortSignal) => Promise<readonly string[]>;
  /** Which entries are told depends on these. */
  readonly changes: readonly Pick<Store<unknown>, 'subscribe'>[];
  /** Null where a card is read elsewhere. */
  readonly importCard: (() => Promise<void>) | null;
}

export function useProjectLorebook(session: SceneSession, { lore }: Project): Lorebook {
  const { client, desk, toasts } = useWindow();
  return useMemo(
    () => ({
      entries: lore,
      toldAt: 'cursor',
      edit: desk.projects.edit,
      async triggered(text, signal) {
        const { doc, selection } = session.state();
        const told = text === '' ? readingAt(doc, selection.to).before : text;
        const { projectId } = session;
        return (await client['lore.triggered']({ projectId, text: told }, { signal })).ids;
      },
      changes: [session.version, desk.projects.project],
      async importCard() {
        const file = await chooseFile('.png,.json,image/png,application/json');
        if (file) void openCard(desk, toasts, file);
      },
    }),
    [client, desk, toasts, session, lore],
  );
}
