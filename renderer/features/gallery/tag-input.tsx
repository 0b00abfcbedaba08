/** A field that adds tags: completes those there are, offers those used last. */
import { useId, useState } from 'react';
import { libraryLimits, Tag } from '../../../contract/images.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { useTags } from './facet-queries.ts';
import { withRecent } from './gallery-view.ts';
import { OfferList, offerId } from '../../ui/offer-list.tsx';
import { tagOffers } from './tag-offers.ts';
import styles from './tags.module.css';

interface TagInputProps {
  /** Tags that all of the pictures have already. */
  readonly present: readonly string[];
  readonly onAdd: (tag: string) => void;
  /** Escape in an empty field. */
  readonly onLeave: () => void;
  /** Shows offers before anything is typed, and starts with the keyboard. */
  readonly isOpen?: boolean;
}

export function TagInput({ present, onAdd, onLeave, isOpen = false }: TagInputProps) {
  const { galleryView } = useWindow();
  const { recentTags } = useStore(galleryView);
  const tags = useTags() ?? [];
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const [hasFocus, setHasFocus] = useState(false);
  const id = useId();
  const offers = tagOffers(text, tags, recentTags, present);
  const isShown = (isOpen || hasFocus) && offers.length > 0;

  const add = (name: string) => {
    const tag = Tag.safeParse(name);
    if (!tag.success) return;
    onAdd(tag.data);
    galleryView.set((now) => ({ ...now, recentTags: withRecent(now.recentTags, tag.data) }));
    setText('');
    setActive(0);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' && isShown) setActive((active + 1) % offers.length);
    else if (event.key === 'ArrowUp' && isShown)
      setActive((active - 1 + offers.length) % offers.length);
    else if (event.key === 'Enter' || (event.key === 'Tab' && text !== '') || event.key === ',')
      add(offers[active]?.name ?? text);
    else if (event.key === 'Escape' && text !== '') setText('');
    else if (event.key === 'Escape') onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={styles.input} data-open={isOpen ? '' : undefined}>
      <input
        type="text"
        role="combobox"
        aria-label="Add a tag"
        placeholder="Add a tag"
        data-initial-focus={isOpen ? '' : undefined}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={isShown ? id : undefined}
        aria-activedescendant={isShown ? offerId(id, active) : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={libraryLimits.tagCharacters}
        value={text}
        onFocus={() => setHasFocus(true)}
        onBlur={() => setHasFocus(false)}
        onChange={({ currentTarget }) => {
          setText(currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      {isShown && (
        <OfferList
          id={id}
          label="Tags"
          className={styles.offers}
          offers={offers.map(({ name, note }) => ({ key: name, title: name, note }))}
          active={active}
          onAccept={(at) => add(offers[at]?.name ?? text)}
        />
      )}
    </div>
  );
}
