/** Folders whose new pictures come in by themselves. */
import { FolderSync, RefreshCw, Trash2 } from 'lucide-react';
import type { WatchedFolder } from '../../../contract/imports.ts';
import { useWatchedFolders } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { factsOfFolder } from './import-words.ts';
import styles from './watched-folders.module.css';

export function WatchedFolders() {
  const { importing } = useWindow();
  const folders = useWatchedFolders() ?? [];
  return (
    <div className={styles.watched}>
      {folders.length === 0 ? (
        <p>
          No folder is watched. Pictures of a watched folder come into the library by themselves.
        </p>
      ) : (
        <ul aria-label="Watched folders">
          {folders.map((folder) => (
            <FolderRow key={folder.id} folder={folder} />
          ))}
        </ul>
      )}
      <Button icon={FolderSync} onClick={() => importing.set(true)}>
        Watch a folder
      </Button>
    </div>
  );
}

function FolderRow({ folder }: { readonly folder: WatchedFolder }) {
  const { client, toasts } = useWindow();
  const { id, path, subfolders, into, state } = folder;
  const remove = () =>
    toasts.watch(
      client['imports.folders.remove']({ id }).then(() =>
        toasts.say('The folder is watched no more; its pictures stay', () =>
          client['imports.folders.add']({ path, subfolders, into }),
        ),
      ),
    );
  return (
    <li className={styles.row} data-state={state}>
      <span className={styles.path} data-selectable>
        {path}
      </span>
      <span className={styles.facts}>{factsOfFolder(folder)}</span>
      <span className={styles.actions}>
        <IconButton
          icon={RefreshCw}
          label={`Look through ${path} now`}
          tip="Looks for pictures that are new"
          onClick={() => void toasts.watch(client['imports.folders.scan']({ id }))}
        />
        <IconButton
          icon={Trash2}
          label={`Watch ${path} no more`}
          tip="Stops watching; pictures that came from it stay"
          onClick={() => void remove()}
        />
      </span>
    </li>
  );
}
