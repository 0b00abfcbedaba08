/** Where pictures are made: prompt, result, settings, and what was made before. */
import { Boxes } from 'lucide-react';
import { useImageModels, useQueue, useRecentImages } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { useWindow } from '../../app/window-model.ts';
import { defaultLayout } from '../../app/layout-state.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Resizer } from '../../ui/resizer.tsx';
import { CompareStage } from '../compare/compare-stage.tsx';
import { MaskStage } from '../canvas/mask-stage.tsx';
import { checkRequest, chosenModel } from './create-draft.ts';
import styles from './create-screen.module.css';
import { Filmstrip } from './filmstrip.tsx';
import { Inspector } from './inspector.tsx';
import { PromptPanel } from './prompt-panel.tsx';
import { SeedWallStage } from './seed-wall.tsx';
import { shownWall } from './seed-walls.ts';
import { runningJob, stageFor } from './stage.ts';
import { StageView } from './stage-view.tsx';
import { useCompare } from './use-compare.ts';
import { useExplore } from './use-explore.ts';
import { useGenerate } from './use-generate.ts';
import { useReuse } from './use-reuse.ts';

export function CreateScreen() {
  const {
    client,
    createDraft,
    layout,
    library,
    maskEditor,
    open,
    selection,
    toasts,
    comparison,
    exploration,
  } = useWindow();
  const draft = useStore(createDraft);
  const painting = useStore(maskEditor.shown);
  const compared = useStore(comparison);
  const walls = useStore(exploration);
  const selected = useStore(selection);
  const { promptWidth, inspectorWidth } = useStore(layout);
  const models = useImageModels();
  const queue = useQueue();
  const { data: recent = [], isFetching } = useRecentImages();
  const generate = useGenerate();
  const { vary } = useReuse();
  const compare = useCompare();
  const explore = useExplore();
  const model = models ? chosenModel(draft, models) : null;
  const running = runningJob(queue);
  const stage = stageFor(
    selected,
    queue,
    recent.map(({ id }) => id),
    isFetching,
  );

  // The stage's own keys rest while something else is in its place.
  const showsStage = painting === null && compared === null && walls === null;
  const step = (by: 1 | -1) => {
    if (!showsStage) return false;
    const ids = recent.map(({ id }) => id);
    const index = stage.kind === 'image' ? ids.indexOf(stage.id) : -1;
    const next = ids[index + by];
    if (next) selection.set({ kind: 'image', id: next });
    else if (by === -1) selection.set({ kind: 'newest' });
    return true;
  };
  const remove = () => {
    if (stage.kind !== 'image' || !showsStage) return false;
    const ids = recent.map(({ id }) => id);
    const next = ids[ids.indexOf(stage.id) + 1];
    selection.set(
      next && selected.kind === 'image' ? { kind: 'image', id: next } : { kind: 'newest' },
    );
    library.trash([stage.id]);
    return true;
  };
  useShortcut('create.generate', () => void generate());
  useShortcut('create.cancel', () => {
    if (!running) return false;
    void toasts.watch(client['queue.cancel']({ id: running.id }));
    return true;
  });
  useShortcut('create.prompt', () => document.getElementById('prompt')?.focus());
  useShortcut('create.vary', () => {
    if (stage.kind !== 'image' || !showsStage) return false;
    void vary(stage.id);
    return true;
  });
  useShortcut('create.compare', () => {
    if (stage.kind !== 'image' || !showsStage) return false;
    void compare(stage.id);
    return true;
  });
  useShortcut('create.explore', () => {
    if (stage.kind !== 'image' || !showsStage) return false;
    void explore.around(stage.id);
    return true;
  });
  useShortcut('create.previous', () => step(-1));
  useShortcut('create.next', () => step(1));
  useShortcut('create.delete', remove);

  if (models && !model)
    return (
      <NoImageModel problem={models[0]?.problem ?? null} onOpenModels={() => open('models')} />
    );
  const checked = model ? checkRequest(draft, model) : null;
  const errors = checked && !checked.ok ? checked.errors : {};

  return (
    <div className={styles.screen}>
      <div className={styles.prompt} style={{ width: promptWidth }}>
        <PromptPanel
          model={model}
          errors={errors}
          running={running}
          showsExamples={stage.kind !== 'empty'}
        />
      </div>
      <Resizer
        label="Width of the prompt panel"
        panel="left"
        width={promptWidth}
        min={240}
        max={480}
        defaultWidth={defaultLayout.promptWidth}
        onChange={(width) => layout.set((state) => ({ ...state, promptWidth: width }))}
      />
      <div className={styles.centre}>
        {painting !== null && <MaskStage key={painting.picture.hash} session={painting} />}
        {painting === null && compared !== null && <CompareStage comparison={compared} />}
        {painting === null && compared === null && walls !== null && (
          <SeedWallStage key={shownWall(walls).jobId} walls={walls} />
        )}
        {showsStage && <StageView stage={stage} model={model} recent={recent} onDelete={remove} />}
        <Filmstrip stage={stage} recent={recent} />
      </div>
      <Resizer
        label="Width of the settings panel"
        panel="right"
        width={inspectorWidth}
        min={240}
        max={400}
        defaultWidth={defaultLayout.inspectorWidth}
        onChange={(width) => layout.set((state) => ({ ...state, inspectorWidth: width }))}
      />
      <div
        className={styles.inspector}
        style={{ width: inspectorWidth }}
        role="group"
        aria-label="Settings of the picture"
      >
        {model && models && <Inspector model={model} models={models} errors={errors} />}
      </div>
    </div>
  );
}

function NoImageModel({
  problem,
  onOpenModels,
}: {
  readonly problem: string | null;
  readonly onOpenModels: () => void;
}) {
  return (
    <EmptyState
      icon={Boxes}
      title="No model can draw yet"
      action={
        <Button variant="primary" onClick={onOpenModels}>
          Open Models
        </Button>
      }
    >
      {problem ??
        'Add a Stable Diffusion model in the diffusers ONNX layout, and its settings appear here.'}
    </EmptyState>
  );
}
