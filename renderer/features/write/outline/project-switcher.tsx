/** The open project's name, and the way to the others. */
import { BookDown, Check, ChevronsUpDown, FileInput, FilePlus2, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { Project } from '../../../../contract/projects.ts';
import { shortcuts } from '../../../app/shortcuts.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { formatCount } from '../../../ui/format.ts';
import { MenuItem, Popover } from '../../../ui/popover.tsx';
import { chooseFile } from '../files/choose-file.ts';
import { documentEndings, importDocuments } from '../files/import-documents.ts';
import styles from './outline.module.css';

export const untitled = 'Untitled project';

export function ProjectSwitcher({ project }: { readonly project: Project }) {
  const { desk, toasts } = useWindow();
  const list = useStore(desk.projects.list) ?? [];
  const [open, setOpen] = useState(false);
  const [isRenaming, setIsRenaming] = useState(false);
  const choose = (action: () => unknown) => () => {
    setOpen(false);
    action();
  };
  const readFile = async (into: 'new' | 'open') => {
    const file = await chooseFile(documentEndings);
    if (file) await importDocuments(desk, toasts, [file], into);
  };
  const rename = (title: string) => {
    setIsRenaming(false);
    if (title !== project.title) void desk.projects.edit(() => ({ title }));
  };

  if (isRenaming) {
    return (
      <div className={styles.project}>
        <input
          className={styles.rename}
          aria-label="Title of the project"
          defaultValue={project.title}
          maxLength={500}
          autoFocus
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => rename(event.currentTarget.value.trim())}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') setIsRenaming(false);
          }}
        />
      </div>
    );
  }
  return (
    <div className={styles.project}>
      <Popover
        open={open}
        onClose={() => setOpen(false)}
        label="Projects"
        role="menu"
        align="start"
        button={
          <button
            type="button"
            className={styles.projectButton}
            aria-haspopup="menu"
            aria-expanded={open}
            data-tip="Opens another project, or begins one"
            onClick={() => {
              void desk.projects.refresh();
              setOpen(!open);
            }}
          >
            <span>{project.title === '' ? untitled : project.title}</span>
            <ChevronsUpDown aria-hidden />
          </button>
        }
      >
        <div className={styles.projects}>
          {list.map(({ id, title, words, problem }) => (
            <MenuItem
              key={id}
              {...(id === project.id ? { icon: Check } : {})}
              onSelect={choose(() => desk.openProject(id))}
            >
              <span className={styles.title}>{title === '' ? untitled : title}</span>
              <span className={styles.words}>
                {problem === null ? formatCount(words, 'word', 'words') : 'cannot be opened'}
              </span>
            </MenuItem>
          ))}
        </div>
        <MenuItem icon={Plus} onSelect={choose(() => desk.createProject(''))}>
          New project
        </MenuItem>
        <MenuItem icon={FileInput} onSelect={choose(() => readFile('new'))}>
          Import a document as a project…
        </MenuItem>
        <MenuItem icon={FilePlus2} onSelect={choose(() => readFile('open'))}>
          Import a document as chapters…
        </MenuItem>
        <MenuItem
          icon={BookDown}
          keys={shortcuts['write.export'].keys}
          onSelect={choose(() => desk.dialog.set({ kind: 'export' }))}
        >
          Export this project…
        </MenuItem>
        <MenuItem onSelect={choose(() => setIsRenaming(true))}>Rename this project</MenuItem>
        <MenuItem icon={Trash2} onSelect={choose(() => desk.trashProject(project.id))}>
          Move this project to the trash
        </MenuItem>
      </Popover>
    </div>
  );
}
