/**
 * Preferences and drafts, as files in the data folder.
 *
 * Promises: what `set` and `setDraft` resolved for survives the death of the machine; a file that
 * cannot be read is kept aside, never overwritten, and the rest goes on with defaults.
 */
import { mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Settings, defaultSettings } from '../../../contract/settings.ts';
import { createLatestBroadcast } from '../broadcast.ts';
import { writeFileDurably } from '../durable-file.ts';
import { storageError, systemCode } from '../storage-error.ts';

export interface SettingsStore {
  get(): Settings;
  /** @throws {StudioError} `disk-full`, `library-read-only`; the settings are unchanged then */
  set(changes: Partial<Settings>): Promise<Settings>;
  /** The settings at once, then after every change. */
  watch(signal: AbortSignal): AsyncIterable<Settings>;
  /** @param key one that the contract allows; null where nothing was kept */
  draft(key: string): Promise<string | null>;
  setDraft(key: string, text: string): Promise<void>;
}

export interface SettingsOptions {
  readonly dataFolder: string;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

const Draft = z.object({ text: z.string() });

/** A text on its way to the disk; later texts of the same key overtake it there. */
interface PendingDraft {
  text: string;
  written: Promise<void>;
}

export async function openSettings({
  dataFolder,
  now,
  log,
}: SettingsOptions): Promise<SettingsStore> {
  const settingsPath = path.join(dataFolder, 'settings.json');
  await mkdir(dataFolder, { recursive: true }).catch((error: unknown) => {
    throw storageError(error, dataFolder);
  });
  let settings = await readSettings();
  let tail: Promise<unknown> = Promise.resolve();
  const changed = createLatestBroadcast<Settings>(() => settings);
  const writing = new Map<string, Promise<void>>();
  const waiting = new Map<string, PendingDraft>();

  async function readJson(filePath: string): Promise<unknown> {
    let text: string;
    try {
      text = await readFile(filePath, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw storageError(error, filePath);
    }
    try {
      return JSON.parse(text) as unknown;
    } catch {
      await keepAside(filePath);
      return undefined;
    }
  }

  async function keepAside(filePath: string): Promise<void> {
    const aside = `${filePath}.corrupt-${now()}`;
    await rename(filePath, aside).catch((error: unknown) => {
      throw storageError(error, filePath);
    });
    log(
      'warning',
      `"${path.basename(filePath)}" could not be read and was kept as "${path.basename(aside)}".`,
    );
  }

  async function readSettings(): Promise<Settings> {
    const found = z
      .record(z.string(), z.unknown())
      .optional()
      .safeParse(await readJson(settingsPath));
    if (!found.success) {
      await keepAside(settingsPath);
      return defaultSettings;
    }
    const stored = found.data ?? {};
    const kept: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(Settings.shape)) {
      if (!Object.hasOwn(stored, name)) continue;
      const value = schema.safeParse(stored[name]);
      if (value.success) kept[name] = value.data;
      else
        log(
          'warning',
          `The setting "${name}" has a value that this version does not know; its default is used.`,
        );
    }
    return Settings.parse({ ...defaultSettings, ...kept });
  }

  function draftPath(key: string): string {
    // The prefix keeps names such as "con" apart from Windows' devices.
    return path.join(dataFolder, 'drafts', `draft-${key}.json`);
  }

  async function writeDraft(key: string): Promise<void> {
    const next = waiting.get(key);
    if (!next) return;
    waiting.delete(key);
    try {
      await writeFileDurably(
        draftPath(key),
        JSON.stringify({ text: next.text } satisfies z.infer<typeof Draft>),
      );
    } catch (error) {
      throw storageError(error, dataFolder);
    }
  }

  return {
    get: () => settings,
    set(changes) {
      const written = tail.then(async () => {
        const next = Settings.parse({ ...settings, ...changes });
        try {
          await writeFileDurably(settingsPath, JSON.stringify(next, null, 2));
        } catch (error) {
          throw storageError(error, dataFolder);
        }
        settings = next;
        changed.publish(next);
        return next;
      });
      tail = written.catch(() => {});
      return written;
    },
    watch: changed.subscribe,
    async draft(key) {
      const pending = waiting.get(key);
      if (pending) return pending.text;
      await writing.get(key)?.catch(() => {});
      const found = await readJson(draftPath(key));
      if (found === undefined) return null;
      const draft = Draft.safeParse(found);
      if (draft.success) return draft.data.text;
      await keepAside(draftPath(key));
      return null;
    },
    setDraft(key, text) {
      const pending = waiting.get(key);
      if (pending) {
        pending.text = text;
        return pending.written;
      }
      const written = (writing.get(key) ?? Promise.resolve())
        .catch(() => {})
        .then(() => writeDraft(key));
      waiting.set(key, { text, written });
      writing.set(key, written);
      const forget = () => {
        if (writing.get(key) === written) writing.delete(key);
      };
      written.then(forget, forget);
      return written;
    },
  };
}
