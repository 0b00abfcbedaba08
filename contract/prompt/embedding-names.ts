/** Words of a prompt that stand for an embedding file: its bare name, in any case. */

/** Words of other letters and digits around a name make it another word. The longest name wins. */
export function embeddingPattern(names: readonly string[]): RegExp {
  const alternatives = [...names]
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`));
  return new RegExp(
    String.raw`(?<![\p{L}\p{N}_-])(?:${alternatives.join('|')})(?![\p{L}\p{N}_-])`,
    'giu',
  );
}

/** @returns those whose name stands in one of the texts */
export function embeddingsNamedIn<T extends { readonly name: string }>(
  embeddings: readonly T[],
  texts: readonly string[],
): readonly T[] {
  return embeddings.filter(({ name }) => {
    const pattern = embeddingPattern([name]);
    return texts.some((text) => text.search(pattern) >= 0);
  });
}
