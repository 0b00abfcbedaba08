/** The settings' part of the contract. */
import type { Handlers } from '../../../contract/rpc.ts';
import type { Settings, settingsContract } from '../../../contract/settings.ts';
import type { SettingsStore } from './settings.ts';

export function settingsHandlers(settings: SettingsStore): Handlers<typeof settingsContract> {
  return {
    'settings.get': async () => settings.get(),
    'settings.set': (changes) => settings.set(withoutUndefined(changes)),
    'settings.watch': (_input, { signal }) => settings.watch(signal),
    'drafts.get': async ({ key }) => ({ text: await settings.draft(key) }),
    'drafts.set': async ({ key, text }) => {
      await settings.setDraft(key, text);
      return {};
    },
  };
}

/** A field that is there but undefined means the same as one that is not. */
function withoutUndefined(changes: {
  readonly [K in keyof Settings]?: Settings[K] | undefined;
}): Partial<Settings> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
