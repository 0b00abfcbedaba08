/** What a field offers to complete it with; the field itself keeps the focus and says which is active. */
import { classNames } from './class-names.ts';
import styles from './offer-list.module.css';

interface OfferListProps {
  readonly id: string;
  readonly label: string;
  /** Where it stands. */
  readonly className: string | undefined;
  readonly offers: readonly {
    readonly key: string;
    readonly title: string;
    readonly note?: string;
  }[];
  /** −1 for none. */
  readonly active: number;
  readonly onAccept: (at: number) => void;
}

/** Of one of the offers, for `aria-activedescendant`. */
export function offerId(listId: string, at: number): string {
  return `${listId}-${at}`;
}

export function OfferList({ id, label, className, offers, active, onAccept }: OfferListProps) {
  return (
    <div id={id} role="listbox" aria-label={label} className={classNames(styles.offers, className)}>
      {offers.map(({ key, title, note }, at) => (
        <div
          key={key}
          id={offerId(id, at)}
          role="option"
          tabIndex={-1}
          aria-selected={at === active}
          onPointerDown={(event) => {
            event.preventDefault();
            onAccept(at);
          }}
        >
          <span>{title}</span>
          {note !== undefined && <span className={styles.note}>{note}</span>}
        </div>
      ))}
    </div>
  );
}
