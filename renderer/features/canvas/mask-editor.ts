/**
 * The mask of the draft's source picture while it is painted.
 *
 * Promises: what is painted reaches the draft a moment after every step, at the latest when the
 * editor closes; the history of undo and the view live as long as the draft keeps that picture and that
 * mask, also over a restart; a mask on which nothing is painted is no mask.
 */
import { StudioError } from '../../../contract/errors.ts';
import type { ContentHash } from '../../../contract/ids.ts';
import { Mask } from '../../../contract/image-options.ts';
import type { InputPicture } from '../../../contract/inputs.ts';
import type { StudioClient } from '../../../contract/studio.ts';
import type { DraftStore } from '../../app/draft-store.ts';
import { createStore, type Store } from '../../app/store.ts';
import type { Toasts } from '../../app/toasts.ts';
import { changeOptions, type CreateDraft } from '../create/create-draft.ts';
import type { KeptSteps } from './mask-history.ts';
import type { PicturePixels } from './flood-fill.ts';
import { historyText, mostKeptBytes, readHistory, type HistoryOwner } from './kept-history.ts';
import type { KeptView } from './kept-view.ts';
import { createPaintedMask, type PaintedMask } from './painted-mask.ts';
import { inSlices, nextTurn } from './slices.ts';
import { levelsOf, maskPicture, readPixels } from './picture-pixels.ts';

const saveDelayMs = 700;
const historyKey = 'canvas.history';

export interface MaskSession {
  readonly picture: InputPicture;
  readonly mask: PaintedMask;
  /** The picture's own colours, read once. */
  pixels(): Promise<PicturePixels>;
}

export interface MaskEditor {
  /** What is being painted; null while the editor is closed. */
  readonly shown: Store<MaskSession | null>;
  /** Shows the draft's source picture with its mask; says so where it cannot be read. */
  open(): Promise<void>;
  /** Keeps what was painted and closes. @throws {StudioError} where it could not be kept; then it stays open */
  close(): Promise<void>;
  /** Turns the draft's mask over without opening it. */
  invert(): Promise<void>;
}

interface Kept extends MaskSession {
  /** What the draft names as its mask. */
  savedHash: ContentHash | null;
  savedRevision: number;
  stop(): void;
}

