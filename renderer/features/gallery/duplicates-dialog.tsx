/** Pictures that are there twice: the best of each group is kept, the rest goes to the trash in one step. */
import { Check, Copy, Trash2 } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { DuplicateGroup, ImageSummary } from '../../../contract/images.ts';
import { thumbnailUrlOf } from '../../../contract/thumbnail-sizes.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatCount, formatDate } from '../../ui/format.ts';
import styles from './duplicates.module.css';
import { useSummaries } from './use-summary.ts';

const groupsAtOnce = 25;

export function DuplicatesDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, library } = useWindow();
  const { data, error } = useQuery({
    queryKey: ['images', 'duplicates'],
    queryFn: ({ signal }) => client['images.duplicates']({}, { signal }),
  });
  /** What is kept of each group, by its first picture; the best unless somebody chose. */
  const [kept, setKept] = useState<ReadonlyMap<ImageId, ReadonlySet<ImageId>>>(new Map());
  const [shown, setShown] = useState(groupsAtOnce);
  const groups = data?.groups ?? [];
  const keptOf = (group: DuplicateGroup): ReadonlySet<ImageId> =>
    kept.get(keyOf(group)) ?? new Set(group.ids.slice(0, 1));
  const restOf = (group: DuplicateGroup) => group.ids.filter((id) => !keptOf(group).has(id));
  const all = groups.flatMap(restOf);
  return (
    <Dialog label="Duplicates" shape="full" onClose={onClose}>
      <div className={styles.dialog}>
        <div className={styles.groups} tabIndex={0} role="group" aria-label="Groups of duplicates">
          {error && <p role="alert">{error.message}</p>}
          {!data && !error && (
            <p role="status" aria-busy="true">
              Looking for pictures that are there twice…
            </p>
          )}
          {data && groups.length === 0 && (
            <EmptyState icon={Copy} title="No picture is there twice">
              Pictures are compared by their files, and by how they look once they were looked at.
            </EmptyState>
          )}
          {groups.slice(0, shown).map((group) => (
            <Group
              key={keyOf(group)}
              group={group}
              kept={keptOf(group)}
              onKeep={(ids) => setKept(new Map([...kept, [keyOf(group), ids]]))}
              onTrash={() => library.trash(restOf(group))}
            />
          ))}
          {groups.length > shown && (
            <Button onClick={() => setShown(shown + groupsAtOnce)}>
              Show more: {formatCount(groups.length - shown, 'group', 'groups')}
            </Button>
          )}
        </div>
        <div className={styles.bar}>
          {groups.length > 0 && (
            <>
              <span>
                {formatCount(groups.length, 'group', 'groups')}
                {data?.isCut ? ', the first of more' : ''}
              </span>
              <Button
                variant="primary"
                icon={Trash2}
                disabled={all.length === 0}
                tip="Keeps what is marked in every group and moves the rest to the trash; one step undoes it"
                onClick={() => {
                  library.trash(all);
                  onClose();
                }}
              >
                Trash the rest of all: {all.length.toLocaleString('en')}
              </Button>
            </>
          )}
          <Button icon={Check} data-initial-focus onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function keyOf({ ids }: DuplicateGroup): ImageId {
  return ids[0] ?? '';
}

interface GroupProps {
  readonly group: DuplicateGroup;
  readonly kept: ReadonlySet<ImageId>;
  readonly onKeep: (ids: ReadonlySet<ImageId>) => void;
  readonly onTrash: () => void;
}

function Group({ group, kept, onKeep, onTrash }: GroupProps) {
  const summaries = useSummaries(group.ids) ?? [];
  const toggle = (id: ImageId) => {
    const next = new Set(kept);
    // One of them always stays.
    if (next.has(id) && next.size > 1) next.delete(id);
    else next.add(id);
    onKeep(next);
  };
  const rest = group.ids.length - kept.size;
  return (
    <section
      className={styles.group}
      aria-label={group.kind === 'same' ? 'The same file' : 'The same picture'}
    >
      <div className={styles.groupHead}>
        <h3>{group.kind === 'same' ? 'The same file' : 'The same picture to the eye'}</h3>
        <Button
          icon={Trash2}
          disabled={rest === 0}
          tip="Moves those that are not kept to the trash"
          onClick={onTrash}
        >
          Trash the rest
        </Button>
      </div>
      <div className={styles.pictures}>
        {summaries.map(
          (summary) =>
            summary && (
              <Candidate
                key={summary.id}
                summary={summary}
                isKept={kept.has(summary.id)}
                onToggle={() => toggle(summary.id)}
              />
            ),
        )}
      </div>
    </section>
  );
}

interface CandidateProps {
  readonly summary: ImageSummary;
  readonly isKept: boolean;
  readonly onToggle: () => void;
}

function Candidate({ summary, isKept, onToggle }: CandidateProps) {
  const { thumbnailUrl, prompt, width, height, createdAt, rating, format } = summary;
  return (
    <button
      type="button"
      role="checkbox"
      aria-checked={isKept}
      aria-label={`Keep ${prompt || 'a picture without a prompt'}, ${width} by ${height}`}
      className={styles.candidate}
      onClick={onToggle}
    >
      <img src={thumbnailUrlOf(thumbnailUrl, 384)} alt="" />
      <span className={styles.verdict}>{isKept ? 'Keep' : 'Trash'}</span>
      <span>
        {width} × {height} · {format.toUpperCase()}
        {rating > 0 ? ` · ${'★'.repeat(rating)}` : ''}
      </span>
      <span>{formatDate(createdAt)}</span>
    </button>
  );
}
