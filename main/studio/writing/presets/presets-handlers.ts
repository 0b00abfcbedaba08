/** Character cards and sampler presets: what is read from files, and what is kept in the library. */
import path from 'node:path';
import type { Handlers } from '../../../../contract/rpc.ts';
import {
  NamedSampling,
  type writingPresetsContract,
} from '../../../../contract/writing-presets.ts';
import { createNamedList } from '../../prompts/named-list.ts';
import { readCharacterCard } from './character-card.ts';
import { readForeignPreset } from './foreign-preset.ts';

export function writingPresetsHandlers(
  libraryFolder: string,
): Handlers<typeof writingPresetsContract> {
  const kept = createNamedList(path.join(libraryFolder, 'sampler-presets.json'), NamedSampling);
  return {
    'cards.read': async ({ bytes, person }) => readCharacterCard(bytes, person),
    'samplers.list': () => kept.all(),
    'samplers.put': (preset) => kept.put(preset),
    'samplers.remove': ({ name }) => kept.remove(name),
    'samplers.read': async ({ fileName, bytes }) => {
      const { sampling, notes } = readForeignPreset(new TextDecoder().decode(bytes));
      return { name: nameOf(fileName), sampling, notes: [...notes] };
    },
  };
}

function nameOf(fileName: string): string {
  const name = path.basename(fileName).replace(/\.[^.]*$/, '');
  return name.trim().slice(0, 200) || 'Preset';
}
