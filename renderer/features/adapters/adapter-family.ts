/** Which adapters go with which models. Pure. */
import type { Resource } from '../../../contract/resources.ts';

const titles: Readonly<Record<string, string>> = {
  sd1: 'Stable Diffusion 1',
  sd2: 'Stable Diffusion 2',
  sdxl: 'SDXL',
  'sdxl-refiner': 'the SDXL refiner',
  sd3: 'Stable Diffusion 3',
  flux: 'Flux',
  other: 'a family of its own',
};

export function familyTitle(family: string): string {
  return titles[family] ?? family;
}

/** False only where both sides tell and differ. */
export function suitsFamily(family: string | null, modelFamily: string | null): boolean {
  return family === null || modelFamily === null || family === modelFamily;
}

/** @returns a sentence; null where nothing speaks against it */
export function familyProblem(
  { name, family }: Pick<Resource, 'name' | 'family'>,
  modelFamily: string | null,
): string | null {
  if (family === null || modelFamily === null || family === modelFamily) return null;
  return `“${name}” was made for ${familyTitle(family)}; this model is ${familyTitle(modelFamily)}. Choose another of the two.`;
}

/**
 * Those whose name or words fit what is typed: usable ones first, then those of another family, then
 * those with a problem.
 */
export function searchAdapters(
  adapters: readonly Resource[],
  typed: string,
  modelFamily: string | null,
): readonly Resource[] {
  const wanted = typed.trim().toLowerCase();
  const rank = ({ problem, family }: Resource) =>
    problem !== null ? 2 : suitsFamily(family, modelFamily) ? 0 : 1;
  return adapters
    .filter(({ id, aliases, triggerWords }) =>
      [id, ...aliases, ...triggerWords].some((text) => text.toLowerCase().includes(wanted)),
    )
    .toSorted((a, b) => rank(a) - rank(b));
}

/** By its id, in any case, or another name, as the studio finds it. */
export function adapterNamed(adapters: readonly Resource[], name: string): Resource | undefined {
  const wanted = name.toLowerCase();
  return (
    adapters.find(({ id }) => id === name) ??
    adapters.find(({ id }) => id.toLowerCase() === wanted) ??
    adapters.find((adapter) => adapter.name.toLowerCase() === wanted) ??
    adapters.find(({ aliases }) => aliases.some((alias) => alias.toLowerCase() === wanted))
  );
}
