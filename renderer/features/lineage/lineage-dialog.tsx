/** What came from what, through what: walked by arrow keys, opened by Enter. */
import { Check } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { Lineage } from '../../../contract/images.ts';
import { thumbnailUrlOf } from '../../../contract/thumbnail-sizes.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { lineageLayout, lineageTitles, neighbourOf } from './lineage-layout.ts';
import styles from './lineage.module.css';
import { useLineage } from './lineage-queries.ts';

interface LineageDialogProps {
  readonly id: ImageId;
  readonly onOpen: (id: ImageId) => void;
  readonly onClose: () => void;
}

const depth = 6;

export function LineageDialog({ id, onOpen, onClose }: LineageDialogProps) {
  const { data: lineage, error } = useLineage(id, depth);
  return (
    <Dialog label="Lineage" shape="full" onClose={onClose}>
      <div className={styles.dialog}>
        {error ? (
          <p role="alert">{error.message}</p>
        ) : lineage ? (
          <LineageGraph lineage={lineage} onOpen={onOpen} />
        ) : (
          <div aria-busy="true" />
        )}
        <div className={styles.bar}>
          <span className={styles.hint}>
            {lineage && lineage.nodes.length === 1
              ? 'This picture was made from nothing else, and nothing was made from it yet.'
              : `Arrow keys walk, Enter opens a picture in the gallery.${lineage?.isCut ? ' There is more than fits here: open a picture at the edge to go on.' : ''}`}
          </span>
          <Button icon={Check} onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const cell = { width: 176, height: 148, pictureWidth: 120, pictureHeight: 96 } as const;

function LineageGraph({
  lineage,
  onOpen,
}: {
  readonly lineage: Lineage;
  readonly onOpen: (id: ImageId) => void;
}) {
  const layout = lineageLayout(lineage);
  const self = lineage.nodes.find(({ generation }) => generation === 0);
  const [current, setCurrent] = useState(self?.key ?? '');
  const graph = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const node = graph.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(current)}"]`);
    node?.focus();
    node?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current]);
  const at = new Map(layout.placed.map(({ node, column, row }) => [node.key, { column, row }]));
  const middle = (key: string) => {
    const { column, row } = at.get(key) ?? { column: 0, row: 0 };
    return {
      x: column * cell.width + cell.width / 2,
      y: row * cell.height + 8 + cell.pictureHeight / 2,
    };
  };
  return (
    <div
      ref={graph}
      className={styles.graph}
      role="group"
      aria-label="Pictures that came from each other"
      onKeyDown={(event) => {
        const next = neighbourOf(layout, lineage.edges, current, event.key);
        if (next === null) return;
        event.preventDefault();
        setCurrent(next);
      }}
    >
      <div
        className={styles.place}
        style={{ width: layout.columns * cell.width, height: layout.rows * cell.height }}
      >
        <svg className={styles.edges} aria-hidden>
          {lineage.edges.map(({ from, to, through }) => {
            const [a, b] = [middle(from), middle(to)];
            const [x1, x2] = [a.x + cell.pictureWidth / 2, b.x - cell.pictureWidth / 2];
            const bend = (x1 + x2) / 2;
            return (
              <path
                key={`${from} ${to} ${through}`}
                d={`M ${x1} ${a.y} C ${bend} ${a.y}, ${bend} ${b.y}, ${x2} ${b.y}`}
              />
            );
          })}
        </svg>
        {layout.placed.map(({ node, column, row }) => {
          const { key, image, inputUrl } = node;
          const how = lineage.edges.find(({ to }) => to === key)?.through;
          const url = image ? thumbnailUrlOf(image.thumbnailUrl, 384) : inputUrl;
          const name = image?.prompt || (inputUrl === null ? 'Gone from the library' : 'An input');
          return (
            <button
              key={key}
              type="button"
              data-key={key}
              tabIndex={key === current ? 0 : -1}
              className={styles.node}
              style={{ left: column * cell.width, top: row * cell.height, width: cell.width }}
              aria-label={`${how ? `${lineageTitles[how]}: ` : ''}${name}`}
              aria-current={node.generation === 0 ? 'true' : undefined}
              data-tip={name}
              onFocus={() => setCurrent(key)}
              onClick={() => image && onOpen(image.id)}
            >
              <span className={styles.picture}>{url !== null && <img src={url} alt="" />}</span>
              <span className={styles.how}>{how ? lineageTitles[how] : 'Beginning'}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
