/** The pictures of a sheet, each with what makes it differ. */
import { useMemo } from 'react';
import { labelsAt, planGrid } from '../../../contract/grid-cells.ts';
import type { Sheet } from '../../../contract/grid.ts';
import type { ImageSettings } from '../../../contract/image-request.ts';
import { useImages } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import styles from './grid-strip.module.css';

/** More would be no help in a strip; the gallery has them all. */
const mostShown = 120;

export function GridStrip({
  sheet,
  settings,
}: {
  readonly sheet: Sheet;
  readonly settings: ImageSettings;
}) {
  const { selection } = useWindow();
  const pictures = useImages(sheet.cells.slice(0, mostShown));
  const planned = useMemo(() => planGrid(sheet.grid, settings), [sheet.grid, settings]);
  const labels = planned.ok ? planned.plan.labels : null;
  return (
    <div className={styles.strip} role="group" aria-label="Pictures of the grid">
      {pictures?.map(
        (picture, place) =>
          picture && (
            <button
              key={picture.id}
              type="button"
              aria-label={(labels && labelsAt(labels, place).join(', ')) || `Picture ${place + 1}`}
              data-tip={labels ? labelsAt(labels, place).join(' · ') : undefined}
              onClick={() => selection.set({ kind: 'image', id: picture.id })}
            >
              <img src={picture.thumbnailUrl} alt="" loading="lazy" draggable={false} />
            </button>
          ),
      )}
    </div>
  );
}
