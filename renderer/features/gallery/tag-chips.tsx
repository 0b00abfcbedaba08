import { X } from 'lucide-react';
import { toggleTerm, hasTerm } from '../../../contract/search/edit.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import styles from './tags.module.css';

interface TagChipsProps {
  /** Those that all of the pictures have first; `count` of the pictures have one, where that is known. */
  readonly tags: readonly {
    readonly name: string;
    readonly isOfAll: boolean;
    readonly count?: number;
  }[];
  readonly onRemove: (tag: string) => void;
}

/** Of those that only some of the pictures have: more would be a list of all tags there are. */
const mostParts = 40;

/** Tags of pictures; those that only some of them have are dashed. A press searches for one. */
export function TagChips({ tags, onRemove }: TagChipsProps) {
  const { library } = useWindow();
  if (tags.length === 0) return null;
  const parts = tags.filter(({ isOfAll }) => !isOfAll);
  const shown = [...tags.filter(({ isOfAll }) => isOfAll), ...parts.slice(0, mostParts)];
  const left = tags.length - shown.length;
  return (
    <ul className={styles.chips} aria-label="Tags">
      {shown.map(({ name, isOfAll, count }) => (
        <li key={name} className={styles.chip} data-part={isOfAll ? undefined : ''}>
          <button
            type="button"
            data-tip={
              isOfAll
                ? 'Finds pictures with this tag'
                : `${count === undefined ? 'Some' : count.toLocaleString('en')} of the pictures ${count === 1 ? 'has' : 'have'} this tag`
            }
            onClick={() => {
              const { text } = library.state.get().query;
              if (!hasTerm(text, 'tag', name))
                library.setQuery({ text: toggleTerm(text, 'tag', name) });
            }}
          >
            {name}
          </button>
          <IconButton
            icon={X}
            label={`Take off the tag ${name}`}
            tip="Takes this tag off"
            onClick={() => onRemove(name)}
          />
        </li>
      ))}
      {left > 0 && <li className={styles.left}>and {left.toLocaleString('en')} more</li>}
    </ul>
  );
}
