/** Files of the library beside what is built in, as choices of a select. Pure. */
import type { Resource } from '../../../contract/resources.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

const titles: Readonly<Record<string, string>> = {
  'latent-nearest': 'Latents, nearest',
  'latent-bilinear': 'Latents, bilinear',
  'latent-bicubic': 'Latents, bicubic',
  nearest: 'Pixels, nearest',
  bicubic: 'Pixels, bicubic',
  lanczos: 'Pixels, Lanczos',
};

/** @param chosen stays among the choices when its file is gone */
export function upscalerChoices(
  builtIn: readonly string[],
  upscalers: readonly Resource[] | undefined,
  chosen: string,
): readonly Choice[] {
  return [
    ...builtIn.map((value) => ({ value, label: titles[value] ?? value })),
    ...resourceChoices(upscalers, builtIn.includes(chosen) ? null : chosen),
  ];
}

export function resourceChoices(
  resources: readonly Resource[] | undefined,
  chosen: string | null,
): readonly Choice[] {
  const known = (resources ?? []).map(({ id, problem }) => ({
    value: id,
    label: problem === null ? id : `${id} (cannot be used)`,
    disabled: problem !== null,
  }));
  if (chosen === null || known.some(({ value }) => value === chosen)) return known;
  return [...known, { value: chosen, label: `${chosen} (missing)` }];
}
