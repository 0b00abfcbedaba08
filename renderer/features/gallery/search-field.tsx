/** The search of the gallery: its language in colour, completed as one types, with what was not understood below. */
import { BookmarkPlus, Search, X } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { SearchProblem } from '../../../contract/search/problems.ts';
import { searchLimits } from '../../../contract/search/problems.ts';
import { searchLeaves } from '../../../contract/search/leaves.ts';
import { parseSearch } from '../../../contract/search/parse.ts';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { IconButton } from '../../ui/button.tsx';
import { replaceText } from '../create/replace-text.ts';
import { useFacets } from './facet-queries.ts';
import { withRecent } from './gallery-view.ts';
import { facetFieldAt, searchOffers } from './search-completion.ts';
import { OfferList, offerId } from '../../ui/offer-list.tsx';
import styles from './search-field.module.css';

interface SearchFieldProps {
  readonly text: string;
  readonly onSave: (text: string) => void;
  /** Gives the keyboard back to the pictures. */
  readonly onLeave: () => void;
}

const searchDelayMs = 160;

export function SearchField({ text: searched, onSave, onLeave }: SearchFieldProps) {
  const { galleryView, library } = useWindow();
  const { recentSearches } = useStore(galleryView);
  const [text, setText] = useState(searched);
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const backdrop = useRef<HTMLDivElement>(null);
  const id = useId();

  // The search is also set by facets, albums and the command palette.
  const [lastSearched, setLastSearched] = useState(searched);
  if (lastSearched !== searched) {
    setLastSearched(searched);
    setText(searched);
  }
  useEffect(() => {
    if (text === searched) return;
    const timer = setTimeout(() => library.setQuery({ text }), searchDelayMs);
    return () => clearTimeout(timer);
  }, [text, searched, library]);
  useShortcut('gallery.search', () => {
    field.current?.focus();
    field.current?.select();
  });

  const asked = caret === null ? null : facetFieldAt(text, caret);
  const values = useFacets(asked === null ? null : { fields: [asked], query: null })?.facets[0];
  const offers = useMemo(
    () => (caret === null ? null : searchOffers(text, caret, values?.values ?? [], recentSearches)),
    [text, caret, values, recentSearches],
  );
  const { problems } = useMemo(() => parseSearch(text), [text]);
  // What stands at the caret is still being typed.
  const told = problems.filter(({ start, end }) => caret === null || caret < start || caret > end);

  const remember = () => {
    const search = text.trim();
    if (search !== '')
      galleryView.set((now) => ({
        ...now,
        recentSearches: withRecent(now.recentSearches, search),
      }));
  };
  const accept = (at: number) => {
    const offer = offers?.offers[at];
    if (!offers || !offer || !field.current) return;
    const caretAfter = offers.start + offer.insert.length;
    const { start, end } = offers;
    replaceText(field.current, {
      start,
      end,
      text: offer.insert,
      selectStart: caretAfter,
      selectEnd: caretAfter,
    });
    setActive(-1);
  };
  const clear = () => {
    setText('');
    library.setQuery({ text: '' });
  };
  const leave = () => {
    // Where nothing was found there is nothing to give the keyboard to.
    field.current?.blur();
    onLeave();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const count = offers?.offers.length ?? 0;
    const { key } = event;
    if (key === 'Escape') {
      if (offers && active >= 0) setActive(-1);
      else if (text !== '') clear();
      else leave();
    } else if (key === 'ArrowDown' && count > 0) setActive((active + 1) % count);
    else if (key === 'ArrowUp' && count > 0) setActive(active <= 0 ? count - 1 : active - 1);
    else if (
      key === 'Tab' &&
      active < 0 &&
      offers?.label !== 'Recent searches' &&
      count > 0 &&
      text !== '' &&
      !event.shiftKey
    )
      accept(0);
    else if ((key === 'Enter' || key === 'Tab') && active >= 0) accept(active);
    else if (key === 'Enter') {
      remember();
      library.setQuery({ text });
      leave();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.search}>
      <div className={styles.field}>
        <Search aria-hidden className={styles.glass} />
        <div ref={backdrop} className={styles.backdrop} aria-hidden>
          {searchLeaves(text).map((leaf) => (
            <span
              key={leaf.start}
              data-kind={leaf.kind}
              data-problem={isOdd(leaf, told) ? '' : undefined}
            >
              {leaf.text}
            </span>
          ))}
        </div>
        <input
          ref={field}
          type="text"
          role="combobox"
          className={styles.input}
          aria-label="Search pictures"
          placeholder="Search, such as apple rating>=4"
          aria-autocomplete="list"
          aria-expanded={offers !== null}
          aria-controls={offers ? `${id}-offers` : undefined}
          aria-activedescendant={
            offers && active >= 0 ? offerId(`${id}-offers`, active) : undefined
          }
          aria-describedby={told.length > 0 ? `${id}-problems` : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={searchLimits.characters}
          value={text}
          onChange={({ currentTarget }) => {
            setText(currentTarget.value);
            setCaret(currentTarget.selectionStart);
            setActive(-1);
          }}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onScroll={({ currentTarget }) => {
            if (backdrop.current) backdrop.current.scrollLeft = currentTarget.scrollLeft;
          }}
          onBlur={() => {
            setCaret(null);
            setActive(-1);
            remember();
          }}
          onKeyDown={onKeyDown}
        />
        {text !== '' && (
          <span className={styles.end}>
            <IconButton
              icon={BookmarkPlus}
              label="Save as smart album"
              tip="Keeps this search: the album always shows what it finds"
              onClick={() => onSave(text.trim())}
            />
            <IconButton
              icon={X}
              label="Clear the search"
              tip="Shows everything again (Esc)"
              onClick={clear}
            />
          </span>
        )}
      </div>
      {offers && (
        <OfferList
          id={`${id}-offers`}
          label={offers.label}
          className={styles.offers}
          offers={offers.offers.map(({ insert, title, note }) => ({ key: insert, title, note }))}
          active={active}
          onAccept={accept}
        />
      )}
      {told.length > 0 && !offers && (
        <ul id={`${id}-problems`} className={styles.problems} aria-label="Not understood">
          {told.slice(0, 3).map(({ start, code, message, remedy }) => (
            <li key={`${start} ${code}`}>
              <strong>{message}</strong> {remedy}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function isOdd(
  leaf: { readonly start: number; readonly end: number },
  problems: readonly SearchProblem[],
): boolean {
  return problems.some(({ start, end }) => start < leaf.end && leaf.start < end);
}
