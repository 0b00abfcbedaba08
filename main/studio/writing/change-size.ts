/** How large a change may be: what the host can pass on without holding up everybody else. */
import { StudioError } from '../../../contract/errors.ts';

/** Of its JSON; about two and a half million words. */
export const mostChangeCharacters = 16 * 2 ** 20;

/** An estimate from below that looks no further than it must. */
export function isTooLarge(changes: readonly object[]): boolean {
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

export function tooLarge(): StudioError {
  return new StudioError(
    'too-large',
    `That is more than a scene can take at once (${mostChangeCharacters / 2 ** 20} million characters). Paste it in parts, or into several scenes.`,
  );
}
