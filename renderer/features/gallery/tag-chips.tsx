import { X } from 'lucide-react';
import { toggleTerm, hasTerm } from '../../../contract/search/edit.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import styles from './tags.module.css';

interface TagChipsProps {
  readonly tags: readonly { readonly name: string; readonly isOfAll: boolean }[];
  readonly onRemove: (tag: string) => void;
}

/** Tags of pictures; those that only some of them have are dashed. A press searches for one. */
export function TagChips({ tags, onRemove }: TagChipsProps) {
  const { library } = useWindow();
  if (tags.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label="Tags">
      {tags.map(({ name, isOfAll }) => (
        <li key={name} className={styles.chip} data-part={isOfAll ? undefined : ''}>
          <button
            type="button"
            data-tip={
              isOfAll ? 'Finds pictures with this tag' : 'Some of the pictures have this tag'
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
    </ul>
  );
}
