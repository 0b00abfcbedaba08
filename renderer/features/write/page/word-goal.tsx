/** Words of the scene, and how far the sitting is towards its goal. */
import { useQuery } from '@tanstack/react-query';
import type { Project } from '../../../../contract/projects.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { formatCount } from '../../../ui/format.ts';
import { findScene } from '../outline/outline-edit.ts';
import type { SceneSession } from '../session/scene-session.ts';
import styles from './desk-bar.module.css';

const radius = 6.5;
const length = 2 * Math.PI * radius;

interface WordGoalProps {
  readonly session: SceneSession;
  readonly project: Project;
}

export function WordGoal({ session, project }: WordGoalProps) {
  const { client } = useWindow();
  const words = useStore(session.words);
  const goal = project.goals.sessionWords;
  const { data: sitting } = useQuery({
    queryKey: [
      'writing-session',
      project.id,
      findScene(project.chapters, session.sceneId)?.scene.words,
    ],
    queryFn: ({ signal }) => client['projects.session']({ id: project.id }, { signal }),
    enabled: goal > 0,
    placeholderData: (previous) => previous,
  });
  const saved = findScene(project.chapters, session.sceneId)?.scene.words ?? words;
  // What is typed and not counted by the studio yet belongs to the sitting too.
  const written = Math.max(0, (sitting?.words ?? 0) + words - saved);
  const share = goal === 0 ? 0 : Math.min(1, written / goal);
  return (
    <span className={styles.words}>
      {goal > 0 && (
        <svg
          width="16"
          height="16"
          role="img"
          aria-label={`${formatCount(written, 'word', 'words')} of ${goal.toLocaleString('en')} in this sitting`}
          data-tip={`${formatCount(written, 'word', 'words')} of ${goal.toLocaleString('en')} in this sitting`}
        >
          <circle cx="8" cy="8" r={radius} />
          <circle
            cx="8"
            cy="8"
            r={radius}
            data-done={share === 1 ? '' : undefined}
            strokeDasharray={`${share * length} ${length}`}
            transform="rotate(-90 8 8)"
          />
        </svg>
      )}
      {formatCount(words, 'word', 'words')}
    </span>
  );
}
