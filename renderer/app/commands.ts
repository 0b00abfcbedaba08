/** What the command palette offers. */
import {
  BookDown,
  BookOpenText,
  FileInput,
  ImagePlus,
  BookPlus,
  Brush,
  CircleStop,
  Columns3,
  Flame,
  Keyboard,
  MessagesSquare,
  Moon,
  Palette,
  Pause,
  PenLine,
  Play,
  RotateCcw,
  Sparkles,
  Sun,
  SunMoon,
  Trash2,
  Undo2,
  Wand2,
  WandSparkles,
  type LucideIcon,
} from 'lucide-react';
import type { Settings } from '../../contract/settings.ts';
import { chosenModel } from '../features/create/create-draft.ts';
import { runningJob } from '../features/create/stage.ts';
import { tidyPrompts } from '../features/create/tidy-prompts.ts';
import { useGenerate } from '../features/create/use-generate.ts';
import { chooseFile } from '../features/write/files/choose-file.ts';
import { documentEndings, importDocuments } from '../features/write/files/import-documents.ts';
import { useImageModels, useQueue } from './queries.ts';
import { screenNames, screens } from './screens.ts';
import { screenShortcuts, shortcuts } from './shortcuts.ts';
import { useStore } from './store.ts';
import { useWindow } from './window-model.ts';

export interface WindowCommand {
  readonly group: string;
  readonly name: string;
  readonly icon: LucideIcon;
  readonly keys?: string;
  readonly run: () => void;
}

const themes: readonly {
  readonly theme: Settings['theme'];
  readonly name: string;
  readonly icon: LucideIcon;
}[] = [
  { theme: 'dark', name: 'Dark theme', icon: Moon },
  { theme: 'light', name: 'Light theme', icon: Sun },
  { theme: 'system', name: 'Theme of the system', icon: SunMoon },
];

const deskDialogs = [
  {
    kind: 'context',
    name: 'What the model reads',
    icon: BookOpenText,
    keys: shortcuts['write.context'].keys,
  },
  {
    kind: 'export',
    name: 'Export the project',
    icon: BookDown,
    keys: shortcuts['write.export'].keys,
  },
  { kind: 'picture', name: 'Place a picture in the text', icon: ImagePlus, keys: null },
] as const;

