/** Several prompts for one picture: `a cat AND a hat :0.5`. Source: Liu et al. 2022, arXiv:2206.01714 */

export interface ComposedPrompt {
  readonly text: string;
  readonly weight: number;
}

const and = /(?<![\p{L}\p{N}_])AND(?![\p{L}\p{N}_])/u;
const figure = /^\s*[-+]?(?:\d+\.?|\d*\.\d+)\s*$/;

/**
 * Parts around the word AND, each with a weight behind its last colon. A lone prompt has none, so that
 * "16:9" stays text.
 * @returns at least one part
 */
export function splitComposition(text: string): readonly ComposedPrompt[] {
  const parts = text.split(and);
  if (parts.length === 1) return [{ text, weight: 1 }];
  return parts.map((part) => {
    const colon = part.lastIndexOf(':');
    const tail = part.slice(colon + 1);
    if (colon < 0 || !figure.test(tail)) return { text: part.trim(), weight: 1 };
    return { text: part.slice(0, colon).trim(), weight: Number.parseFloat(tail) };
  });
}
