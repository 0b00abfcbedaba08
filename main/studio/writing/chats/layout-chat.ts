/**
 * Puts together what a model reads before it answers in a chat.
 *
 * What seldom changes stands first (memory, constant lore), then the turns; lore that the last turns bring up
 * and the note stand a few turns before the answer, so that only what follows them is computed anew. Turns
 * that do not fit are left out from the oldest on, in strides, so that the next answers find the same beginning.
 */
import type { ContextCut } from '../../../../contract/context.ts';
import type { ChatPersonas, ChatTurn } from '../../../../contract/chats.ts';
import type { LoreEntry } from '../../../../contract/projects.ts';
import { triggeredLore } from '../context/triggered-lore.ts';

/** How many tokens a text has, in the model's own. */
export type CountTokens = (text: string) => Promise<number>;

export interface ChatLayoutOptions {
  readonly personas: Pick<ChatPersonas, 'person' | 'character' | 'note'>;
  readonly memory: string;
  readonly lore: readonly LoreEntry[];
  /** From a first turn down to the one that is answered. */
  readonly turns: readonly Pick<ChatTurn, 'role' | 'text'>[];
  /** What the answer begins with. */
  readonly opening: string;
  readonly contextLength: number;
  readonly maxTokens: number;
  readonly count: CountTokens;
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface LaidOutChat {
  /** The turns as `Name: text`, for any model. */
  readonly transcript: string;
  /** Characters at the start of the transcript that are no turns. */
  readonly pinnedCharacters: number;
  /** The same for a model with a template of its own; without what the answer begins with. */
  readonly messages: readonly Message[];
  /** Where a transcript's answer ends: nobody else is to speak in it. */
  readonly stops: readonly string[];
  readonly cut: readonly ContextCut[];
  readonly droppedTurns: number;
}

interface Told {
  readonly source: ContextCut['source'];
  readonly label: string;
  readonly text: string;
}

/** Of the room beside the answer: what is told besides the turns takes no more. */
const besideShare = 0.5;
/** Part of the room for turns that is cut at once. */
const strideShare = 0.25;
/** An answer takes no more room than this share of the context; it can be gone on with. */
const answerShare = 0.5;
/** Tokens that joining parts may add. */
const seamTokens = 6;
/** Tokens that a template, or a line break, may put around a turn. */
const turnTokens = 6;

export async function layoutChat(options: ChatLayoutOptions): Promise<LaidOutChat> {
  const { personas, memory, lore, turns, opening, contextLength, maxTokens, count } = options;
  const answer = Math.min(maxTokens, Math.floor(contextLength * answerShare));
  const room = contextLength - answer - seamTokens - (await count(opening));
  const cut: ContextCut[] = [];
  let spent = 0;
  const take = async (told: Told): Promise<Told[]> => {
    if (told.text.trim() === '') return [];
    const tokens = (await count(told.text)) + seamTokens;
    if (spent + tokens > room * besideShare) {
      cut.push({ source: told.source, label: told.label, tokens, reason: 'beside' });
      return [];
    }
    spent += tokens;
    return [told];
  };

  const head = await take({ source: 'memory', label: 'Memory', text: memory.trim() });
  const note = await take({
    source: 'note',
    label: 'Author’s note',
    text: personas.note.text.trim(),
  });
  const byPriority = (a: LoreEntry, b: LoreEntry) => b.priority - a.priority;
  const entry = ({ title, keys, text }: LoreEntry): Told => ({
    source: 'lore',
    label: title || keys[0] || 'Lore',
    text: text.trim(),
  });
  for (const own of lore.filter(({ enabled, constant }) => enabled && constant).sort(byPriority))
    head.push(...(await take(entry(own))));
  const said = [...turns.map(({ text }) => text), opening].join('\n');
  const near: Told[] = [];
  for (const own of [...triggeredLore(lore, said)].sort(byPriority))
    near.push(...(await take(entry(own))));
  near.reverse();
  near.push(...note);

  const fitted = await fitTurns(turns, room - spent, personas, count);
  if (fitted.cutTokens > 0)
    cut.push({
      source: 'text',
      label: 'The first turns',
      tokens: fitted.cutTokens,
      reason: 'story',
    });
  const at = Math.max(0, fitted.turns.length - Math.max(1, personas.note.depth));
  return {
    ...transcriptOf(head, near, at, fitted.turns, opening, personas),
    messages: messagesOf(head, near, at, fitted.turns),
    stops: [personas.person, personas.character]
      .filter((name) => name.trim() !== '')
      .map((name) => `\n${name}:`),
    cut,
    droppedTurns: turns.length - fitted.turns.length,
  };
}

type Turn = ChatLayoutOptions['turns'][number];

const lineOf = ({ role, text }: Turn, { person, character }: ChatLayoutOptions['personas']) =>
  `${role === 'person' ? person : character}: ${text.trim()}`;

/** @returns the last turns that fit, the very last at least: of that one's own beginning is cut what must be */
async function fitTurns(
  turns: readonly Turn[],
  room: number,
  personas: ChatLayoutOptions['personas'],
  count: CountTokens,
): Promise<{ readonly turns: readonly Turn[]; readonly cutTokens: number }> {
  const tokens: number[] = [];
  for (const turn of turns) tokens.push((await count(lineOf(turn, personas))) + turnTokens);
  const whole = sum(tokens);
  if (whole <= room) return { turns, cutTokens: 0 };
  const stride = Math.max(1, Math.floor(room * strideShare));
  const wanted = Math.ceil((whole - room) / stride) * stride;
  let first = 0;
  for (let cut = 0; cut < wanted && first < turns.length - 1; first += 1) cut += tokens[first] ?? 0;
  const kept = turns.slice(first);
  const rest = sum(tokens.slice(first));
  const [last] = kept;
  if (rest <= room || !last) return { turns: kept, cutTokens: whole - rest };
  const share = Math.max(0, room) / rest;
  const from = last.text.length - Math.floor(last.text.length * share);
  const text = last.text.slice(last.text.indexOf(' ', from) + 1);
  return { turns: [{ ...last, text }], cutTokens: whole - Math.floor(room) };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, own) => all + own, 0);

