/** Chapters and scenes at the left: open, add, rename, reorder, trash, by pointer and by keyboard. */
import { ChevronDown, FilePlus2, FolderPlus } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Chapter, Project, SceneInfo } from '../../../../contract/projects.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { IconButton } from '../../../ui/button.tsx';
import { formatCount } from '../../../ui/format.ts';
import { takeFiles } from '../files/take-files.ts';
import { chapterTitle, outlineActions, sceneTitle } from './outline-actions.ts';
import {
  allScenes,
  moveChapter,
  moveScene,
  renameChapter,
  renameScene,
  shiftScene,
} from './outline-edit.ts';
import { ProjectSwitcher } from './project-switcher.tsx';
import { RowMenu, TitleField } from './row-parts.tsx';
import styles from './outline.module.css';

interface OutlineProps {
  readonly project: Project;
  readonly openSceneId: string | null;
}

type Row =
  | { readonly kind: 'chapter'; readonly chapter: Chapter; readonly number: number }
  | {
      readonly kind: 'scene';
      readonly scene: SceneInfo;
      readonly number: number;
      readonly chapter: Chapter;
    };

const dragType = 'application/x-atelier-scene';

export function Outline({ project, openSceneId }: OutlineProps) {
  const { desk, toasts, client } = useWindow();
  const session = useStore(desk.scene);
  const [focused, setFocused] = useState<string | null>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  const [dropAt, setDropAt] = useState<string | null>(null);
  const [isOverFiles, setIsOverFiles] = useState(false);
  const tree = useRef<HTMLUListElement>(null);
  const { chapters } = project;
  const rows: readonly Row[] = chapters.flatMap((chapter, index): Row[] => [
    { kind: 'chapter', chapter, number: index + 1 },
    ...chapter.scenes.map((scene, place): Row => ({
      kind: 'scene',
      scene,
      number: place + 1,
      chapter,
    })),
  ]);
  const idOf = (row: Row) => (row.kind === 'chapter' ? row.chapter.id : row.scene.id);
  const focusedId = rows.some((row) => idOf(row) === focused)
    ? focused
    : (openSceneId ?? idOf(rows[0] ?? { kind: 'chapter', chapter: emptyChapter(), number: 1 }));

  const { edit, newScene, newChapter, trashScene, trashChapter } = outlineActions({
    desk,
    toasts,
    client,
    project,
    openSceneId,
    onNext: setFocused,
  });
  const focusRow = (id: string) => {
    setFocused(id);
    tree.current?.querySelector<HTMLElement>(`[data-row="${id}"]`)?.focus();
  };

  const onKeyDown = (event: React.KeyboardEvent, row: Row, index: number) => {
    if (event.target instanceof HTMLInputElement) return;
    const id = idOf(row);
    const step = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0;
    if (step !== 0 && event.altKey) {
      if (row.kind === 'scene') void edit((now) => shiftScene(now, id, step));
      else
        void edit((now) =>
          moveChapter(now, id, now.findIndex((chapter) => chapter.id === id) + step),
        );
    } else if (step !== 0) {
      const next = rows[index + step];
      if (next) focusRow(idOf(next));
    } else if (event.key === 'Home' || event.key === 'End') {
      const next = rows.at(event.key === 'Home' ? 0 : -1);
      if (next) focusRow(idOf(next));
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (row.kind === 'scene') void desk.openScene(id);
    } else if (event.key === 'F2') setRenaming(id);
    else if (event.key === 'Delete' || event.key === 'Backspace')
      void (row.kind === 'scene' ? trashScene(id) : trashChapter(id));
    else if (event.key === 'n' || event.key === 'Insert')
      void newScene(row.kind === 'scene' ? id : (row.chapter.scenes.at(-1)?.id ?? null));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const rename = (row: Row, title: string) => {
    setRenaming(null);
    const id = idOf(row);
    void edit((now) =>
      row.kind === 'scene' ? renameScene(now, id, title) : renameChapter(now, id, title),
    );
    requestAnimationFrame(() => focusRow(id));
  };
  const drop = (row: Row, moved: string) => {
    setDropAt(null);
    if (row.kind === 'scene')
      void edit((now) => moveScene(now, moved, row.chapter.id, row.scene.id));
    else void edit((now) => moveScene(now, moved, row.chapter.id, null));
  };

  const words = allScenes(chapters).reduce((sum, scene) => sum + scene.words, 0);
  return (
    <div
      className={styles.outline}
      data-files={isOverFiles ? '' : undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes('Files')) return;
        event.preventDefault();
        setIsOverFiles(true);
      }}
      onDragLeave={(event) => {
        const isInside =
          event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget);
        if (!isInside) setIsOverFiles(false);
      }}
      onDrop={(event) => {
        setIsOverFiles(false);
        if (event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        void takeFiles(desk, toasts, [...event.dataTransfer.files]);
      }}
    >
      <ProjectSwitcher project={project} />
      <ul ref={tree} role="tree" aria-label="Outline" className={styles.tree}>
        {rows.map((row, index) => {
          const id = idOf(row);
          const isScene = row.kind === 'scene';
          const title = isScene
            ? sceneTitle(row.scene, row.number)
            : chapterTitle(row.chapter, row.number);
          return (
            <li
              key={id}
              role="treeitem"
              aria-level={isScene ? 2 : 1}
              aria-selected={id === openSceneId}
              aria-expanded={isScene ? undefined : true}
              aria-label={title}
              data-row={id}
              data-kind={row.kind}
              data-open={id === openSceneId ? '' : undefined}
              data-drop={dropAt === id ? '' : undefined}
              tabIndex={id === focusedId ? 0 : -1}
              className={styles.row}
              draggable={isScene && renaming !== id}
              onFocus={() => setFocused(id)}
              onClick={() => isScene && renaming !== id && void desk.openScene(id)}
              onDoubleClick={() => setRenaming(id)}
              onKeyDown={(event) => onKeyDown(event, row, index)}
              onDragStart={(event) => event.dataTransfer.setData(dragType, id)}
              onDragOver={(event) => {
                if (!event.dataTransfer.types.includes(dragType)) return;
                event.preventDefault();
                setDropAt(id);
              }}
              onDragLeave={() => setDropAt(null)}
              onDrop={(event) => {
                const moved = event.dataTransfer.getData(dragType);
                if (moved !== '') drop(row, moved);
              }}
            >
              {renaming === id ? (
                <TitleField
                  label={isScene ? 'Title of the scene' : 'Title of the chapter'}
                  title={isScene ? row.scene.title : row.chapter.title}
                  onDone={(name) => rename(row, name)}
                  onCancel={() => {
                    setRenaming(null);
                    requestAnimationFrame(() => focusRow(id));
                  }}
                />
              ) : (
                <>
                  {!isScene && <ChevronDown aria-hidden />}
                  <span className={styles.title}>{title}</span>
                  <span className={styles.words}>
                    {isScene && session?.sceneId === id ? (
                      <LiveWords session={session} />
                    ) : isScene ? (
                      row.scene.words.toLocaleString('en')
                    ) : (
                      row.chapter.scenes
                        .reduce((sum, scene) => sum + scene.words, 0)
                        .toLocaleString('en')
                    )}
                  </span>
                  <RowMenu
                    title={title}
                    onRename={() => setRenaming(id)}
                    onAdd={() =>
                      void newScene(isScene ? id : (row.chapter.scenes.at(-1)?.id ?? null))
                    }
                    onTrash={() => void (isScene ? trashScene(id) : trashChapter(id))}
                  />
                </>
              )}
            </li>
          );
        })}
      </ul>
      <div className={styles.foot}>
        <span>{formatCount(words, 'word', 'words')}</span>
        <IconButton
          icon={FilePlus2}
          label="New scene"
          tip="Adds a scene behind the open one"
          onClick={() => void newScene(openSceneId)}
        />
        <IconButton
          icon={FolderPlus}
          label="New chapter"
          tip="Adds a chapter with an empty scene at the end"
          onClick={() => void newChapter()}
        />
      </div>
    </div>
  );
}

function LiveWords({
  session,
}: {
  readonly session: { readonly words: Parameters<typeof useStore<number>>[0] };
}) {
  return <>{useStore(session.words).toLocaleString('en')}</>;
}

const emptyChapter = (): Chapter => ({ id: '', title: '', scenes: [] });
