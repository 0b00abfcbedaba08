/** A chat as a file of its own. Pure. */
import { pathTo } from '../../../../contract/chat-tree.ts';
import { readableName } from '../projects/folder-name.ts';
import type { ChatState } from './chat-state.ts';

/** @returns Markdown of the branch that is shown, or a JSON record per line: the chat, its runs, every turn */
export function exportChat(
  state: Readonly<ChatState>,
  format: 'markdown' | 'jsonl',
): { readonly fileName: string; readonly text: string } {
  const name = readableName(state.title, `Chat with ${readableName(state.personas.character)}`);
  return format === 'markdown'
    ? { fileName: `${name}.md`, text: markdownOf(state, name) }
    : { fileName: `${name}.jsonl`, text: jsonLinesOf(state) };
}

function markdownOf(state: Readonly<ChatState>, name: string): string {
  const { person, character } = state.personas;
  const turns = pathTo(state.turns, state.leaf).map(
    ({ role, text }) =>
      `**${escaped(role === 'person' ? person : character)}**\n\n${text.trim()}\n`,
  );
  return [`# ${escaped(name)}\n`, ...turns].join('\n');
}

const escaped = (text: string): string => text.replaceAll(/[*_`[\]\\#]/g, String.raw`\$&`);

function jsonLinesOf({ title, personas, leaf, runs, turns }: Readonly<ChatState>): string {
  const shown = new Set(pathTo(turns, leaf).map(({ id }) => id));
  const lines = [
    { kind: 'chat', title, personas, leaf },
    ...[...runs.values()].map(({ run }) => ({ kind: 'run', ...run })),
    ...turns.map((turn) => ({ kind: 'turn', shown: shown.has(turn.id), ...turn })),
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}
