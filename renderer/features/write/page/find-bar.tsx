/** Find and replace, in the scene or in the whole project. */
import { CaseSensitive, ChevronDown, ChevronUp, Regex, WholeWord, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useQuery } from '@tanstack/react-query';
import { StudioError } from '../../../../contract/errors.ts';
import type { TextMatch, TextSearch } from '../../../../contract/projects.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Segments } from '../../../ui/field.tsx';
import fieldStyles from '../../../ui/field.module.css';
import { formatCount } from '../../../ui/format.ts';
import {
  findMatches,
  goToMatch,
  matchesOf,
  searchPattern,
  showMatches,
} from '../document/search-matches.ts';
import { findScene } from '../outline/outline-edit.ts';
import { changeMeta, type ChangeMeta, type SceneSession } from '../session/scene-session.ts';
import { useSceneValue } from './use-scene.ts';
import styles from './find-bar.module.css';

interface FindBarProps {
  readonly session: SceneSession;
  readonly initialScope: 'scene' | 'project';
  readonly onClose: () => void;
}

export function FindBar({ session, initialScope, onClose }: FindBarProps) {
  const { desk, client, toasts } = useWindow();
  const project = useStore(desk.projects.project);
  const [scope, setScope] = useState(initialScope);
  const [text, setText] = useState('');
  const [replacement, setReplacement] = useState('');
  const [options, setOptions] = useState({ caseSensitive: false, wholeWords: false, regex: false });
  const [current, setCurrent] = useState(-1);
  const [isBusy, setIsBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const search: TextSearch = useMemo(() => ({ text, ...options }), [text, options]);

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const pattern = useMemo(() => (text === '' ? null : patternOf(search)), [text, search]);
  const problem = pattern === 'invalid' ? 'This is not a pattern.' : null;
  const count = useSceneValue(session, (state) => matchesOf(state).length);
  useEffect(() => {
    const view = session.view();
    if (!view || pattern === 'invalid') return;
    showMatches(view, pattern === null ? [] : findMatches(view.state.doc, pattern));
    return () => showMatches(view, []);
  }, [session, pattern]);

  const found = useQuery({
    queryKey: ['find', project?.id, search],
    queryFn: async ({ signal }) => {
      await session.flush();
      return client['projects.search']({ id: project?.id ?? '', search, limit: 200 }, { signal });
    },
    enabled: scope === 'project' && text !== '' && project !== null,
    staleTime: 0,
    gcTime: 0,
  });

  const step = (by: 1 | -1) => {
    const view = session.view();
    if (!view) return;
    const matches = matchesOf(view.state);
    if (matches.length === 0) return;
    const { from } = view.state.selection;
    const next =
      current >= 0
        ? (current + by + matches.length) % matches.length
        : Math.max(
            0,
            by === 1
              ? matches.findIndex((match) => match.from >= from)
              : matches.findLastIndex((match) => match.from < from),
          );
    const match = matches[next];
    if (!match) return;
    setCurrent(next);
    goToMatch(view, match);
  };

  const replaceInScene = (all: boolean) => {
    const view = session.view();
    if (!view || pattern === null || pattern === 'invalid') return;
    const matches = matchesOf(view.state);
    const chosen = all ? matches : matches.slice(Math.max(0, current), Math.max(0, current) + 1);
    if (chosen.length === 0) return;
    const single = new RegExp(pattern.source, pattern.flags.replace('g', ''));
    const { tr } = view.state;
    for (const { from, to } of chosen.toReversed()) {
      const words = view.state.doc.textBetween(from, to);
      const put = options.regex ? words.replace(single, replacement) : replacement;
      if (put === '') tr.delete(from, to);
      else tr.insertText(put, from, to);
    }
    session.seal();
    session.dispatch(tr.setMeta(changeMeta, { kind: 'replace' } satisfies ChangeMeta));
    session.seal();
    showMatches(view, findMatches(session.state().doc, pattern));
    if (all)
      toasts.say(
        `${formatCount(chosen.length, 'place', 'places')} replaced. One undo takes it back.`,
      );
    else step(1);
  };

  const replaceInProject = async () => {
    if (!project) return;
    setIsBusy(true);
    try {
      await session.flush();
      const { replaced, scenes } = await client['projects.replace']({
        id: project.id,
        search,
        replacement,
      });
      toasts.say(
        `${formatCount(replaced, 'place', 'places')} replaced in ${formatCount(scenes.length, 'scene', 'scenes')}. One undo in each takes it back.`,
      );
      void found.refetch();
    } catch (error) {
      toasts.fail(error);
    } finally {
      setIsBusy(false);
    }
  };

  const openMatch = async (match: TextMatch) => {
    await desk.openScene(match.sceneId);
    const opened = desk.scene.get();
    if (opened?.sceneId !== match.sceneId) return;
    // The page is drawn with the next frame.
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const view = opened.view();
        if (view && match.to <= view.state.doc.content.size) goToMatch(view, match);
      }),
    );
  };

  const toggles = [
    { key: 'caseSensitive', icon: CaseSensitive, label: 'Match capitals' },
    { key: 'wholeWords', icon: WholeWord, label: 'Whole words' },
    { key: 'regex', icon: Regex, label: 'Pattern' },
  ] as const;
  const failure = found.error ? StudioError.from(found.error).message : null;

  return (
    <div
      role="search"
      aria-label="Find and replace"
      className={styles.bar}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
        session.view()?.focus();
      }}
    >
      <div className={styles.line}>
        <input
          ref={field}
          className={fieldStyles.text}
          aria-label="Find"
          placeholder="Find"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setCurrent(-1);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          }}
        />
        {toggles.map(({ key, icon, label }) => (
          <IconButton
            key={key}
            icon={icon}
            label={label}
            aria-pressed={options[key]}
            onClick={() => {
              setOptions((now) => ({ ...now, [key]: !now[key] }));
              setCurrent(-1);
            }}
          />
        ))}
        <span className={styles.count} role="status">
          {problem ??
            (text === '' ? '' : current >= 0 ? `${current + 1} of ${count}` : `${count} here`)}
        </span>
        <IconButton
          icon={ChevronUp}
          label="Previous"
          disabled={count === 0}
          onClick={() => step(-1)}
        />
        <IconButton
          icon={ChevronDown}
          label="Next"
          disabled={count === 0}
          onClick={() => step(1)}
        />
        <IconButton
          icon={X}
          label="Close"
          onClick={() => {
            onClose();
            session.view()?.focus();
          }}
        />
      </div>
      <div className={styles.line}>
        <input
          className={fieldStyles.text}
          aria-label="Replace with"
          placeholder="Replace with"
          value={replacement}
          onChange={(event) => setReplacement(event.currentTarget.value)}
        />
        <Segments
          label="Where"
          value={scope}
          options={[
            { value: 'scene', label: 'Scene' },
            { value: 'project', label: 'Project' },
          ]}
          onChange={setScope}
        />
        {scope === 'scene' ? (
          <>
            <Button disabled={count === 0} onClick={() => replaceInScene(false)}>
              Replace
            </Button>
            <Button disabled={count === 0} onClick={() => replaceInScene(true)}>
              All
            </Button>
          </>
        ) : (
          <Button
            disabled={isBusy || (found.data?.total ?? 0) === 0}
            tip="In every scene; one undo in each takes it back"
            onClick={() => void replaceInProject()}
          >
            Replace {found.data ? found.data.total.toLocaleString('en') : 'all'}
          </Button>
        )}
      </div>
      {scope === 'project' && text !== '' && (
        <ul className={styles.results} aria-label="Found in the project">
          {failure !== null && <li className={styles.nothing}>{failure}</li>}
          {found.data?.matches.length === 0 && <li className={styles.nothing}>Nothing found.</li>}
          {found.data?.matches.map((match, index) => (
            <li key={index}>
              <button type="button" onClick={() => void openMatch(match)}>
                <span className={styles.where}>
                  {(project && findScene(project.chapters, match.sceneId)?.scene.title) || 'Scene'}
                </span>
                <span>
                  {match.excerpt.slice(0, match.excerptFrom)}
                  <mark>{match.excerpt.slice(match.excerptFrom, match.excerptTo)}</mark>
                  {match.excerpt.slice(match.excerptTo)}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function patternOf(search: TextSearch): RegExp | 'invalid' {
  try {
    return searchPattern(search);
  } catch {
    return 'invalid';
  }
}
