/** A text field that offers what may be meant: Enter takes the marked offer, or what was typed. */
import { useId, useState } from 'react';
import { OfferList, offerId } from '../../ui/offer-list.tsx';
import styles from './tags.module.css';

export interface Offer {
  readonly key: string;
  readonly title: string;
  /** Such as "12" or "new tag". */
  readonly note: string;
}

interface OfferFieldProps {
  readonly label: string;
  /** Of what is offered. */
  readonly listLabel: string;
  readonly maxLength: number;
  readonly offersFor: (typed: string) => readonly Offer[];
  /** @param key of an offer; null where none was marked @returns whether it was taken; else the text stays */
  readonly onTake: (key: string | null, typed: string) => boolean;
  /** Escape in an empty field. */
  readonly onLeave: () => void;
  /** Shows offers before anything is typed, and starts with the keyboard. */
  readonly isOpen: boolean;
  /** Takes what is typed as Enter does, besides Tab. */
  readonly takingKey?: string;
}

export function OfferField(props: OfferFieldProps) {
  const { label, listLabel, maxLength, offersFor, onTake, onLeave, isOpen, takingKey } = props;
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const [hasFocus, setHasFocus] = useState(false);
  const id = useId();
  const offers = offersFor(text);
  const isShown = (isOpen || hasFocus) && offers.length > 0;

  const take = (at: number) => {
    if (!onTake(offers[at]?.key ?? null, text)) return;
    setText('');
    setActive(0);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const { key } = event;
    if (key === 'ArrowDown' && isShown) setActive((active + 1) % offers.length);
    else if (key === 'ArrowUp' && isShown) setActive((active - 1 + offers.length) % offers.length);
    else if (key === 'Enter' || (key === 'Tab' && text !== '') || key === takingKey) take(active);
    else if (key === 'Escape' && text !== '') setText('');
    else if (key === 'Escape') onLeave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={styles.input} data-open={isOpen ? '' : undefined}>
      <input
        type="text"
        role="combobox"
        aria-label={label}
        placeholder={label}
        data-initial-focus={isOpen ? '' : undefined}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={isShown ? id : undefined}
        aria-activedescendant={isShown ? offerId(id, active) : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={maxLength}
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
          label={listLabel}
          className={styles.offers}
          offers={offers}
          active={active}
          onAccept={take}
        />
      )}
    </div>
  );
}
