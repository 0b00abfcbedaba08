/** Where repeats end for DRY: texts such as line ends and quotes, which may span tokens. */
export interface DryBreakers {
  /** Whether the token holds a whole breaker. */
  isBreaker(tokenId: number): boolean;
  /** How many tokens follow the last breaker in `history`; `most` if there is none among that many. */
  tokensSince(history: readonly number[], most: number): number;
}

/** @param bytesOf UTF-8 bytes of a token; asked once per token that occurs */
export function createDryBreakers(
  breakers: readonly string[],
  bytesOf: (tokenId: number) => Uint8Array,
): DryBreakers {
  // One character per byte, so that a breaker may lie across the halves of a character.
  const texts = breakers.map((breaker) => byteString(new TextEncoder().encode(breaker)));
  const longest = Math.max(0, ...texts.map((text) => text.length));
  const seen = new Map<number, string>();

  function textOf(tokenId: number): string {
    const known = seen.get(tokenId);
    if (known !== undefined) return known;
    const text = byteString(bytesOf(tokenId));
    seen.set(tokenId, text);
    return text;
  }

  return {
    isBreaker: (tokenId) => texts.some((text) => textOf(tokenId).includes(text)),
    tokensSince(history, most) {
      if (texts.length === 0) return most;
      let following = '';
      const followingLengths: number[] = [];
      for (let since = 0; since < Math.min(most, history.length); since += 1) {
        const piece = textOf(history[history.length - 1 - since] ?? 0);
        const text = piece + following;
        const end = lastEnd(text, texts, piece.length);
        if (end !== null) return since - tokensWithin(end - piece.length, followingLengths);
        following = text.slice(0, Math.max(0, longest - 1));
        followingLengths.push(piece.length);
      }
      return most;
    },
  };
}

/** Where the last of the breakers ends that begin within the first `within` characters. */
function lastEnd(text: string, breakers: readonly string[], within: number): number | null {
  let last: number | null = null;
  for (const breaker of breakers) {
    const start = within === 0 ? -1 : text.lastIndexOf(breaker, within - 1);
    if (start >= 0) last = Math.max(last ?? 0, start + breaker.length);
  }
  return last;
}

/** How many of the following tokens begin before `characters`; their lengths are listed last token first. */
function tokensWithin(characters: number, lengths: readonly number[]): number {
  let left = characters;
  let tokens = 0;
  for (let index = lengths.length - 1; index >= 0 && left > 0; index -= 1) {
    left -= lengths[index] ?? 0;
    tokens += 1;
  }
  return tokens;
}

function byteString(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
