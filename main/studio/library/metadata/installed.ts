/** What is in the library now, as far as a recipe's names have to be found again. */
import type { ContentHash } from '../../../../contract/ids.ts';
import type { ImageModel } from '../../../../contract/models.ts';
import type { ResourceKind } from '../../../../contract/resources.ts';

export interface InstalledAdapter {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly name: string;
  readonly aliases: readonly string[];
  /** SHA-256 of the file and, of a `.safetensors` file, of what lies behind its header; where known. */
  readonly hashes: readonly ContentHash[];
}

export interface Installed {
  readonly models: readonly Pick<ImageModel, 'id' | 'name'>[];
  /** Those that can be used. */
  readonly adapters: readonly InstalledAdapter[];
}

/** Hashes shorter than this are too easily another's. */
const leastHashDigits = 8;

/**
 * @param hashDigits first digits of a hash by which the file is known elsewhere
 * @returns the id, or null where it is not installed
 */
export function installedAs(
  { adapters }: Installed,
  kind: ResourceKind,
  name: string,
  hashDigits = '',
): string | null {
  const ofKind = adapters.filter((adapter) => adapter.kind === kind);
  const wanted = plainName(name);
  const found =
    ofKind.find(({ id }) => id === name) ??
    ofKind.find(({ id }) => plainName(id) === wanted) ??
    ofKind.find((adapter) => plainName(adapter.name) === wanted) ??
    ofKind.find(({ aliases }) => aliases.some((alias) => plainName(alias) === wanted)) ??
    ofKind.find(
      ({ hashes }) =>
        hashDigits.length >= leastHashDigits &&
        hashes.some((hash) => hash.startsWith(hashDigits.toLowerCase())),
    );
  return found?.id ?? null;
}

export function modelNamed({ models }: Installed, name: string) {
  const wanted = plainName(name);
  return (
    models.find(({ id }) => id === name) ??
    models.find(({ id, name: title }) => plainName(id) === wanted || plainName(title) === wanted)
  );
}

/** Longer ones are no names. */
const longestName = 1000;

/** Without the digits that programs write behind it in square brackets. */
export function withoutHash(name: string): string {
  return name
    .slice(0, longestName)
    .replace(/\[[0-9a-f]{1,64}\]$/i, '')
    .trimEnd();
}

/** Case says nothing, nor do endings of files and the digits of a hash behind a name. */
function plainName(name: string): string {
  return withoutHash(name)
    .toLowerCase()
    .replace(/\.(?:safetensors|ckpt|onnx|pt)$/, '');
}
