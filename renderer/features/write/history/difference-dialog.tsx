/** Everything that has changed since a place of the history. */
import { useQuery } from '@tanstack/react-query';
import type { NodeId } from '../../../../contract/scenes.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { formatCount } from '../../../ui/format.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { nodeAt } from './history-tree.ts';
import styles from './history-map.module.css';

interface DifferenceDialogProps {
  readonly session: SceneSession;
  readonly from: NodeId;
  readonly onClose: () => void;
}

export function DifferenceDialog({ session, from, onClose }: DifferenceDialogProps) {
  const { client } = useWindow();
  const { projectId, sceneId } = session;
  const { head } = session.tree.get();
  const { data: entries, error } = useQuery({
    queryKey: ['scene-diff', sceneId, from, head],
    queryFn: async ({ signal }) => {
      await session.flush();
      return client['scenes.diff']({ projectId, sceneId, from, to: head }, { signal });
    },
    staleTime: 0,
    gcTime: 0,
  });
  const { label } = nodeAt(session.tree.get(), from);
  return (
    <Dialog
      label={label === null ? 'What has changed since then' : `Changes since “${label}”`}
      onClose={onClose}
    >
      <div className={styles.difference} data-selectable>
        {error && <p>{error.message}</p>}
        {entries?.every(({ kind }) => kind === 'same') && <p>The text is the same.</p>}
        {entries?.map((entry, index) =>
          entry.kind === 'same' ? (
            <p key={index} className={styles.unchanged}>
              {formatCount(entry.blocks, 'paragraph', 'paragraphs')} unchanged
            </p>
          ) : (
            <p key={index}>
              {entry.runs.map(({ kind, text }, run) =>
                kind === 'kept' ? (
                  <span key={run}>{text}</span>
                ) : kind === 'added' ? (
                  <ins key={run}>{text}</ins>
                ) : (
                  <del key={run}>{text}</del>
                ),
              )}
            </p>
          ),
        )}
      </div>
      <div className={styles.dialogEnd}>
        <Button
          tip="Makes that version the text; this one stays in the history"
          onClick={() => {
            onClose();
            void session.goTo(from);
          }}
        >
          Go back to it
        </Button>
      </div>
    </Dialog>
  );
}
