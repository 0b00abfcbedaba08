/** A field that adds tags: completes those there are, offers those used last. */
import { libraryLimits, Tag } from '../../../contract/images.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { useTags } from './facet-queries.ts';
import { withRecent } from './gallery-view.ts';
import { OfferField } from './offer-field.tsx';
import { tagOffers } from './tag-offers.ts';

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
  return (
    <OfferField
      label="Add a tag"
      listLabel="Tags"
      maxLength={libraryLimits.tagCharacters}
      isOpen={isOpen}
      takingKey=","
      offersFor={(typed) =>
        tagOffers(typed, tags, recentTags, present).map(({ name, note }) => ({
          key: name,
          title: name,
          note,
        }))
      }
      onTake={(name, typed) => {
        const tag = Tag.safeParse(name ?? typed);
        if (!tag.success) return false;
        onAdd(tag.data);
        galleryView.set((now) => ({ ...now, recentTags: withRecent(now.recentTags, tag.data) }));
        return true;
      }}
      onLeave={onLeave}
    />
  );
}