function transcriptOf(
  head: readonly Told[],
  near: readonly Told[],
  at: number,
  turns: readonly Turn[],
  opening: string,
  personas: ChatLayoutOptions['personas'],
): Pick<LaidOutChat, 'transcript' | 'pinnedCharacters'> {
  const told = head.map(({ text }) => `${text}\n\n`).join('');
  const before = told === '' ? '' : `${told}***\n\n`;
  const beside = near.map(({ text }) => `[${text}]`);
  const lines = turns.map((turn) => lineOf(turn, personas));
  const said = [
    ...lines.slice(0, at),
    ...beside,
    ...lines.slice(at),
    // Tokens begin with the space that parts words: none is put behind the colon.
    `${personas.character}:${opening === '' ? '' : ` ${opening}`}`,
  ].join('\n\n');
  return { transcript: `${before}${said}`, pinnedCharacters: before.length };
}

/** Roles alternate from the person's on, as templates want it. */
function messagesOf(
  head: readonly Told[],
  near: readonly Told[],
  at: number,
  turns: readonly Turn[],
): Message[] {
  const beside = near.map(({ text }) => text).join('\n\n');
  const system = head.map(({ text }) => text).join('\n\n');
  const said: Message[] = [];
  const add = (role: 'user' | 'assistant', content: string) => {
    const last = said.at(-1);
    if (last?.role === role)
      said[said.length - 1] = { role, content: `${last.content}\n\n${content}` };
    else said.push({ role, content });
  };
  for (const [index, { role, text }] of turns.entries()) {
    if (index === 0 && role === 'character') add('user', 'Begin.');
    if (index === at && beside !== '') add('user', `[${beside}]`);
    add(role === 'person' ? 'user' : 'assistant', text.trim());
  }
  if (said.at(-1)?.role !== 'user')
    add('user', beside !== '' && turns.length === 0 ? `[${beside}]` : 'Go on.');
  return [...(system === '' ? [] : [{ role: 'system', content: system } as const]), ...said];
}
