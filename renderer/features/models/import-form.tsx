import { useRef, useState } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import fieldStyles from '../../ui/field.module.css';
import { droppedFolder } from './dropped-folder.ts';
import styles from './models-screen.module.css';

/** Adds a model from a folder on this machine. */
export function ImportForm({ onImported }: { readonly onImported: (id: string) => void }) {
  const { client, toasts } = useWindow();
  const [folder, setFolder] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  const [isOver, setIsOver] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  const add = async (path: string) => {
    setError(null);
    setIsImporting(true);
    try {
      const model = await client['models.import']({ folder: path.trim() });
      setFolder('');
      onImported(model.id);
      toasts.say(`${model.name} was added`);
    } catch (thrown) {
      setError(StudioError.from(thrown).message);
    } finally {
      setIsImporting(false);
    }
  };

  return (
    <form
      className={styles.import}
      data-over={isOver ? '' : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        if (folder.trim() === '') field.current?.focus();
        else void add(folder);
      }}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        const path = droppedFolder(
          event.dataTransfer.getData('text/uri-list') || event.dataTransfer.getData('text/plain'),
        );
        if (path === null) {
          setError(
            'The system does not tell where a dropped folder lies. Copy its path and paste it here.',
          );
          field.current?.focus();
          return;
        }
        setFolder(path);
        void add(path);
      }}
    >
      <label htmlFor="model-folder">Add a model</label>
      <div>
        <input
          ref={field}
          id="model-folder"
          className={fieldStyles.text}
          placeholder="Path of its folder"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={error ? true : undefined}
          aria-describedby="model-folder-hint"
          value={folder}
          onChange={(event) => setFolder(event.currentTarget.value)}
        />
        <Button type="submit" disabled={isImporting}>
          {isImporting ? 'Adding…' : 'Add'}
        </Button>
      </div>
      {error && (
        <p className={styles.error} role="alert">
          {error}
        </p>
      )}
      <p className={styles.hint} id="model-folder-hint">
        Stable Diffusion or Flux in the diffusers ONNX layout, or a language model in the Hugging
        Face ONNX layout. The folder is checked and copied into your library.
      </p>
    </form>
  );
}
