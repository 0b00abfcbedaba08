/** What people keep for their prompts, and what a seed makes of a prompt with choices in it. */
import path from 'node:path';
import type { ImageSettings } from '../../../contract/image-request.ts';
import { isSeeded, resolveDynamic, type ResolvedPrompt } from '../../../contract/prompt/dynamic.ts';
import { Preset, Style } from '../../../contract/prompts.ts';
import { createNamedList, type NamedList } from './named-list.ts';
import { createWildcards } from './wildcards.ts';

export type ResolvedPrompts = Pick<ImageSettings, 'prompt' | 'negativePrompt'>;

export interface Prompts {
  readonly styles: NamedList<Style>;
  readonly presets: NamedList<Preset>;
  /** The prompts that the engine is told, by the picture's own seed. Problems go to the log. */
  resolve(
    settings: Pick<ImageSettings, 'prompt' | 'negativePrompt' | 'seed'>,
  ): Promise<ResolvedPrompts>;
  resolveOne(prompt: string, seed: number): Promise<ResolvedPrompt>;
  /** @returns what the seeds make of a prompt, each text once */
  resolveEach(prompt: string, seeds: readonly number[]): Promise<readonly string[]>;
  wildcards(): Promise<{ readonly name: string; readonly entries: number }[]>;
}

export interface PromptsOptions {
  readonly libraryFolder: string;
  readonly log: (level: 'warning', text: string) => void;
}

export function createPrompts({ libraryFolder, log }: PromptsOptions): Prompts {
  const readWildcards = createWildcards(path.join(libraryFolder, 'wildcards'), log);

  async function resolveOne(prompt: string, seed: number): Promise<ResolvedPrompt> {
    const { find } = await readWildcards();
    return resolveDynamic(prompt, { seed, wildcards: find });
  }

  return {
    styles: createNamedList(path.join(libraryFolder, 'styles.json'), Style),
    presets: createNamedList(path.join(libraryFolder, 'presets.json'), Preset),
    async resolve({ prompt, negativePrompt, seed }) {
      const positive = await resolveOne(prompt, seed);
      const negative = await resolveOne(negativePrompt, seed);
      for (const { message } of [...positive.problems, ...negative.problems])
        log('warning', `In the prompt: ${message}`);
      return { prompt: positive.resolved, negativePrompt: negative.resolved };
    },
    resolveOne,
    async resolveEach(prompt, seeds) {
      const { find } = await readWildcards();
      const texts = new Set<string>();
      for (const seed of isSeeded(prompt) ? seeds : seeds.slice(0, 1)) {
        const { resolved } = resolveDynamic(prompt, { seed, wildcards: find });
        texts.add(resolved);
      }
      return [...texts];
    },
    async wildcards() {
      const { lists } = await readWildcards();
      return [...lists].map(([name, entries]) => ({ name, entries: entries.length }));
    },
  };
}