export function useCommands(): readonly WindowCommand[] {
  const { client, toasts, open, createDraft, library, maskEditor, sheetOpen, desk, chats } =
    useWindow();
  const scene = useStore(desk.scene);
  const deskSettings = useStore(desk.settings);
  const queue = useQueue();
  const models = useImageModels() ?? [];
  const draft = useStore(createDraft);
  const generate = useGenerate();
  const running = runningJob(queue);
  const model = chosenModel(draft, models);
  const watch = (action: Promise<unknown>) => void toasts.watch(action);

  return [
    ...screenNames.map((name) => ({
      group: 'Go to',
      name: screens[name].title,
      icon: screens[name].icon,
      keys: shortcuts[screenShortcuts[name]].keys,
      run: () => open(name),
    })),
    {
      group: 'Create',
      name: 'Generate',
      icon: Sparkles,
      keys: shortcuts['create.generate'].keys,
      run: () => {
        open('create');
        void generate();
      },
    },
    ...(running
      ? [
          {
            group: 'Create',
            name: 'Cancel the running job',
            icon: CircleStop,
            keys: shortcuts['create.cancel'].keys,
            run: () => watch(client['queue.cancel']({ id: running.id })),
          },
        ]
      : []),
    {
      group: 'Create',
      name: 'Tidy the prompts',
      icon: WandSparkles,
      run: () => {
        open('create');
        const { prompt, negativePrompt } = draft;
        const tidy = tidyPrompts(draft);
        if (!tidy) {
          toasts.say('The prompts are tidy already');
          return;
        }
        createDraft.set((current) => ({ ...current, ...tidy }));
        toasts.say('The prompts are tidied', async () =>
          createDraft.set((current) => ({ ...current, prompt, negativePrompt })),
        );
      },
    },
    ...(draft.options.source
      ? [
          {
            group: 'Create',
            name: draft.options.source.mask ? 'Edit the mask' : 'Paint a mask',
            icon: Brush,
            run: () => {
              open('create');
              void maskEditor.open();
            },
          },
        ]
      : []),
    ...(model?.styles ?? []).map(({ name }) => ({
      group: 'Create',
      name: `Style: ${name}`,
      icon: Wand2,
      run: () => {
        createDraft.set((current) => ({ ...current, style: name }));
        open('create');
      },
    })),
    ...(scene
      ? [
          {
            group: 'Write',
            name: 'Continue at the cursor',
            icon: PenLine,
            keys: shortcuts['write.continue'].keys,
            run: () => {
              open('write');
              desk.coWriter.goOn(scene);
            },
          },
          {
            group: 'Write',
            name: 'Several ways to go on',
            icon: Columns3,
            keys: shortcuts['write.alternatives'].keys,
            run: () => {
              open('write');
              desk.coWriter.alternatives.offer(scene, deskSettings.alternatives);
            },
          },
          {
            group: 'Write',
            name: deskSettings.showsOrigin ? 'Hide who wrote what' : 'Show who wrote what',
            icon: Palette,
            keys: shortcuts['write.origin'].keys,
            run: () => {
              open('write');
              desk.settings.set((now) => ({ ...now, showsOrigin: !now.showsOrigin }));
            },
          },
          {
            group: 'Write',
            name: deskSettings.showsSurprisal ? 'Hide surprise' : 'Show surprise',
            icon: Flame,
            run: () => {
              open('write');
              desk.settings.set((now) => ({ ...now, showsSurprisal: !now.showsSurprisal }));
            },
          },
          ...deskDialogs.map(({ kind, name, icon, keys }) => ({
            group: 'Write',
            name,
            icon,
            ...(keys === null ? {} : { keys }),
            run: () => {
              open('write');
              desk.dialog.set({ kind });
            },
          })),
        ]
      : []),
    {
      group: 'Write',
      name: 'Import a document as a project',
      icon: FileInput,
      run: async () => {
        open('write');
        const file = await chooseFile(documentEndings);
        if (file) await importDocuments(desk, toasts, [file], 'new');
      },
    },
    {
      group: 'Write',
      name: 'New project',
      icon: BookPlus,
      run: () => {
        open('write');
        void desk.createProject('');
      },
    },
    ...(
      [
        { view: 'page', name: 'Write on the page', icon: PenLine },
        { view: 'chat', name: 'Talk with the model', icon: MessagesSquare },
      ] as const
    ).map(({ view, name, icon }) => ({
      group: 'Write',
      name,
      icon,
      run: () => {
        chats.settings.set((now) => ({ ...now, view }));
        open('write');
      },
    })),
    {
      group: 'Queue',
      name: queue?.paused ? 'Resume the queue' : 'Pause the queue',
      icon: queue?.paused ? Play : Pause,
      run: () => watch(client['queue.setPaused']({ paused: !queue?.paused })),
    },
    {
      group: 'Queue',
      name: 'Cancel all jobs',
      icon: CircleStop,
      run: () => watch(client['queue.cancelAll']({})),
    },
    {
      group: 'Gallery',
      name: 'Open the trash',
      icon: Trash2,
      run: () => {
        library.show({ trashed: true });
        open('gallery');
      },
    },
    {
      group: 'Gallery',
      name: 'Undo the last change of pictures',
      icon: Undo2,
      run: () => void toasts.undoLast(),
    },
    ...themes.map(({ theme, name, icon }) => ({
      group: 'Window',
      name,
      icon,
      run: () => watch(client['settings.set']({ theme })),
    })),
    {
      group: 'Window',
      name: 'Keyboard shortcuts',
      icon: Keyboard,
      keys: shortcuts.shortcuts.keys,
      run: () => sheetOpen.set(true),
    },
    {
      group: 'Engine',
      name: 'Restart the engine',
      icon: RotateCcw,
      run: () => watch(client['system.restartEngine']({})),
    },
  ];
}
