import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { Dialog } from '../ui/dialog.tsx';
import { Keys } from '../ui/keys.tsx';
import styles from './command-palette.module.css';
import { useCommands } from './commands.ts';
import { useWindow } from './window-model.ts';

export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const { library, open } = useWindow();
  const commands = useCommands();
  const [search, setSearch] = useState('');
  const groups = Map.groupBy(commands, ({ group }) => group);
  const words = search.trim();

  return (
    <Dialog label="Commands" shape="top" onClose={onClose}>
      <Command label="Commands" className={styles.palette} loop>
        <Command.Input
          className={styles.input}
          placeholder="Search or run a command"
          value={search}
          onValueChange={setSearch}
          data-initial-focus
        />
        <Command.List className={styles.list}>
          {[...groups].map(([group, entries]) => (
            <Command.Group key={group} heading={group}>
              {entries.map(({ name, icon: Icon, keys, run }) => (
                <Command.Item
                  key={name}
                  className={styles.item}
                  onSelect={() => {
                    onClose();
                    run();
                  }}
                >
                  <Icon aria-hidden />
                  {name}
                  {keys && <Keys keys={keys} />}
                </Command.Item>
              ))}
            </Command.Group>
          ))}
          {words !== '' && (
            <Command.Item
              className={styles.item}
              value={`search-pictures ${words}`}
              forceMount
              onSelect={() => {
                onClose();
                library.show({ text: words });
                open('gallery');
              }}
            >
              <Search aria-hidden />
              Search pictures for “{words}”
            </Command.Item>
          )}
        </Command.List>
      </Command>
    </Dialog>
  );
}
