/** Words around a prompt: `{prompt}` in a style is the place of the prompt, else the style follows it. */
import { parsePrompt } from './parse.ts';
import { leavesOf } from './tree.ts';

export function applyStyleText(prompt: string, style: string): string {
  const leaves = leavesOf(parsePrompt(style, 'style').nodes);
  if (leaves.some(({ kind }) => kind === 'placeholder'))
    return leaves.map(({ kind, text }) => (kind === 'placeholder' ? prompt : text)).join('');
  return [prompt.trim(), style.trim()].filter((part) => part !== '').join(', ');
}
