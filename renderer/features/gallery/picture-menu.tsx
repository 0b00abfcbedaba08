import { Fragment } from 'react';
import { shortcuts } from '../../app/shortcuts.ts';
import { ContextMenu } from '../../ui/context-menu.tsx';
import { MenuItem } from '../../ui/popover.tsx';
import type { GalleryAction } from './gallery-actions.ts';

interface PictureMenuProps {
  readonly at: { readonly x: number; readonly y: number };
  readonly actions: readonly GalleryAction[];
  readonly onClose: () => void;
}

/** What can be done with the chosen pictures, at the pointer. */
export function PictureMenu({ at, actions, onClose }: PictureMenuProps) {
  const groups = [...Map.groupBy(actions, ({ group }) => group).values()];
  return (
    <ContextMenu label="Picture" at={at} onClose={onClose}>
      {groups.map((group, place) => (
        <Fragment key={group[0]?.group}>
          {place > 0 && <hr />}
          {group.map(({ id, label, icon, shortcut, run }) => (
            <MenuItem
              key={id}
              icon={icon}
              {...(shortcut ? { keys: shortcuts[shortcut].keys } : {})}
              onSelect={run}
            >
              {label}
            </MenuItem>
          ))}
        </Fragment>
      ))}
    </ContextMenu>
  );
}
