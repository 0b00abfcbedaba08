import {
  Columns2,
  Copy,
  Ellipsis,
  FolderOpen,
  ImageUp,
  Images,
  Orbit,
  Repeat2,
  Shuffle,
  Sprout,
  TextQuote,
  Trash2,
  type LucideIcon,
} from 'lucide-react';
import { useCallback, useState } from 'react';
import type { ImageDetail } from '../../../contract/images.ts';
import { useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { copyPicture } from '../../ui/copy-picture.ts';
import { MenuItem, Popover } from '../../ui/popover.tsx';
import { Stars } from '../../ui/stars.tsx';
import type { ReusePart } from './reuse-draft.ts';
import styles from './stage-view.module.css';
import { UpscaleMenu } from './upscale-menu.tsx';
import { useCompare } from './use-compare.ts';
import { useExplore } from './use-explore.ts';
import { useReuse } from './use-reuse.ts';

interface PictureAction {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly tip: string;
  readonly onSelect: () => void;
}

/** What can be done with a finished picture. */
export function ResultBar({
  image,
  onDelete,
}: {
  readonly image: ImageDetail;
  readonly onDelete: () => void;
}) {
  const { client, library, queries, showInGallery, toasts } = useWindow();
  const canReveal = useStudioInfo()?.canReveal ?? false;
  const { reuse, vary, startFrom } = useReuse();
  const compare = useCompare();
  const { around } = useExplore();
  const [isOpen, setIsOpen] = useState(false);
  const close = useCallback(() => setIsOpen(false), []);
  const [isMoreOpen, setIsMoreOpen] = useState(false);
  const closeMore = useCallback(() => setIsMoreOpen(false), []);
  const take = (part: ReusePart) => {
    close();
    void reuse(image.id, part);
  };

  // Beside each other where there is room, else behind one button.
  const more: readonly PictureAction[] = [
    {
      icon: Copy,
      label: 'Copy the picture',
      tip: 'Copies the picture, to paste into another program',
      onSelect: () =>
        void toasts
          .watch(copyPicture(image.url))
          .then((done) => done && toasts.say('Picture copied')),
    },
    ...(canReveal
      ? [
          {
            icon: FolderOpen,
            label: 'Show the file',
            tip: "Shows the picture's file in its folder",
            onSelect: () => void toasts.watch(client['images.reveal']({ id: image.id })),
          },
        ]
      : []),
    {
      icon: Images,
      label: 'Open in Gallery',
      tip: 'Shows this picture among all others, with its whole recipe',
      onSelect: () => showInGallery(image.id),
    },
    {
      icon: Trash2,
      label: 'Delete',
      tip: 'Moves the picture to the trash; you can undo it (Del)',
      onSelect: onDelete,
    },
  ];

  return (
    <>
      <Popover
        open={isOpen}
        onClose={close}
        role="menu"
        label="Reuse"
        align="start"
        side="above"
        button={
          <Button
            variant="quiet"
            icon={Repeat2}
            disabled={!image.recipe && image.parameters === null}
            aria-haspopup="menu"
            aria-expanded={isOpen}
            tip="Takes this picture's settings back into the panels"
            onClick={() => setIsOpen(!isOpen)}
          >
            <span className={styles.word}>Reuse</span>
          </Button>
        }
      >
        <MenuItem icon={Repeat2} onSelect={() => take('all')}>
          Everything
        </MenuItem>
        <MenuItem icon={TextQuote} onSelect={() => take('prompt')}>
          Prompt only
        </MenuItem>
        <MenuItem icon={Sprout} onSelect={() => take('seed')}>
          Seed only
        </MenuItem>
      </Popover>
      <Button
        variant="quiet"
        icon={Shuffle}
        disabled={!image.recipe && image.parameters === null}
        tip="Draws the same recipe again from a new seed (V)"
        onClick={() => void vary(image.id)}
      >
        <span className={styles.word}>Vary</span>
      </Button>
      <Button
        variant="quiet"
        icon={Orbit}
        disabled={!image.recipe || image.isSheet || image.recipe.settings.branch !== null}
        tip="Nine small variations around this picture, to go on from one of them (E)"
        onClick={() => void around(image.id)}
      >
        <span className={styles.word}>Explore</span>
      </Button>
      <UpscaleMenu image={image} />
      <IconButton
        icon={ImageUp}
        label="Use as input"
        tip="The next pictures start from this one"
        onClick={() => void startFrom(image.id)}
      />
      <IconButton
        icon={Columns2}
        label="Compare"
        tip="Lays the picture over its source, or over the one before it (C)"
        onClick={() => void compare(image.id)}
      />
      <span className={styles.divider} />
      <Stars
        label="Rating"
        rating={image.rating}
        onChange={(rating) => {
          queries.setQueryData(['images', 'detail', image.id], { ...image, rating });
          library.mark([image.id], { rating });
        }}
      />
      <span className={styles.divider} />
      <span className={styles.wide}>
        {more.map(({ icon, label, tip, onSelect }) => (
          <IconButton key={label} icon={icon} label={label} tip={tip} onClick={onSelect} />
        ))}
      </span>
      <span className={styles.narrow}>
        <Popover
          open={isMoreOpen}
          onClose={closeMore}
          role="menu"
          label="More"
          align="end"
          side="above"
          button={
            <IconButton
              icon={Ellipsis}
              label="More"
              tip="Copies, shows or deletes the picture"
              aria-haspopup="menu"
              aria-expanded={isMoreOpen}
              onClick={() => setIsMoreOpen(!isMoreOpen)}
            />
          }
        >
          {more.map(({ icon, label, onSelect }) => (
            <MenuItem
              key={label}
              icon={icon}
              onSelect={() => {
                closeMore();
                onSelect();
              }}
            >
              {label}
            </MenuItem>
          ))}
        </Popover>
      </span>
    </>
  );
}
