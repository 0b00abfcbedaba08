/** Pictures from elsewhere: files of this computer, or a folder of the studio's machine, once or from now on. */
import { FolderInput, Images } from 'lucide-react';
import { useState } from 'react';
import { useFolders, useStudioInfo } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Select, Switch } from '../../ui/field.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { StudioError } from '../../../contract/errors.ts';
import { useAlbums } from '../gallery/facet-queries.ts';
import { choosePictures } from './dropped-files.ts';
import styles from './import-dialog.module.css';
import { tagsOf } from './import-words.ts';

const noAlbum = '';

export function ImportDialog({ onClose }: { readonly onClose: () => void }) {
  const { client, toasts, uploads, open } = useWindow();
  const info = useStudioInfo();
  const albums = (useAlbums() ?? []).filter(({ kind }) => kind === 'album');
  const [path, setPath] = useState('');
  const [tags, setTags] = useState('');
  const [albumId, setAlbumId] = useState(noAlbum);
  const [isWatched, setIsWatched] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const folders = useFolders(path);
  const into = { albumId: albumId === noAlbum ? null : albumId, tags: tagsOf(tags) };

  const chooseFiles = async () => {
    const files = await choosePictures();
    if (files.length === 0) return;
    onClose();
    void uploads.add(files, into);
  };
  const chooseFolder = () =>
    toasts.watch(
      client['system.choosePath']({
        kind: 'folder',
        title: 'Import a folder',
        startAt: path,
      }).then((chosen) => {
        if (chosen.path !== null) setPath(chosen.path);
      }),
    );
  const start = async () => {
    setProblem(null);
    try {
      if (isWatched) await client['imports.folders.add']({ path, into });
      else await client['imports.start']({ paths: [path], into });
      onClose();
      toasts.say(
        isWatched
          ? 'The folder is watched: new pictures come in by themselves. Settings lists it.'
          : 'Importing. Activity shows how far it is.',
      );
    } catch (error) {
      setProblem(StudioError.from(error).message);
    }
  };

  return (
    <Dialog label="Import pictures" onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() !== '') void start();
        }}
      >
        <div className={styles.choice}>
          <Images aria-hidden />
          <p>
            PNG, JPEG, WebP, AVIF, GIF and TIFF. Files are copied into the library; what they say of
            their making is read, whichever program wrote it.
          </p>
          <Button data-initial-focus onClick={() => void chooseFiles()}>
            Choose files
          </Button>
        </div>
        <div className={styles.folder}>
          <TextField
            label="Or a folder of this machine"
            tip="With everything in it. Links are not followed."
            stacked
            value={path}
            suggestions={folders}
            error={problem}
            onChoose={info?.canChoosePath ? () => void chooseFolder() : null}
            onChange={(value) => {
              setPath(value);
              setProblem(null);
            }}
          />
          <Switch
            label="Keep watching it"
            tip="Pictures that come into the folder later are imported by themselves."
            checked={isWatched}
            onChange={setIsWatched}
          />
        </div>
        <TextField
          label="Tags"
          tip="Put on every picture that comes in; commas between."
          value={tags}
          maxLength={1000}
          placeholder="sea, night"
          onChange={setTags}
        />
        {albums.length > 0 && (
          <Select
            label="Album"
            tip="Where every picture that comes in is put as well."
            value={albumId}
            options={[
              { value: noAlbum, label: 'None' },
              ...albums.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={setAlbumId}
          />
        )}
        <div className={styles.actions}>
          <Button
            variant="quiet"
            tip="Imports that run, and those that ran"
            onClick={() => {
              onClose();
              open('activity');
            }}
          >
            Earlier imports
          </Button>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" icon={FolderInput} disabled={path.trim() === ''}>
            {isWatched ? 'Watch the folder' : 'Import the folder'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
