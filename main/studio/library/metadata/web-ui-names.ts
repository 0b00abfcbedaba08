/**
 * What Stable Diffusion web UI, Forge and the ControlNet extension call what has a name here too.
 * Each list is in the order of preference: the first name is the one that is written.
 */
import type { ControlUse, Mask, Source } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';

type Names<T extends string> = Readonly<Record<T, readonly string[]>>;

export const fitWords: Names<Source['fit']> = {
  crop: ['Crop and resize'],
  stretch: ['Just resize', 'Just resize (latent upscale)'],
  pad: ['Resize and fill'],
};

export const fillWords: Names<Mask['fill']> = {
  original: ['original'],
  blurred: ['fill'],
  noise: ['latent noise'],
  blank: ['latent nothing'],
};

export const moduleWords: Names<ControlUse['preprocessor']> = {
  none: ['none'],
  invert: ['invert (from white bg & black line)', 'invert'],
  canny: ['canny'],
};

export const emphasisWords: Names<ImageSettings['emphasis']> = {
  original: ['Original'],
  comfy: ['Comfy'],
  none: ['Ignore', 'None'],
};

/** Besides the ids of upscaler models, which are written as they are. */
const upscalerWords: Names<string> = {
  'latent-bilinear': ['Latent', 'Latent (antialiased)'],
  'latent-bicubic': ['Latent (bicubic)', 'Latent (bicubic antialiased)'],
  'latent-nearest': ['Latent (nearest)', 'Latent (nearest-exact)'],
  lanczos: ['Lanczos'],
  nearest: ['Nearest'],
  bicubic: ['Bicubic'],
};

/** @returns null for a word that stands for nothing here */
export function nameOf<T extends string>(words: Names<T>, word: string): T | null {
  const wanted = word.trim().toLowerCase();
  for (const [name, own] of Object.entries(words) as [T, readonly string[]][])
    if (name === wanted || own.some((known) => known.toLowerCase() === wanted)) return name;
  return null;
}

export function wordOf<T extends string>(words: Names<T>, name: T): string {
  return words[name][0] ?? name;
}

export function upscalerWord(upscaler: string): string {
  return upscalerWords[upscaler]?.[0] ?? upscaler;
}

/** @returns the name of one that needs no model, else null */
export function plainUpscaler(word: string): string | null {
  return nameOf(upscalerWords, word);
}
