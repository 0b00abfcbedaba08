/** What the text was at another place of the history: the passage that differs from the text now. */
import { skipToken, useQuery } from '@tanstack/react-query';
import type { NodeId } from '../../../../contract/scenes.ts';
import { useWindow } from '../../../app/window-model.ts';
import { parseDocument } from '../document/schema.ts';
import { wordDifference } from '../document/word-difference.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { differenceStep } from './text-difference.ts';
import styles from './history-map.module.css';

const contextCharacters = 160;
const mostCharacters = 900;

interface HistoryPreviewProps {
  readonly session: SceneSession;
  readonly node: NodeId;
}

export function HistoryPreview({ session, node }: HistoryPreviewProps) {
  const { client } = useWindow();
  const { projectId, sceneId } = session;
  const { data: json } = useQuery({
    queryKey: ['scene-at', sceneId, node],
    // What was not saved yet is known to the window alone.
    queryFn:
      session.saving.get().kind === 'failed'
        ? skipToken
        : async ({ signal }) => {
            await session.flush();
            return client['scenes.at']({ projectId, sceneId, node }, { signal });
          },
    // A node may still grow while it is the newest.
    staleTime: 0,
    gcTime: 30_000,
  });
  if (!json) return null;
  const now = session.state().doc;
  const then = parseDocument(json);
  const step = differenceStep(now, then);
  if (!step) return null;
  const from = Math.max(0, step.from - contextCharacters);
  const rest = then.content.size - (step.from + step.slice.size);
  const text = (doc: typeof now, end: number) =>
    doc.textBetween(from, Math.min(doc.content.size, end), '\n', '\n').slice(0, mostCharacters);
  const parts = wordDifference(
    text(now, step.to + contextCharacters),
    text(then, then.content.size - rest + contextCharacters),
  );
  return (
    <div className={styles.preview} tabIndex={0} role="status" aria-label="The text there">
      {parts.map(({ kind, text: words }, index) =>
        kind === 'same' ? (
          <span key={index}>{words}</span>
        ) : kind === 'added' ? (
          <ins key={index}>{words}</ins>
        ) : (
          <del key={index}>{words}</del>
        ),
      )}
    </div>
  );
}
