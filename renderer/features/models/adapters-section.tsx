/** Adapters on the Models screen: listed by kind, looked at one by one, imported. */
import { Blend, Expand, Palette, ScanLine, Type, type LucideIcon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { StudioError } from '../../../contract/errors.ts';
import { resourceKinds, type Resource, type ResourceKind } from '../../../contract/resources.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import fieldStyles from '../../ui/field.module.css';
import { formatBytes } from '../../ui/format.ts';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { AdapterFacts } from '../adapters/adapter-facts.tsx';
import { familyTitle } from '../adapters/adapter-family.ts';
import styles from './models-screen.module.css';

const kinds: Readonly<
  Record<ResourceKind, { readonly title: string; readonly icon: LucideIcon; readonly does: string }>
> = {
  lora: {
    title: 'LoRA',
    icon: Blend,
    does: 'Teaches a model a style or a subject. Add it in Create, or write its name into a prompt.',
  },
  embedding: {
    title: 'Embeddings',
    icon: Type,
    does: 'A word that stands for a look. Write its name into a prompt.',
  },
  controlnet: {
    title: 'ControlNets',
    icon: ScanLine,
    does: 'Makes a drawing follow the edges, depth or poses of a picture. Add it in Create.',
  },
  upscaler: {
    title: 'Upscalers',
    icon: Expand,
    does: 'Makes pictures larger. Choose it where Create enlarges.',
  },
  vae: {
    title: 'Autoencoders',
    icon: Palette,
    does: 'Turns what a model has drawn into pixels. Choose it among the fine settings of Create.',
  },
};

interface AdapterGroupsProps {
  readonly adapters: readonly Resource[];
  readonly chosenPath: string | null;
  readonly onChoose: (path: string) => void;
}

export function AdapterGroups({ adapters, chosenPath, onChoose }: AdapterGroupsProps) {
  return resourceKinds.map((kind) => {
    const own = adapters.filter((adapter) => adapter.kind === kind);
    if (own.length === 0) return null;
    const { title, icon: Icon } = kinds[kind];
    return (
      <div key={kind} role="group" aria-label={`Adapters: ${title}`}>
        <h2>{title}</h2>
        <ul>
          {own.map((adapter) => (
            <li key={adapter.path}>
              <button
                type="button"
                className={styles.item}
                aria-current={adapter.path === chosenPath}
                data-problem={adapter.problem === null ? undefined : ''}
                onClick={() => onChoose(adapter.path)}
              >
                <span>
                  <Icon aria-hidden />
                </span>
                <strong>{adapter.id}</strong>
                <small>{remark(adapter)}</small>
              </button>
            </li>
          ))}
        </ul>
      </div>
    );
  });
}

function remark({ family, problem, sizeBytes }: Resource): string {
  if (problem !== null) return 'Cannot be used';
  return [...(family === null ? [] : [familyTitle(family)]), formatBytes(sizeBytes)].join(' · ');
}

export function AdapterDetail({
  adapter,
  action,
}: {
  readonly adapter: Resource;
  readonly action: ReactNode;
}) {
  return (
    <article aria-label={adapter.name}>
      <div className={styles.head}>
        <h2>{adapter.name}</h2>
        {action}
      </div>
      {adapter.problem !== null && (
        <p className={styles.problem} role="alert">
          {adapter.problem}
        </p>
      )}
      <p className={styles.description}>{kinds[adapter.kind].does}</p>
      <AdapterFacts adapter={adapter} className={styles.rows} />
    </article>
  );
}

/** @param onImported is told where the adapter lies now */
export function AdapterImportForm({ onImported }: { readonly onImported: (path: string) => void }) {
  const { client, toasts } = useWindow();
  const [path, setPath] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [isImporting, setIsImporting] = useState(false);
  const finish = ({ name, path: place }: Resource) => {
    onImported(place);
    toasts.say(`${name} was added`);
  };
  const add = async () => {
    setError(null);
    setIsImporting(true);
    try {
      finish(await client['resources.import']({ path: path.trim() }));
      setPath('');
    } catch (thrown) {
      setError(StudioError.from(thrown).message);
    } finally {
      setIsImporting(false);
    }
  };
  return (
    <form
      className={styles.import}
      onSubmit={(event) => {
        event.preventDefault();
        if (path.trim() !== '') void add();
      }}
    >
      <label htmlFor="adapter-path">Add an adapter</label>
      <div>
        <input
          id="adapter-path"
          className={fieldStyles.text}
          placeholder="Path of its file or folder"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={error ? true : undefined}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
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
      <section>
        <AdapterDrop
          kind={null}
          file={{ accept: '.safetensors,.onnx', label: 'Adapter file', button: 'Choose a file' }}
          folder={{ label: 'Adapter folder', button: 'Choose a folder' }}
          onImported={finish}
        />
      </section>
    </form>
  );
}