export function createMaskEditor(
  client: StudioClient,
  createDraft: DraftStore<CreateDraft>,
  toasts: Toasts,
  keptView: DraftStore<KeptView>,
): MaskEditor {
  const shown = createStore<MaskSession | null>(null);
  let kept: Kept | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let saving: Promise<void> = Promise.resolve();

  function sourceOfDraft() {
    return createDraft.get().options.source;
  }

  function drop(): void {
    clearTimeout(timer);
    kept?.stop();
    kept = null;
    shown.set(null);
  }

  createDraft.subscribe(() => {
    if (!kept) return;
    const source = sourceOfDraft();
    const isOther =
      source?.picture !== kept.picture.hash || (source.mask?.picture ?? null) !== kept.savedHash;
    if (isOther) drop();
  });

  async function begin(): Promise<Kept | null> {
    if (kept) return kept;
    const source = sourceOfDraft();
    if (!source) return null;
    const picture = await client['inputs.get']({ hash: source.picture });
    const before = source.mask ? await readMask(source.mask.picture) : null;
    // Another picture may have been chosen while these were read.
    if (sourceOfDraft() !== source) return null;
    const { width, height, url } = picture;
    const fits = before?.width === width && before.height === height;
    const steps = await readSteps({
      picture: picture.hash,
      mask: fits ? (source.mask?.picture ?? null) : null,
      width,
      height,
    });
    if (sourceOfDraft() !== source) return null;
    const levels = fits ? before.levels : new Uint8Array(width * height);
    const mask = createPaintedMask(width, height, levels, steps ?? undefined);
    let pixels: Promise<PicturePixels> | null = null;
    const stop = mask.subscribe(() => {
      if (mask.status.revision === kept?.savedRevision) return;
      clearTimeout(timer);
      timer = setTimeout(() => void toasts.watch(save()), saveDelayMs);
    });
    kept = {
      picture,
      mask,
      pixels: () => (pixels ??= readPixels(url).then(({ rgba }) => rgba)),
      savedHash: source.mask?.picture ?? null,
      savedRevision: 0,
      stop,
    };
    return kept;
  }

  /** Null as well where they cannot be read: painting goes on without them. */
  async function readSteps(owner: HistoryOwner): Promise<KeptSteps | null> {
    const { text } = await client['drafts.get']({ key: historyKey }).catch(() => ({ text: null }));
    return text === null ? null : readHistory(text, owner);
  }

  async function keepSteps({ picture, mask, savedHash }: Kept): Promise<void> {
    // What is painted too faintly is no mask, and its history would begin with something else.
    const isLost = savedHash === null && mask.levels.some((level) => level !== 0);
    const steps = isLost ? { done: [], undone: [] } : mask.steps(mostKeptBytes);
    const { width, height } = mask;
    const text = await historyText(steps, {
      picture: picture.hash,
      mask: savedHash,
      width,
      height,
    });
    await client['drafts.set']({ key: historyKey, text });
  }

  async function readMask(hash: ContentHash) {
    const { url } = await client['inputs.get']({ hash });
    return levelsOf(await readPixels(url));
  }

  /** One after the other, so that the newest is named last. */
  function save(): Promise<void> {
    clearTimeout(timer);
    saving = saving.catch(() => undefined).then(write);
    return saving;
  }

  async function write(): Promise<void> {
    const session = kept;
    while (session?.mask.isSlicing) await nextTurn();
    if (!session || session.mask.status.revision === session.savedRevision) return;
    const { mask } = session;
    const { revision } = mask.status;
    const hash = mask.isEmpty()
      ? null
      : (await client['inputs.add']({ bytes: await maskPicture(mask) })).hash;
    if (kept !== session) return;
    session.savedHash = hash;
    session.savedRevision = revision;
    // Before the draft names the mask, so that the two are never of different states for long.
    if (mask.status.revision === revision) await keepSteps(session).catch(() => undefined);
    if (kept !== session) return;
    createDraft.set((draft) => {
      const { source } = draft.options;
      if (!source) return draft;
      const next = hash === null ? null : Mask.parse({ ...source.mask, picture: hash });
      return changeOptions(draft, { source: { ...source, mask: next } });
    });
  }

  shown.subscribe(() => {
    const session = shown.get();
    keptView.set((current) => {
      if (!session) return current.isOpen ? { ...current, isOpen: false } : current;
      const { hash } = session.picture;
      const view = current.picture === hash ? current.view : null;
      return { picture: hash, isOpen: true, view };
    });
  });
  // What was being painted when the window closed is shown again.
  void Promise.all([createDraft.loaded, keptView.loaded]).then(() => {
    const { isOpen, picture } = keptView.get();
    if (isOpen && sourceOfDraft()?.picture === picture) return editor.open();
    return undefined;
  });

  const editor: MaskEditor = {
    shown,
    async open() {
      try {
        const session = await begin();
        if (session) shown.set(session);
      } catch (error) {
        toasts.fail(readable(error));
      }
    },
    async close() {
      if (!kept) return;
      kept.mask.commit();
      await save();
      shown.set(null);
    },
    async invert() {
      try {
        const session = await begin();
        const { signal } = new AbortController();
        if (session) await inSlices(session.mask.invert(), { signal });
        await save();
      } catch (error) {
        toasts.fail(readable(error));
      }
    },
  };
  return editor;
}

/** The browser says only that it could not decode. */
function readable(error: unknown): StudioError {
  if (error instanceof StudioError) return error;
  return new StudioError(
    'bad-request',
    'The picture or its mask could not be read. Choose the picture again.',
    undefined,
    { cause: error },
  );
}
