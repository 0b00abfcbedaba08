/** The nearest relatives of a picture, in a row. */
import { GitFork } from 'lucide-react';
import type { ImageId } from '../../../contract/ids.ts';
import { thumbnailUrlOf } from '../../../contract/thumbnail-sizes.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { lineageTitles } from './lineage-layout.ts';
import styles from './lineage.module.css';
import { useLineage } from './lineage-queries.ts';

interface LineageStripProps {
  readonly id: ImageId;
  readonly onOpen: () => void;
}

const mostShown = 5;

export function LineageStrip({ id, onOpen }: LineageStripProps) {
  const { showInGallery } = useWindow();
  const { data: lineage } = useLineage(id, 1);
  const relatives = (lineage?.nodes ?? []).filter(({ generation }) => generation !== 0);
  if (!lineage || relatives.length === 0) return null;
  const sides = [
    { title: 'Made from', nodes: relatives.filter(({ generation }) => generation < 0) },
    { title: 'Became', nodes: relatives.filter(({ generation }) => generation > 0) },
  ].filter(({ nodes }) => nodes.length > 0);
  return (
    <section className={styles.strip} aria-label="Lineage">
      {sides.map(({ title, nodes }) => (
        <div key={title}>
          <h2>{title}</h2>
          <div className={styles.relatives}>
            {nodes.slice(0, mostShown).map(({ key, image, inputUrl }) => {
              const edge = lineage.edges.find(({ from, to }) => from === key || to === key);
              const how = edge ? lineageTitles[edge.through] : '';
              const url = image ? thumbnailUrlOf(image.thumbnailUrl, 192) : inputUrl;
              return (
                <button
                  key={key}
                  type="button"
                  disabled={!image}
                  aria-label={`${how}: ${image?.prompt || 'A picture'}`}
                  data-tip={how}
                  onClick={() => image && showInGallery(image.id)}
                >
                  {url !== null && <img src={url} alt="" />}
                </button>
              );
            })}
          </div>
        </div>
      ))}
      <Button icon={GitFork} tip="Shows everything that belongs to it (L)" onClick={onOpen}>
        Lineage
      </Button>
    </section>
  );
}
