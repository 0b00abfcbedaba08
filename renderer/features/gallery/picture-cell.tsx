/** One picture of the grid. It shows something of itself from the first frame on. */
import { Flag, ImageOff, StickyNote, Tag, X } from 'lucide-react';
import { memo, useEffect, useState } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import type { ImageSummary } from '../../../contract/images.ts';
import {
  thumbnailSizeFor,
  thumbnailUrlOf,
  type ThumbnailSize,
} from '../../../contract/thumbnail-sizes.ts';
import { SheetMark } from '../../ui/sheet-mark.tsx';
import styles from './grid.module.css';
import { useSummary } from './use-summary.ts';

interface PictureCellProps {
  readonly id: ImageId;
  readonly place: number;
  readonly total: number;
  /** Shown until the picture is there; null for a neutral grey. */
  readonly colour: string | null;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isChosen: boolean;
  readonly isFocused: boolean;
  /** While pictures rush past, the smallest size will do. */
  readonly isRushed: boolean;
}

export const PictureCell = memo(function PictureCell(props: PictureCellProps) {
  const { id, place, total, colour, left, top, width, height } = props;
  const { isChosen, isFocused, isRushed } = props;
  const summary = useSummary(id);
  const [isShown, setIsShown] = useState(false);
  const edge = Math.max(width, height) * devicePixelRatio;
  return (
    <div
      id={`picture-${id}`}
      role="option"
      aria-selected={isChosen}
      aria-label={summary ? nameOf(summary) : 'A picture that is being read'}
      aria-setsize={total}
      aria-posinset={place + 1}
      data-place={place}
      data-focused={isFocused ? '' : undefined}
      data-flag={summary?.flag ?? undefined}
      className={styles.cell}
      style={{
        transform: `translate(${left}px, ${top}px)`,
        width,
        height,
        // It would shine through what is transparent, or dimmed.
        backgroundColor: isShown || colour === null ? undefined : colour,
      }}
      draggable
    >
      {summary && (
        <>
          <Thumbnail
            url={summary.thumbnailUrl}
            size={isRushed ? 192 : thumbnailSizeFor(edge)}
            onShown={() => setIsShown(true)}
          />
          <Marks summary={summary} isNarrow={width < 84} />
        </>
      )}
    </div>
  );
});

interface ThumbnailProps {
  readonly url: string;
  readonly size: ThumbnailSize;
  /** Once something of it can be seen, or will never be. */
  readonly onShown?: () => void;
}

/** A larger copy takes the place of a smaller one once it is there. */
export function Thumbnail({ url, size, onShown }: ThumbnailProps) {
  const [shown, setShown] = useState(size);
  const [isBroken, setIsBroken] = useState(false);
  useEffect(() => {
    if (size <= shown) return;
    const larger = new Image();
    let isOver = false;
    larger.src = thumbnailUrlOf(url, size);
    larger.decode().then(
      () => !isOver && setShown(size),
      () => {},
    );
    return () => {
      isOver = true;
    };
  }, [url, size, shown]);
  if (isBroken) return <ImageOff className={styles.broken} aria-hidden />;
  return (
    <img
      src={thumbnailUrlOf(url, shown)}
      alt=""
      decoding="async"
      draggable={false}
      onLoad={onShown}
      onError={() => {
        setIsBroken(true);
        onShown?.();
      }}
    />
  );
}

function Marks({
  summary,
  isNarrow,
}: {
  readonly summary: ImageSummary;
  readonly isNarrow: boolean;
}) {
  const { rating, flag, label, tagCount, hasNote, isSheet } = summary;
  const hasFoot = rating > 0 || label !== null || (!isNarrow && (tagCount > 0 || hasNote));
  return (
    <>
      {isSheet && <SheetMark />}
      {flag !== null && (
        <span className={styles.flag} data-flag={flag} aria-hidden>
          {flag === 'pick' ? <Flag /> : <X />}
        </span>
      )}
      {hasFoot && (
        <span className={styles.foot} aria-hidden>
          {rating > 0 && <span>{isNarrow ? `${rating}★` : '★'.repeat(rating)}</span>}
          <span className={styles.footEnd}>
            {!isNarrow && hasNote && <StickyNote />}
            {!isNarrow && tagCount > 0 && <Tag />}
            {label !== null && <i data-label={label} />}
          </span>
        </span>
      )}
    </>
  );
}

/** As it is read out. */
export function nameOf({ isSheet, prompt, rating, flag, label }: ImageSummary): string {
  return [
    `${isSheet ? 'Grid: ' : ''}${prompt || 'A picture without a prompt'}`,
    ...(rating > 0 ? [`${rating} ${rating === 1 ? 'star' : 'stars'}`] : []),
    ...(flag === null ? [] : [flag === 'pick' ? 'picked' : 'rejected']),
    ...(label === null ? [] : [`labelled ${label}`]),
  ].join(', ');
}
