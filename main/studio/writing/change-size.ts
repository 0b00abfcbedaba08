/** How large changes may be, and how they come: what the host can pass on without holding up everybody else. */
import { StudioError } from '../../../contract/errors.ts';
import { unpack } from '../../../contract/packed.ts';
import { SceneChanges, type SceneChange } from '../../../contract/scenes.ts';

/** Of its JSON; about two and a half million words. */
export const mostChangeCharacters = 16 * 2 ** 20;

/** An estimate from below that looks no further than it must. */
export function isTooLarge(changes: readonly object[] | Uint8Array): boolean {
  // A character of JSON has at most three bytes.
  if (changes instanceof Uint8Array) return changes.length > 3 * mostChangeCharacters;
  const waiting: unknown[] = [changes];
  let characters = 0;
  while (waiting.length > 0 && characters <= mostChangeCharacters) {
    const value = waiting.pop();
    if (typeof value === 'string') characters += value.length;
    else if (typeof value === 'object' && value !== null) {
      // Braces, commas and names, at least.
      characters += 2;
      for (const part of Object.values(value)) waiting.push(part);
    }
  }
  return characters > mostChangeCharacters;
}

/** @param changes as they are, or packed @throws {StudioError} `bad-request` */
export function unpackChanges(
  changes: readonly SceneChange[] | Uint8Array,
): readonly SceneChange[] {
  if (!(changes instanceof Uint8Array)) return changes;
  try {
    return SceneChanges.parse(unpack(changes));
  } catch (cause) {
    throw new StudioError(
      'bad-request',
      'A change could not be read. Nothing was changed. Open the scene anew.',
      undefined,
      { cause },
    );
  }
}

export function tooLarge(): StudioError {
  return new StudioError(
    'too-large',
    `That is more than a scene can take at once (${mostChangeCharacters / 2 ** 20} million characters). Paste it in parts, or into several scenes.`,
  );
}
