/**
 * Puts together what a model reads before it answers in a chat.
 *
 * What seldom changes stands first (memory, who the character is, constant lore, how they talk), then the turns;
 * lore that the last turns bring up and the note stand a few turns before the answer, so that only what follows
 * them is computed anew. Turns that do not fit are left out from the oldest on, in strides, so that the next
 * answers find the same beginning.
 */
import type { ContextCut } from '../../../../contract/context.ts';
import type { ChatPersonas, ChatTurn } from '../../../../contract/chats.ts';
import type { LoreEntry } from '../../../../contract/projects.ts';
import { bare, joinPieced, pieced, type PiecedText } from '../context/pieced-text.ts';
import { triggeredLore } from '../context/triggered-lore.ts';

/** How many tokens a text has, in the model's own. */
export type CountTokens = (text: string) => Promise<number>;

export interface ChatLayoutOptions {
  readonly personas: Omit<ChatPersonas, 'lore' | 'tellsProject'>;
  /** The project's, if the model is told of it. */
  readonly projectMemory: string;
  /** The project's, if the model is told of it, and the chat's own. */
  readonly lore: readonly LoreEntry[];
  /** From a first turn down to the one that is answered. */
  readonly turns: readonly Pick<ChatTurn, 'role' | 'text'>[];
  /** What the answer begins with. */
  readonly opening: string;
  readonly contextLength: number;
  readonly maxTokens: number;
  readonly count: CountTokens;
}

export interface LaidOutMessage extends PiecedText {
  readonly role: 'system' | 'user' | 'assistant';
}

export interface LaidOutChat {
  /** The turns as `Name: text`, for any model. */
  readonly transcript: PiecedText;
  /** Characters at the start of the transcript that are no turns. */
  readonly pinnedCharacters: number;
  /** The same for a model with a template of its own; without what the answer begins with. */
  readonly messages: readonly LaidOutMessage[];
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
  const { personas, projectMemory, lore, turns, opening } = options;
  const { contextLength, maxTokens, count } = options;
  const answer = Math.min(maxTokens, Math.floor(contextLength * answerShare));
  const room = contextLength - answer - seamTokens - (await count(opening));
  const cut: ContextCut[] = [];
  let spent = 0;
  const take = async (source: Told['source'], label: string, text: string): Promise<Told[]> => {
    const told = { source, label, text: text.trim() };
    if (told.text === '') return [];
    const tokens = (await count(told.text)) + seamTokens;
    if (spent + tokens > room * besideShare) {
      cut.push({ source, label, tokens, reason: 'beside' });
      return [];
    }
    spent += tokens;
    return [told];
  };

  const { person, character, description, memory, note, examples } = personas;
  const head = await take('memory', 'Memory of the project', projectMemory);
  head.push(...(await take('character', `Who ${character} is`, description)));
  head.push(...(await take('memory', 'Memory', memory)));
  const notes = await take('note', 'Author’s note', note.text);
  const byPriority = (a: LoreEntry, b: LoreEntry) => b.priority - a.priority;
  const takeLore = ({ title, keys, text }: LoreEntry) =>
    take('lore', title || keys[0] || 'Lore', text);
  for (const own of lore.filter(({ enabled, constant }) => enabled && constant).sort(byPriority))
    head.push(...(await takeLore(own)));
  const said = [...turns.map(({ text }) => text), opening].join('\n');
  const near: Told[] = [];
  for (const own of [...triggeredLore(lore, said)].sort(byPriority))
    near.push(...(await takeLore(own)));
  near.reverse();
  near.push(...notes);
  // The turns themselves show how somebody talks: the examples are the first to give way.
  head.push(...(await take('examples', 'Example dialogue', exampleText(examples, character))));

  const fitted = await fitTurns(turns, room - spent, personas, count);
  const droppedTurns = turns.length - fitted.turns.length;
  if (fitted.cutTokens > 0)
    cut.push({
      source: 'turns',
      label: cutTurnsLabel(droppedTurns),
      tokens: fitted.cutTokens,
      reason: 'story',
    });
  const at = Math.max(0, fitted.turns.length - Math.max(1, note.depth));
  const shown = fitted.turns.map((turn, index) => ({ ...turn, number: droppedTurns + index + 1 }));
  return {
    ...transcriptOf(head, near, at, shown, opening, personas),
    messages: messagesOf(head, near, at, shown),
    stops: [person, character].filter((name) => name.trim() !== '').map((name) => `\n${name}:`),
    cut,
    droppedTurns,
  };
}

