/** A token with its white space made visible, so that two that differ only in it can be told apart. */
export function visibleToken(text: string): string {
  if (text === '') return '∅';
  return text.replaceAll('\n', '↵').replaceAll('\t', '⇥').replace(/^ | $/g, '·');
}
