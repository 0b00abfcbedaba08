/** What is installed, what it is licensed for, and how to add more. */
import { Boxes, Image, PenLine, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { Model } from '../../../contract/models.ts';
import { defaultLayout } from '../../app/layout-state.ts';
import { useModelCard, useModels, useResources } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { formatBytes, formatCount } from '../../ui/format.ts';
import { Markdown } from '../../ui/markdown.tsx';
import { Resizer } from '../../ui/resizer.tsx';
import { AdapterDetail, AdapterGroups, AdapterImportForm } from './adapters-section.tsx';
import { ImportForm } from './import-form.tsx';
import styles from './models-screen.module.css';

export function ModelsScreen() {
  const { client, layout, toasts } = useWindow();
  const { modelListWidth } = useStore(layout);
  const models = useModels();
  const adapters = useResources();
  const [adapterPath, setAdapterPath] = useState<string | null>(null);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [isReading, setIsReading] = useState(false);
  const chosen = models?.find(({ id }) => id === chosenId) ?? models?.[0] ?? null;
  const adapter = adapters?.find(({ path }) => path === adapterPath) ?? null;
  const choose = (id: string) => {
    setAdapterPath(null);
    setChosenId(id);
  };
  const refresh = async () => {
    setIsReading(true);
    await toasts.watch(adapter ? client['resources.refresh']({}) : client['models.refresh']({}));
    setIsReading(false);
  };

  const again = (
    <Button
      icon={RefreshCw}
      disabled={isReading}
      tip="Looks for models and adapters that were added or changed outside of Atelier"
      onClick={() => void refresh()}
    >
      {isReading ? 'Looking…' : 'Look again'}
    </Button>
  );

  return (
    <div className={styles.screen}>
      <div className={styles.list} style={{ width: modelListWidth }}>
        <nav className={styles.items} aria-label="Installed models">
          <ModelGroup
            title="For pictures"
            kind="image"
            models={models}
            chosen={adapter ? null : chosen}
            onChoose={choose}
          />
          <ModelGroup
            title="For text"
            kind="text"
            models={models}
            chosen={adapter ? null : chosen}
            onChoose={choose}
          />
          <AdapterGroups
            adapters={adapters ?? []}
            chosenPath={adapterPath}
            onChoose={setAdapterPath}
          />
        </nav>
        <ImportForm onImported={choose} />
        <AdapterImportForm onImported={setAdapterPath} />
      </div>
      <Resizer
        label="Width of the list"
        panel="left"
        width={modelListWidth}
        min={240}
        max={480}
        defaultWidth={defaultLayout.modelListWidth}
        onChange={(width) => layout.set((state) => ({ ...state, modelListWidth: width }))}
      />
      <div className={styles.detail}>
        {adapter ? (
          <AdapterDetail adapter={adapter} action={again} />
        ) : chosen ? (
          <ModelDetail model={chosen} action={again} />
        ) : (
          models && (
            <EmptyState icon={Boxes} title="No models yet">
              Type the path of a model folder at the left to add it.
            </EmptyState>
          )
        )}
      </div>
    </div>
  );
}

interface ModelGroupProps {
  readonly title: string;
  readonly kind: Model['kind'];
  readonly models: readonly Model[] | undefined;
  readonly chosen: Model | null;
  readonly onChoose: (id: string) => void;
}

function ModelGroup({ title, kind, models, chosen, onChoose }: ModelGroupProps) {
  const own = models?.filter((model) => model.kind === kind) ?? [];
  if (own.length === 0) return null;
  const Icon = kind === 'image' ? Image : PenLine;
  return (
    <>
      <h2>{title}</h2>
      <ul>
        {own.map(({ id, name, licence, sizeBytes, problem }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.item}
              aria-current={id === chosen?.id}
              data-problem={problem === null ? undefined : ''}
              onClick={() => onChoose(id)}
            >
              <span>
                <Icon aria-hidden />
              </span>
              <strong>{name}</strong>
              <small>
                {problem === null ? `${licence} · ${formatBytes(sizeBytes)}` : 'Cannot be used'}
              </small>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function ModelDetail({
  model,
  action,
}: {
  readonly model: Model;
  readonly action: React.ReactNode;
}) {
  const card = useModelCard(model.id);
  return (
    <article aria-label={model.name}>
      <div className={styles.head}>
        <h2>{model.name}</h2>
        {action}
      </div>
      {model.problem !== null && (
        <p className={styles.problem} role="alert">
          {model.problem}
        </p>
      )}
      <p className={styles.description}>{model.description}</p>
      <dl className={styles.facts}>
        <Fact name="Makes" value={model.kind === 'image' ? 'Pictures' : 'Text'} />
        <Fact name="Licence" value={model.licence || 'Not stated'} />
        <Fact name="Size" value={formatBytes(model.sizeBytes)} />
        <Fact name="Comes with Atelier" value={model.bundled ? 'Yes' : 'No, added by you'} />
        {model.kind === 'image' ? (
          <>
            <Fact
              name="Draws best at"
              value={`${model.defaults.width} × ${model.defaults.height}`}
            />
            <Fact name="Usual steps" value={String(model.defaults.steps)} />
          </>
        ) : (
          <Fact name="Reads at once" value={formatCount(model.contextLength, 'token', 'tokens')} />
        )}
        <div className={styles.long}>
          <dt className="visually-hidden">Folder</dt>
          <dd data-selectable>{model.folder}</dd>
        </div>
      </dl>
      {card.error && <p role="alert">{card.error.message}</p>}
      {card.data && <Markdown text={card.data} />}
      {card.data === null && (
        <p className={styles.description}>This model comes without a model card.</p>
      )}
    </article>
  );
}

function Fact({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