/** Cards part their examples with `<START>`, which is no word of anybody's. */
function exampleText(examples: string, character: string): string {
  const told = examples.replaceAll(/^<START>$/gim, '***').trim();
  return told === '' ? '' : `Examples of how ${character} talks:\n${told}`;
}

function cutTurnsLabel(dropped: number): string {
  if (dropped === 0) return 'The beginning of the last turn';
  return dropped === 1 ? 'The first turn' : `The first ${dropped.toLocaleString('en')} turns`;
}

type Turn = ChatLayoutOptions['turns'][number];
/** Counted from 1 down the branch. */
type NumberedTurn = Turn & { readonly number: number };
type Names = Pick<ChatPersonas, 'person' | 'character'>;

const lineOf = ({ role, text }: Turn, { person, character }: Names) =>
  `${role === 'person' ? person : character}: ${text.trim()}`;

/** @returns the last turns that fit, the very last at least: of that one's own beginning is cut what must be */
async function fitTurns(
  turns: readonly Turn[],
  room: number,
  names: Names,
  count: CountTokens,
): Promise<{ readonly turns: readonly Turn[]; readonly cutTokens: number }> {
  const tokens: number[] = [];
  for (const turn of turns) tokens.push((await count(lineOf(turn, names))) + turnTokens);
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

const toldText = ({ source, label, text }: Told): PiecedText => pieced(source, label, text);
const turnText = ({ number }: NumberedTurn, text: string): PiecedText =>
  pieced('turns', String(number), text);

/** In brackets: nobody says it. */
const asideText = ({ source, label, text }: Told): PiecedText => pieced(source, label, `[${text}]`);

function transcriptOf(
  head: readonly Told[],
  near: readonly Told[],
  at: number,
  turns: readonly NumberedTurn[],
  opening: string,
  names: Names,
): Pick<LaidOutChat, 'transcript' | 'pinnedCharacters'> {
  const before = joinPieced(head.map((told) => joinPieced([toldText(told), bare('\n\n')])));
  const pinned = joinPieced([before, bare(before.text === '' ? '' : '***\n\n')]);
  const lines = turns.map((turn) => turnText(turn, lineOf(turn, names)));
  const cue = `${names.character}:`;
  const said = joinPieced(
    [
      ...lines.slice(0, at),
      ...near.map(asideText),
      ...lines.slice(at),
      // Tokens begin with the space that parts words: none is put behind the colon.
      opening === '' ? bare(cue) : joinPieced([bare(`${cue} `), openingText(opening)]),
    ],
    '\n\n',
  );
  return { transcript: joinPieced([pinned, said]), pinnedCharacters: pinned.text.length };
}

export const openingText = (opening: string): PiecedText =>
  pieced('turns', 'The answer that goes on', opening);

/** Roles alternate from the person's on, as templates want it. */
function messagesOf(
  head: readonly Told[],
  near: readonly Told[],
  at: number,
  turns: readonly NumberedTurn[],
): LaidOutMessage[] {
  const beside = near.length === 0 ? null : joinPieced(near.map(asideText), '\n\n');
  const said: LaidOutMessage[] = [];
  const add = (role: 'user' | 'assistant', text: PiecedText) => {
    const last = said.at(-1);
    if (last?.role === role) said[said.length - 1] = { role, ...joinPieced([last, text], '\n\n') };
    else said.push({ role, ...text });
  };
  for (const [index, turn] of turns.entries()) {
    if (index === 0 && turn.role === 'character') add('user', between('Begin.'));
    if (index === at && beside) add('user', beside);
    add(turn.role === 'person' ? 'user' : 'assistant', turnText(turn, turn.text.trim()));
  }
  if (said.at(-1)?.role !== 'user')
    add('user', beside && turns.length === 0 ? beside : between('Go on.'));
  if (head.length === 0) return said;
  return [{ role: 'system', ...joinPieced(head.map(toldText), '\n\n') }, ...said];
}

const between = (text: string): PiecedText =>
  pieced('instruction', 'So that turns alternate', text);
