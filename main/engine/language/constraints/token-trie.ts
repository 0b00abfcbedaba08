/**
 * A vocabulary by the bytes of its tokens, laid out so that one pass from front to back visits every
 * token that an automaton allows and skips whatever begins with a byte that it does not.
 */
import type { ByteState } from './automaton.ts';

export interface TokenTrie {
  readonly vocabularySize: number;
  /** Sets the bit of every token whose bytes may follow `state`. */
  markAllowed(state: ByteState, allowed: Uint32Array): void;
}

/**
 * @param bytesOf UTF-8 bytes of a token; those without bytes are never allowed
 * @param vocabularySize tokens are 0 … vocabularySize − 1
 */
export function createTokenTrie(
  bytesOf: (tokenId: number) => Uint8Array,
  vocabularySize: number,
): TokenTrie {
  // One character per byte, so that strings sort as bytes do.
  const tokens: { readonly id: number; readonly text: string }[] = [];
  let nodes = 0;
  for (let id = 0; id < vocabularySize; id += 1) {
    const text = String.fromCharCode(...bytesOf(id));
    if (text !== '') tokens.push({ id, text });
    nodes += text.length;
  }
  tokens.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.id - b.id));

  // A node per distinct beginning, in the order of a walk: children follow their parent.
  const byteAt = new Uint8Array(nodes);
  const depthAt = new Uint16Array(nodes);
  /** Where what begins alike ends. */
  const endAt = new Int32Array(nodes);
  /** The first token that ends at a node, −1 for none; further ones with the same bytes are chained. */
  const tokenAt = new Int32Array(nodes).fill(-1);
  const sameBytes = new Int32Array(vocabularySize).fill(-1);
  let count = 0;
  const path: number[] = [];
  let before = '';
  for (const { id, text } of tokens) {
    let common = 0;
    while (common < before.length && common < text.length && before[common] === text[common])
      common += 1;
    for (const node of path.splice(common)) endAt[node] = count;
    for (let depth = common; depth < text.length; depth += 1) {
      byteAt[count] = text.charCodeAt(depth);
      depthAt[count] = depth;
      path.push(count);
      count += 1;
    }
    const last = path.at(-1) ?? 0;
    sameBytes[id] = tokenAt[last] ?? -1;
    tokenAt[last] = id;
    before = text;
  }
  for (const node of path) endAt[node] = count;

  return {
    vocabularySize,
    markAllowed(state, allowed) {
      const states = [state];
      for (let node = 0; node < count;) {
        const depth = depthAt[node] ?? 0;
        const next = states[depth]?.next(byteAt[node] ?? 0);
        if (!next) {
          node = endAt[node] ?? count;
          continue;
        }
        states[depth + 1] = next;
        for (let id = tokenAt[node] ?? -1; id >= 0; id = sameBytes[id] ?? -1)
          allowed[id >> 5] = (allowed[id >> 5] ?? 0) | (1 << (id & 31));
        node += 1;
      }
    },
  };
}
