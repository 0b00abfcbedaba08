/** What the project is called, in which language it is written, and how much it should become. */
import type { SceneInfo } from '../../../../contract/projects.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import fieldStyles from '../../../ui/field.module.css';
import { NumberField } from '../../../ui/number-field.tsx';
import { findScene } from '../outline/outline-edit.ts';
import { usePatched } from '../session/use-patched.ts';
import { ToldPanel } from './told-panel.tsx';
import styles from './inspector.module.css';

const languages = ['en', 'en-GB', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'nb', 'fi', 'pl'];

export function ProjectPanel() {
  const { desk } = useWindow();
  const project = useStore(desk.projects.project);
  const session = useStore(desk.scene);
  if (!project) return null;
  const { goals } = project;
  const scene = session && findScene(project.chapters, session.sceneId)?.scene;
  const edit = desk.projects.edit;
  return (
    <div className={styles.scroll} key={project.id}>
      <ToldPanel project={project} session={session} />
      <div className={styles.group}>
        <Line label="Title" value={project.title} onSave={(title) => edit(() => ({ title }))} />
        <Line label="Author" value={project.author} onSave={(author) => edit(() => ({ author }))} />
        <div className={fieldStyles.row}>
          <label className={fieldStyles.label} htmlFor="project-language">
            Language
          </label>
          <input
            id="project-language"
            className={fieldStyles.text}
            style={{ width: 132 }}
            list="project-languages"
            defaultValue={project.language}
            maxLength={35}
            data-tip="Decides which dictionary spells the text, such as en, de or fr-CA."
            onBlur={(event) => {
              const language = event.currentTarget.value.trim();
              if (isLanguage(language)) void edit(() => ({ language }));
              else event.currentTarget.value = project.language;
            }}
          />
          <datalist id="project-languages">
            {languages.map((tag) => (
              <option key={tag} value={tag}>
                {tag}
              </option>
            ))}
          </datalist>
        </div>
      </div>
      <div className={styles.group}>
        <h2>Goals</h2>
        <NumberField
          label="Words in a sitting"
          tip="The ring at the foot of the page fills as you come nearer; 0 is no goal."
          value={goals.sessionWords}
          min={0}
          max={1_000_000}
          step={100}
          defaultValue={0}
          onChange={(sessionWords) =>
            void edit((now) => ({
              goals: { ...now.goals, sessionWords: whole(sessionWords, 1_000_000) },
            }))
          }
        />
        <NumberField
          label="Words in all"
          tip="How long the whole project should become; 0 is no goal."
          value={goals.projectWords}
          min={0}
          max={10_000_000}
          step={1000}
          defaultValue={0}
          onChange={(projectWords) =>
            void edit((now) => ({
              goals: { ...now.goals, projectWords: whole(projectWords, 10_000_000) },
            }))
          }
        />
      </div>
      {scene && <Synopsis key={scene.id} scene={scene} />}
    </div>
  );
}

/** What happens in the scene; for the person alone. */
function Synopsis({ scene }: { readonly scene: SceneInfo }) {
  const { desk } = useWindow();
  const { value, change, flush } = usePatched({ synopsis: scene.synopsis }, ({ synopsis }) =>
    desk.projects.edit(({ chapters }) => ({
      chapters: chapters.map((chapter) => ({
        ...chapter,
        scenes: chapter.scenes.map((each) =>
          each.id === scene.id ? { ...each, synopsis: synopsis ?? each.synopsis } : each,
        ),
      })),
    })),
  );
  return (
    <div className={styles.group}>
      <h2>This scene in a few words</h2>
      <textarea
        className={styles.synopsis}
        aria-label="What happens in this scene"
        placeholder="For you alone: no part of the text"
        value={value.synopsis}
        rows={5}
        maxLength={20_000}
        onChange={(event) => change({ synopsis: event.currentTarget.value })}
        onBlur={flush}
      />
    </div>
  );
}

function Line({
  label,
  value: stored,
  onSave,
}: {
  readonly label: string;
  readonly value: string;
  readonly onSave: (value: string) => Promise<boolean>;
}) {
  const id = `project-${label.toLowerCase()}`;
  const { value, change, flush } = usePatched({ text: stored }, ({ text }) =>
    onSave((text ?? stored).trim()),
  );
  return (
    <div className={fieldStyles.row}>
      <label className={fieldStyles.label} htmlFor={id}>
        {label}
      </label>
      <input
        id={id}
        className={fieldStyles.text}
        style={{ width: 172 }}
        value={value.text}
        maxLength={500}
        onChange={(event) => change({ text: event.currentTarget.value })}
        onBlur={flush}
      />
    </div>
  );
}

const whole = (value: number, most: number): number =>
  Math.min(most, Math.max(0, Math.round(value)));

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
