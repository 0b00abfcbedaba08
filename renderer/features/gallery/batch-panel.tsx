/** Many pictures at once: what they have in common, and marks that all of them are given. */
import { Columns2, FolderPlus, Trash2, Undo2 } from 'lucide-react';
import type { ImageId } from '../../../contract/ids.ts';
import { libraryLimits, type MarkChange } from '../../../contract/images.ts';
import { thumbnailUrlOf } from '../../../contract/thumbnail-sizes.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';
import styles from './detail-panel.module.css';
import { commonMarks, MarksEditor, type CommonMarks } from './marks-editor.tsx';
import { TagChips } from './tag-chips.tsx';
import { TagInput } from './tag-input.tsx';
import { useInCommon } from './use-in-common.ts';
import { useSummaries } from './use-summary.ts';

interface BatchPanelProps {
  readonly ids: readonly ImageId[];
  readonly trashed: boolean;
  readonly onMark: (change: MarkChange) => void;
  readonly onRemove: () => void;
  readonly onAlbum: () => void;
  /** Null where there are too many to lay side by side. */
  readonly onCompare: (() => void) | null;
  readonly onLeave: () => void;
}

const mostShown = 9;

export function BatchPanel({
  ids,
  trashed,
  onMark,
  onRemove,
  onAlbum,
  onCompare,
  onLeave,
}: BatchPanelProps) {
  const common = useInCommon(ids);
  // A few are known one by one, where a mark shows before the studio confirmed it.
  const isFew = ids.length <= libraryLimits.summaries;
  const summaries = useSummaries(isFew ? ids : ids.slice(0, mostShown));
  const known = (summaries ?? []).filter((summary) => summary !== undefined);
  const marks = isFew || !common ? commonMarks(isFew ? known : []) : common.marks;
  const tags = common?.tags ?? [];
  const isKnown = isFew ? known.length > 0 : common !== undefined;
  const mixed = isKnown ? mixedMarks(marks) : [];
  return (
    <>
      <div className={styles.stack} aria-hidden>
        {known.slice(0, mostShown).map(({ id, thumbnailUrl }) => (
          <img key={id} src={thumbnailUrlOf(thumbnailUrl, 192)} alt="" />
        ))}
      </div>
      <h2 className={styles.batchTitle}>{formatCount(ids.length, 'picture', 'pictures')} chosen</h2>
      <div className={styles.actions}>
        {trashed ? (
          <Button variant="primary" icon={Undo2} onClick={onRemove}>
            Restore
          </Button>
        ) : (
          <>
            {onCompare && (
              <Button icon={Columns2} tip="Lays them side by side (C)" onClick={onCompare}>
                Compare
              </Button>
            )}
            <Button
              icon={FolderPlus}
              tip="Puts them into an album, or together in a new one (A)"
              onClick={onAlbum}
            >
              Album
            </Button>
            <Button icon={Trash2} tip="Moves all of them to the trash (Del)" onClick={onRemove}>
              Delete
            </Button>
          </>
        )}
      </div>
      {!trashed && (
        <>
          <MarksEditor marks={marks} onMark={onMark} />
          {mixed.length > 0 && (
            <p className={styles.mixed}>They differ in {mixed.join(' and ')}.</p>
          )}
          <section className={styles.section} aria-label="Tags">
            <TagChips tags={tags} onRemove={(tag) => onMark({ removeTags: [tag] })} />
            <TagInput
              present={tags.filter(({ isOfAll }) => isOfAll).map(({ name }) => name)}
              onAdd={(tag) => onMark({ addTags: [tag] })}
              onLeave={onLeave}
            />
          </section>
        </>
      )}
    </>
  );
}

function mixedMarks({ rating, flag, label }: CommonMarks): string[] {
  return [
    ...(rating === undefined ? ['rating'] : []),
    ...(flag === undefined ? ['flag'] : []),
    ...(label === undefined ? ['label'] : []),
  ];
}
