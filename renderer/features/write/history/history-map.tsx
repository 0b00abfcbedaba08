/** The history of the scene as a map one can walk: by pointer, or with the arrow keys. */
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  Bookmark,
  ClipboardPaste,
  Download,
  PenLine,
  Replace,
  RotateCcw,
  Sparkles,
  Split,
  Type,
  type LucideIcon,
} from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { NodeId } from '../../../../contract/scenes.ts';
import { useStore } from '../../../app/store.ts';
import { useWindow } from '../../../app/window-model.ts';
import { Button } from '../../../ui/button.tsx';
import fieldStyles from '../../../ui/field.module.css';
import type { SceneSession } from '../session/scene-session.ts';
import { DifferenceDialog } from './difference-dialog.tsx';
import { nodeAt, type ChangeKind } from './history-tree.ts';
import { HistoryPreview } from './history-preview.tsx';
import { layOutTree, type MapRow } from './tree-layout.ts';
import styles from './history-map.module.css';

const rowHeightPx = 26;
const laneWidthPx = 12;
const mostLanesShown = 7;
const previewDelayMs = 200;

const kinds: Readonly<Record<ChangeKind, { readonly title: string; readonly icon: LucideIcon }>> = {
  typing: { title: 'Typed', icon: PenLine },
  generation: { title: 'Written by the model', icon: Sparkles },
  choice: { title: 'Chosen', icon: Split },
  format: { title: 'Formatted', icon: Type },
  paste: { title: 'Pasted', icon: ClipboardPaste },
  replace: { title: 'Replaced', icon: Replace },
  import: { title: 'Imported', icon: Download },
  recovery: { title: 'Recovered', icon: RotateCcw },
};

