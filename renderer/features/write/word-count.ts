/** @returns words as a person counts them: runs of letters and digits, in any script that has spaces */
export function countWords(text: string): number {
  let words = 0;
  for (const _ of text.matchAll(/[\p{L}\p{N}]+(?:['’‑-][\p{L}\p{N}]+)*/gu)) words += 1;
  return words;
}
