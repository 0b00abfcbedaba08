/** At the left of the gallery: places and albums, then what the pictures found can be narrowed by. */
import { ChevronRight, Copy, Images, Trash2 } from 'lucide-react';
import type { Facet, FacetField, ImageQuery } from '../../../contract/images.ts';
import {
  askedValues,
  excludedValues,
  excludeTerm,
  hasTerm,
  isExcluded,
  toggleTerm,
} from '../../../contract/search/edit.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { AlbumList } from './album-list.tsx';
import { facetTitles, facetValueTitle, shownFacets } from './facet-terms.ts';
import { useFacets } from './facet-queries.ts';
import styles from './facets-panel.module.css';
import { isEveryImage } from './gallery-library.ts';

interface FacetsPanelProps {
  readonly query: ImageQuery;
  readonly renaming: string | null;
  readonly onRename: (albumId: string | null) => void;
  readonly onDuplicates: () => void;
}

export function FacetsPanel({ query, renaming, onRename, onDuplicates }: FacetsPanelProps) {
  const { galleryView, library } = useWindow();
  const { openFacets } = useStore(galleryView);
  const fields = shownFacets.filter((field) => openFacets.includes(field));
  const facets = useFacets({ fields, query })?.facets ?? [];
  return (
    <div className={styles.panel}>
      <ul className={styles.list} aria-label="Places">
        <li>
          <button
            type="button"
            className={styles.row}
            aria-current={isEveryImage({ ...query, text: '' }) ? 'true' : undefined}
            onClick={() => library.show({})}
          >
            <Images aria-hidden />
            <span>All pictures</span>
          </button>
        </li>
        <li>
          <button
            type="button"
            className={styles.row}
            data-tip="Finds pictures that are there twice, to keep the best of each"
            onClick={onDuplicates}
          >
            <Copy aria-hidden />
            <span>Duplicates</span>
          </button>
        </li>
        <li>
          <button
            type="button"
            className={styles.row}
            aria-current={query.trashed ? 'true' : undefined}
            onClick={() => library.show({ trashed: true })}
          >
            <Trash2 aria-hidden />
            <span>Trash</span>
          </button>
        </li>
      </ul>
      <AlbumList query={query} renaming={renaming} onRename={onRename} />
      {shownFacets.map((field) => (
        <FacetSection
          key={field}
          field={field}
          facet={facets.find((found) => found.field === field) ?? null}
          isOpen={openFacets.includes(field)}
          text={query.text}
        />
      ))}
    </div>
  );
}

interface FacetSectionProps {
  readonly field: FacetField;
  readonly facet: Facet | null;
  readonly isOpen: boolean;
  readonly text: string;
}

const valuesAtFirst = 40;

function FacetSection({ field, facet, isOpen, text }: FacetSectionProps) {
  const { galleryView } = useWindow();
  const toggle = () =>
    galleryView.set((now) => ({
      ...now,
      openFacets: isOpen
        ? now.openFacets.filter((open) => open !== field)
        : [...now.openFacets, field],
    }));
  const found = facet?.values ?? [];
  const isFound = (value: string) =>
    found.some((other) => other.value.toLowerCase() === value.toLowerCase());
  // What is asked for or left out can be clicked again, even where no picture has it now.
  const chosen = [...askedValues(text, field), ...excludedValues(text, field)];
  const absent = chosen.filter((value) => !isFound(value)).map((value) => ({ value, count: 0 }));
  const values = [...absent, ...found];
  const hidden = Math.max(0, values.length - valuesAtFirst) + (facet?.more ?? 0);
  return (
    <section className={styles.section}>
      <h3>
        <button type="button" className={styles.head} aria-expanded={isOpen} onClick={toggle}>
          <ChevronRight aria-hidden />
          {facetTitles[field]}
        </button>
      </h3>
      {isOpen && (
        <ul className={styles.list}>
          {values.slice(0, valuesAtFirst).map(({ value, count }) => (
            <li key={value}>
              <FacetValue field={field} value={value} count={count} text={text} />
            </li>
          ))}
          {facet !== null && values.length === 0 && <li className={styles.none}>None here</li>}
          {hidden > 0 && (
            <li className={styles.none}>
              {hidden.toLocaleString('en')} more: search with {field}:
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

interface FacetValueProps {
  readonly field: FacetField;
  readonly value: string;
  readonly count: number;
  readonly text: string;
}

function FacetValue({ field, value, count, text }: FacetValueProps) {
  const { library } = useWindow();
  const isAsked = hasTerm(text, field, value);
  const isLeftOut = isExcluded(text, field, value);
  const title = facetValueTitle(field, value);
  return (
    <button
      type="button"
      className={styles.row}
      aria-pressed={isAsked}
      data-excluded={isLeftOut ? '' : undefined}
      aria-label={`${facetTitles[field]}: ${field === 'rating' ? `${value} stars` : title}, ${count.toLocaleString('en')}${isLeftOut ? ', left out' : ''}`}
      data-tip={`${title}: click to show only these, Alt-click to leave them out`}
      onClick={(event) => {
        const leaves = event.altKey || isLeftOut;
        const next = leaves ? excludeTerm(text, field, value) : toggleTerm(text, field, value);
        library.setQuery({ text: next });
      }}
    >
      {field === 'label' && value !== 'none' && (
        <i className={styles.dot} data-label={value} aria-hidden />
      )}
      <span>{title}</span>
      <span className={styles.count}>{count.toLocaleString('en')}</span>
    </button>
  );
}
