/** Everything the components share, made once when the window opens. */
import { QueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { ImageId } from '../../contract/ids.ts';
import type { StudioClient } from '../../contract/studio.ts';
import { CanvasTools, defaultCanvasTools } from '../features/canvas/canvas-tools.ts';
import { KeptView, noKeptView } from '../features/canvas/kept-view.ts';
import { createMaskEditor, type MaskEditor } from '../features/canvas/mask-editor.ts';
import type { Comparison } from '../features/compare/comparison.ts';
import { CreateDraft, emptyCreateDraft } from '../features/create/create-draft.ts';
import { createPreviewHistory, type PreviewHistory } from '../features/create/preview-history.ts';
import type { SeedWalls } from '../features/create/seed-walls.ts';
import type { Selection } from '../features/create/stage.ts';
import { subjectOf } from '../features/exporting/export-subject.ts';
import {
  emptyExportDraft,
  ExportDraft,
  type ExportSubject,
} from '../features/exporting/export-draft.ts';
import {
  chooseOne,
  emptySelection,
  type GallerySelection,
} from '../features/gallery/gallery-selection.ts';
import { filesOf } from '../features/importing/dropped-files.ts';
import { createUploads, type Uploads } from '../features/importing/uploads.ts';
import type { GalleryExtensions } from '../features/gallery/gallery-extensions.ts';
import { GalleryView, defaultGalleryView } from '../features/gallery/gallery-view.ts';
import {
  createGalleryLibrary,
  isEveryImage,
  type GalleryLibrary,
} from '../features/gallery/gallery-library.ts';
import { createChatDesk, type ChatDesk } from '../features/write/chat/chat-desk.ts';
import { createWritingDesk, type WritingDesk } from '../features/write/writing-desk.ts';
import type { Connection } from '../transport/connection.ts';
import { createDraftStore, type DraftStore } from './draft-store.ts';
import { feedKeys, startFeeds } from './feeds.ts';
import { defaultLayout, LayoutState } from './layout-state.ts';
import type { ScreenName } from './screens.ts';
import { createStore, type Store } from './store.ts';
import { createToasts, type Toasts } from './toasts.ts';

export interface WindowModel {
  readonly connection: Connection;
  readonly client: StudioClient;
  readonly queries: QueryClient;
  readonly toasts: Toasts;
  readonly layout: DraftStore<LayoutState>;
  readonly createDraft: DraftStore<CreateDraft>;
  readonly canvasTools: DraftStore<CanvasTools>;
  /** Where the mask editor was left. */
  readonly canvasView: DraftStore<KeptView>;
  readonly maskEditor: MaskEditor;
  readonly previews: PreviewHistory;
  /** What the stage of Create shows. */
  readonly selection: Store<Selection>;
  /** Two pictures that the stage shows over each other; null for none. */
  readonly comparison: Store<Comparison | null>;
  /** Walls of variations that the stage shows; null for none. */
  readonly exploration: Store<SeedWalls | null>;
  /** What could not be taken over from the picture that was reused last, in sentences. */
  readonly reuseNotes: Store<readonly string[]>;
  readonly library: GalleryLibrary;
  readonly gallerySelection: Store<GallerySelection>;
  /** How the gallery is arranged, and what was used there last. */
  readonly galleryView: DraftStore<GalleryView>;
  /** Where export and import hang themselves into the gallery. */
  readonly galleryExtensions: GalleryExtensions;
  /** Whether the dialog that imports is open. */
  readonly importing: Store<boolean>;
  readonly uploads: Uploads;
  /** Pictures whose export is being set up; null for none. */
  readonly exporting: Store<ExportSubject | null>;
  readonly exportDraft: DraftStore<ExportDraft>;
  readonly desk: WritingDesk;
  readonly chats: ChatDesk;
  readonly paletteOpen: Store<boolean>;
  readonly sheetOpen: Store<boolean>;
  open(screen: ScreenName): void;
  /** Opens the gallery at a picture. */
  showInGallery(id: ImageId): void;
}

export function createWindowModel(connection: Connection): WindowModel {
  const { client } = connection;
  const queries = new QueryClient({
    defaultOptions: {
      // The studio pushes every change, so nothing goes stale by itself.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        refetchOnWindowFocus: false,
        networkMode: 'always',
      },
    },
  });
  const toasts = createToasts();
  const layout = createDraftStore(connection, 'window.layout', LayoutState, defaultLayout);
  const createDraft = createDraftStore(connection, 'create.draft', CreateDraft, emptyCreateDraft);
  const canvasView = createDraftStore(connection, 'canvas.view', KeptView, noKeptView);
  const gallerySelection = createStore<GallerySelection>(emptySelection);
  const desk = createWritingDesk(connection, queries, feedKeys.models, toasts);
  const model: WindowModel = {
    connection,
    client,
    queries,
    toasts,
    layout,
    createDraft,
    canvasTools: createDraftStore(connection, 'canvas.tools', CanvasTools, defaultCanvasTools),
    canvasView,
    maskEditor: createMaskEditor(client, createDraft, toasts, canvasView),
    previews: createPreviewHistory(),
    selection: createStore<Selection>({ kind: 'newest' }),
    comparison: createStore<Comparison | null>(null),
    exploration: createStore<SeedWalls | null>(null),
    reuseNotes: createStore<readonly string[]>([]),
    library: createGalleryLibrary(client, toasts, gallerySelection),
    gallerySelection,
    galleryView: createDraftStore(connection, 'gallery.view', GalleryView, defaultGalleryView),
    galleryExtensions: {
      exportPictures: (choice) =>
        void toasts.watch(
          subjectOf(client, choice).then((subject) => model.exporting.set(subject)),
        ),
      importFiles: (dropped) => {
        if (dropped === null) model.importing.set(true);
        else
          void toasts.watch(
            filesOf(dropped).then((files) => model.uploads.add(files, { albumId: null, tags: [] })),
          );
      },
    },
    importing: createStore(false),
    uploads: createUploads(client, toasts),
    exporting: createStore<ExportSubject | null>(null),
    exportDraft: createDraftStore(connection, 'export.draft', ExportDraft, emptyExportDraft),
    desk,
    chats: createChatDesk(connection, queries, feedKeys.models, toasts, desk),
    paletteOpen: createStore(false),
    sheetOpen: createStore(false),
    showInGallery(id) {
      // It may hide behind a filter that was left on.
      if (!isEveryImage(model.library.state.get().query)) model.library.show({});
      model.gallerySelection.set(chooseOne(id));
      model.open('gallery');
    },
    open: (screen) =>
      layout.set((state) => (state.screen === screen ? state : { ...state, screen })),
  };
  startFeeds(model);
  return model;
}

const WindowContext = createContext<WindowModel | null>(null);
export const WindowProvider = WindowContext.Provider;

export function useWindow(): WindowModel {
  const model = useContext(WindowContext);
  if (!model) throw new Error('A component was used outside the window.');
  return model;
}