export function HistoryMap({ session }: { readonly session: SceneSession }) {
  const { toasts } = useWindow();
  const tree = useStore(session.tree);
  const { rows, lanes } = useMemo(() => layOutTree(tree.nodes.values()), [tree.nodes]);
  const headRow = rows.findIndex(({ id }) => id === tree.head);
  const [active, setActive] = useState<NodeId | null>(null);
  const [previewed, setPreviewed] = useState<NodeId | null>(null);
  const [compared, setCompared] = useState<NodeId | null>(null);
  const [name, setName] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const previewTimer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoized by a compiler
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeightPx,
    overscan: 12,
  });
  const activeId = active ?? tree.head;

  useEffect(() => {
    if (headRow >= 0) virtual.scrollToIndex(headRow, { align: 'auto' });
  }, [headRow, virtual]);

  const preview = (id: NodeId | null) => {
    if (previewTimer.current !== null) clearTimeout(previewTimer.current);
    previewTimer.current = setTimeout(() => setPreviewed(id), previewDelayMs);
  };
  const move = (id: NodeId | null | undefined) => {
    if (id == null) return;
    setActive(id);
    preview(id);
    const index = rows.findIndex((row) => row.id === id);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  };
  const go = (id: NodeId) => {
    setActive(null);
    setPreviewed(null);
    void session.goTo(id);
  };
  const takeSnapshot = () => {
    const label = name.trim();
    if (label === '') return;
    session.label(tree.head, label);
    setName('');
    toasts.say(`“${label}” is kept. The map of the history leads back to it.`);
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const index = rows.findIndex(({ id }) => id === activeId);
    const node = nodeAt(tree, activeId);
    if (event.key === 'ArrowUp') move(rows[index - 1]?.id);
    else if (event.key === 'ArrowDown') move(rows[index + 1]?.id);
    else if (event.key === 'ArrowLeft') move(node.parent);
    else if (event.key === 'ArrowRight') move(node.visited);
    else if (event.key === 'Home') move(rows[0]?.id);
    else if (event.key === 'End') move(rows.at(-1)?.id);
    else if (event.key === 'Enter') go(activeId);
    else if (event.key === 'd') setCompared(activeId);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.history}>
      <form
        className={styles.snapshot}
        onSubmit={(event) => {
          event.preventDefault();
          takeSnapshot();
        }}
      >
        <input
          className={fieldStyles.text}
          aria-label="Name of the snapshot"
          placeholder="Name this version"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          icon={Bookmark}
          type="submit"
          disabled={name.trim() === ''}
          tip="Gives the text as it is a name, so that you find it again"
        >
          Keep
        </Button>
      </form>
      <div
        ref={scroller}
        role="listbox"
        aria-label="History of the scene"
        aria-activedescendant={`history-${activeId}`}
        tabIndex={0}
        className={styles.map}
        onKeyDown={onKeyDown}
        onBlur={() => preview(null)}
        onPointerLeave={() => preview(null)}
      >
        <div style={{ height: virtual.getTotalSize() }} className={styles.rows} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            const node = nodeAt(tree, row.id);
            const { title, icon: Icon } = kinds[node.kind];
            const isRoot = node.parent === null;
            return (
              <div
                key={row.id}
                id={`history-${row.id}`}
                role="option"
                tabIndex={-1}
                aria-selected={row.id === tree.head}
                aria-label={`${node.label ?? (isRoot ? 'Empty page' : title)}${node.summary === '' ? '' : `: ${node.summary.slice(0, 60)}`}, ${timeOf(node.at)}`}
                className={styles.row}
                data-active={row.id === activeId ? '' : undefined}
                data-head={row.id === tree.head ? '' : undefined}
                style={{ transform: `translateY(${start}px)`, height: rowHeightPx }}
                onClick={() => go(row.id)}
                onPointerEnter={() => preview(row.id)}
              >
                <Lanes
                  row={row}
                  count={Math.min(lanes, mostLanesShown)}
                  isHead={row.id === tree.head}
                />
                {node.label === null ? <Icon aria-hidden /> : <Bookmark aria-hidden />}
                <span className={styles.summary} data-label={node.label === null ? undefined : ''}>
                  {node.label ??
                    (isRoot ? 'Empty page' : node.summary.trim() === '' ? title : node.summary)}
                </span>
                <time>{timeOf(node.at)}</time>
              </div>
            );
          })}
        </div>
      </div>
      {previewed !== null && previewed !== tree.head && (
        <HistoryPreview session={session} node={previewed} />
      )}
      <p className={styles.keys}>↑ ↓ walk · ← → parent, child · ↵ go there · D compare</p>
      {compared !== null && (
        <DifferenceDialog session={session} from={compared} onClose={() => setCompared(null)} />
      )}
    </div>
  );
}

function Lanes({
  row,
  count,
  isHead,
}: {
  readonly row: MapRow;
  readonly count: number;
  readonly isHead: boolean;
}) {
  const x = (lane: number) => Math.min(lane, mostLanesShown - 1) * laneWidthPx + laneWidthPx / 2;
  const middle = rowHeightPx / 2;
  const own = x(row.lane);
  return (
    <svg aria-hidden width={count * laneWidthPx} height={rowHeightPx} className={styles.lanes}>
      {row.passing
        .filter((lane) => lane !== row.lane)
        .map((lane) => (
          <line key={lane} x1={x(lane)} x2={x(lane)} y1={0} y2={rowHeightPx} />
        ))}
      {row.hasNewer && <line x1={own} x2={own} y1={0} y2={middle} />}
      {row.hasOlder && <line x1={own} x2={own} y1={middle} y2={rowHeightPx} />}
      {row.joining.map((lane) => (
        <path
          key={lane}
          d={`M ${x(lane)} 0 C ${x(lane)} ${middle}, ${own} ${middle / 2}, ${own} ${middle}`}
        />
      ))}
      <circle cx={own} cy={middle} r={isHead ? 4.5 : 3} data-head={isHead ? '' : undefined} />
    </svg>
  );
}

function timeOf(at: number): string {
  const date = new Date(at);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday
    ? date.toLocaleTimeString(undefined, { timeStyle: 'short' })
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}
