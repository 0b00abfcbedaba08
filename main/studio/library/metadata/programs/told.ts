/** What a program wrote of how it made a picture, in one language: that of Stable Diffusion web UI. */
import type { ProgramName } from '../../../../../contract/picture-facts.ts';
import type { ParametersText } from '../parameters-text.ts';

export interface ToldLora {
  readonly name: string;
  readonly unetWeight: number;
  readonly textWeight: number;
}

export interface Told {
  readonly program: ProgramName;
  /** As it was written there. */
  readonly prompt: string;
  readonly negativePrompt: string;
  /** The same in the prompt language of here, where that program has another one. */
  readonly here: { readonly prompt: string; readonly negativePrompt: string } | null;
  /** In the names of the web UI's text, whatever the program calls them; further ones under its own. */
  readonly pairs: ParametersText['pairs'];
  /** What that program does without saying so, in the same names. */
  readonly implied: Readonly<Record<string, string>>;
  /** Besides those that the prompt names in tags. */
  readonly loras: readonly ToldLora[];
  /** What cannot be taken over, in sentences for people. */
  readonly left: readonly string[];
}

/** Characters of a prompt that are read for their meaning. */
export const longestPrompt = 100_000;

type PairValue = string | number | boolean | null | undefined;

/** Longer values are no names and no numbers. */
const longestValue = 20_000;

/** Pairs out of values, of which absent ones are left out. */
export function pairsOf(values: Readonly<Record<string, PairValue>>): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const [name, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === '') continue;
    pairs.set(name, String(value).slice(0, longestValue));
  }
  return pairs;
}

/** The name of a file as programs show it: without folders and ending. */
export function plainFileName(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const own = file.slice(-1000);
  const name = own.slice(Math.max(own.lastIndexOf('/'), own.lastIndexOf('\\')) + 1);
  return name.replace(/\.(?:safetensors|ckpt|pth?|gguf|onnx|sft|bin)$/i, '') || undefined;
}

/** What stands in the web UI's own words, where nothing is left to be understood. */
export function toldInWebUi(
  program: ProgramName,
  { prompt, negativePrompt, pairs }: ParametersText,
): Told {
  return { program, prompt, negativePrompt, here: null, pairs, implied: {}, loras: [], left: [] };
}
