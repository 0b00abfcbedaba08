/**
 * Puts together what a model reads before it writes.
 *
 * The order keeps what the model has already computed: what seldom changes stands first (memory, constant lore), then
 * the story, which grows at its end; lore that the story brings up and the author's note stand a few
 * paragraphs before the cursor, so that only what follows them is computed anew. Where the story does not
 * fit, its beginning is cut in large strides, so that the next runs find the same beginning again.
 */
import type { ContextCut, ContextPart, ContextRequest } from '../../../../contract/context.ts';
import type { LoreEntry, Project } from '../../../../contract/projects.ts';
import { triggeredLore } from './triggered-lore.ts';

/** How many tokens a text has, in the model's own. */
export type CountTokens = (text: string) => Promise<number>;

export interface LaidOutContext {
  readonly text: string;
  readonly parts: readonly ContextPart[];
  readonly cut: readonly ContextCut[];
  readonly tokens: number;
}

type Source = ContextPart['source'];

interface Piece {
  readonly source: Source;
  readonly label: string;
  readonly text: string;
}

export interface LayoutOptions {
  readonly request: Pick<
    ContextRequest,
    'task' | 'instruction' | 'before' | 'selection' | 'after' | 'maxTokens'
  >;
  readonly project: Pick<Project, 'memory' | 'authorsNote' | 'lore'>;
  /** Scenes before this one, oldest first, as plain text. */
  readonly earlier: readonly { readonly title: string; readonly text: string }[];
  readonly contextLength: number;
  readonly count: CountTokens;
}

/** Of the room beside the answer: what is told besides the story takes no more. */
const besideShare = 0.5;
/** Part of the room for the story that is cut at once. */
const strideShare = 0.25;
/** Text behind the cursor that a model is shown, of the room. */
const afterShare = 0.15;
/** What a changed passage stands behind. */
export const changedText = '[Changed text]';
/** Tokens that joining parts may add. */
const seamTokens = 8;
const sceneBreak = '\n\n***\n\n';

/** What is asked for may take that much of the room: the rest is for what it is about. */
const askedShare = 0.8;

/** @throws {RangeError} if the answer, or what is asked for, leaves no room for a context */
export async function layoutContext(options: LayoutOptions): Promise<LaidOutContext> {
  const { request, project, earlier, contextLength, count } = options;
  const room = contextLength - request.maxTokens - seamTokens;
  if (room < 16)
    throw new RangeError(
      `An answer of ${request.maxTokens} tokens leaves no room in a context of ${contextLength}.`,
    );
  const cut: ContextCut[] = [];
  const instruction = instructionOf(request);
  const asked = instruction ? (await count(instruction.text)) + seamTokens : 0;
  if (asked > room * askedShare)
    throw new RangeError(
      `The passage has ${asked} tokens, too many for a context of ${contextLength}. Choose a shorter one.`,
    );
  const budget = createBudget(Math.floor((room - asked) * besideShare), count, cut);

  const memory = await budget.take(piece('memory', 'Memory', project.memory));
  const note = await budget.take(piece('note', 'Author’s note', project.authorsNote.text));
  const behind = await afterPiece(request, Math.floor(room * afterShare), count);
  const after = behind && (await budget.take(behind));
  const constant: Piece[] = [];
  const named: Piece[] = [];
  for (const entry of loreOf(project.lore, request.before)) {
    const taken = await budget.take(
      piece('lore', entry.title || entry.keys[0] || 'Lore', entry.text),
    );
    if (taken) (entry.constant ? constant : named).push(taken);
  }

  const left = room - asked - budget.spent;
  const story = await fitStory(request.before, earlier, left, count);
  cut.push(...story.cut);

  const head = [memory, ...constant, after].filter((own) => own !== null);
  const near = [...named.toReversed(), note].filter((own) => own !== null);
  return await joined(
    arrange(head, near, story.pieces, instruction, project.authorsNote.depth),
    cut,
    count,
  );
}

function piece(source: Source, label: string, text: string): Piece | null {
  return text.trim() === '' ? null : { source, label, text: text.trim() };
}

function instructionOf({ task, instruction, selection }: LayoutOptions['request']): Piece | null {
  const wish = instruction.trim();
  const about = (order: string) =>
    piece(
      'instruction',
      'Instruction',
      `[Text]\n${selection.trim()}\n\n[Task]\n${order.replace(/[.!?]$/, '')}.\n\n${changedText}`,
    );
  const ordered = (order: string) => about(wish === '' ? order : `${order}: ${wish}`);
  switch (task) {
    case 'continue':
    case 'fill':
    case 'chat':
      return piece('instruction', 'Instruction', wish);
    case 'rewrite':
      return ordered('Say the same in other words, better');
    case 'expand':
      return ordered('Say it at greater length, with more detail');
    case 'shorten':
      return ordered('Say the same in fewer words');
    case 'tone':
      return ordered('Say the same in another tone');
    case 'custom':
      return about(wish);
    default:
      return task satisfies never;
  }
}

async function afterPiece(
  { task, after }: LayoutOptions['request'],
  most: number,
  count: CountTokens,
): Promise<Piece | null> {
  if (task !== 'fill' || after.trim() === '') return null;
  let shown = '';
  for (const paragraph of after.trim().split(/\n+/)) {
    const longer = shown === '' ? paragraph : `${shown}\n\n${paragraph}`;
    if (shown !== '' && (await count(longer)) > most) break;
    shown = longer;
  }
  return piece('after', 'What comes later', `What comes later:\n\n${shown}\n\n***`);
}

/** Constant entries first, then by priority, then by what was named last. */
export function loreOf(lore: readonly LoreEntry[], before: string): readonly LoreEntry[] {
  const constant = lore.filter((entry) => entry.enabled && entry.constant);
  const byPriority = (a: LoreEntry, b: LoreEntry) => b.priority - a.priority;
  return [...constant.toSorted(byPriority), ...[...triggeredLore(lore, before)].sort(byPriority)];
}

/** What may be spent besides the story; what does not fit is noted as cut. */
function createBudget(most: number, count: CountTokens, cut: ContextCut[]) {
  let spent = 0;
  return {
    get spent() {
      return spent;
    },
    async take(own: Piece | null): Promise<Piece | null> {
      if (!own) return null;
      const tokens = (await count(own.text)) + seamTokens;
      if (spent + tokens > most) {
        cut.push({ source: own.source, label: own.label, tokens, reason: 'beside' });
        return null;
      }
      spent += tokens;
      return own;
    },
  };
}

/**
 * As much of the story's end as fits, from the beginning of a paragraph; earlier scenes are told whole or not at all.
 * @returns the pieces in order, and what found no room
 */
async function fitStory(
  before: string,
  earlier: LayoutOptions['earlier'],
  room: number,
  count: CountTokens,
): Promise<{ readonly pieces: readonly Piece[]; readonly cut: readonly ContextCut[] }> {
  const cut: ContextCut[] = [];
  const leaveOut = (source: Source, label: string, tokens: number) =>
    cut.unshift({ source, label, tokens, reason: 'story' });
  const whole = await count(before);
  const pieces: Piece[] = [];
  let left = room - whole;
  if (left < 0) {
    const kept = before.slice(await strideStart(before, room, count));
    if (kept !== '') pieces.push({ source: 'text', label: 'This scene', text: kept });
    leaveOut('text', 'The beginning', whole - (await count(kept)));
  } else if (before !== '') pieces.push({ source: 'text', label: 'This scene', text: before });
  for (const { title, text } of earlier.toReversed()) {
    if (text.trim() === '') continue;
    const label = title || 'Earlier scene';
    const tokens = (await count(text)) + seamTokens;
    if (tokens > left) {
      // What comes before a scene that is left out is left out too.
      left = 0;
      leaveOut('earlier', label, tokens);
    } else {
      left -= tokens;
      pieces.unshift({ source: 'earlier', label, text: text.trim() });
    }
  }
  return { pieces, cut };
}

/**
 * Where the story begins once its beginning is cut: strides are counted from the text's own beginning, so that the place
 * stays while less than a stride was written.
 */
async function strideStart(text: string, room: number, count: CountTokens): Promise<number> {
  const whole = await count(text);
  const charactersPerToken = text.length / Math.max(1, whole);
  // A power of two: a stride that followed the text's own average would move the whole grid with every word.
  const stride = 2 ** Math.max(4, Math.floor(Math.log2(room * strideShare * charactersPerToken)));
  let start = Math.ceil(Math.max(0, text.length - room * charactersPerToken) / stride) * stride;
  for (;;) {
    const from = paragraphStart(text, start);
    if (from >= text.length) return lastResort(text, room, count);
    if ((await count(text.slice(from))) <= room) return from;
    start += stride;
  }
}

/** One paragraph longer than the room: its end, from the beginning of a word. */
async function lastResort(text: string, room: number, count: CountTokens): Promise<number> {
  let length = text.length;
  for (;;) {
    const from = text.indexOf(' ', text.length - length) + 1;
    if (length <= 1 || (await count(text.slice(from))) <= room) return from;
    length = Math.floor(length / 2);
  }
}

function paragraphStart(text: string, from: number): number {
  if (from <= 0) return 0;
  const at = text.indexOf('\n', from - 1);
  if (at < 0) return text.length;
  let start = at;
  while (text[start] === '\n') start += 1;
  return start;
}

function arrange(
  head: readonly Piece[],
  near: readonly Piece[],
  story: readonly Piece[],
  instruction: Piece | null,
  depth: number,
): readonly Piece[] {
  const own = story.at(-1);
  const isOpen = own?.source === 'text';
  const last = isOpen ? own.text : '';
  const before = isOpen ? story.slice(0, -1) : story;
  const place = near.length === 0 && instruction === null ? last.length : depthStart(last, depth);
  const [far, close] = instruction ? [last, ''] : [last.slice(0, place), last.slice(place)];
  const pieces: Piece[] = head.map((part) => ({ ...part, text: `${part.text}\n\n` }));
  if (head.length > 0 && story.length > 0) {
    const seam = pieces.at(-1);
    if (seam && !seam.text.endsWith('***\n\n'))
      pieces[pieces.length - 1] = { ...seam, text: `${seam.text}***\n\n` };
  }
  for (const part of before) pieces.push({ ...part, text: `${part.text}${sceneBreak}` });
  if (far !== '') pieces.push({ source: 'text', label: 'This scene', text: far });
  const needsGap = far !== '' && !far.endsWith('\n\n');
  for (const [index, part] of near.entries())
    pieces.push({ ...part, text: `${index === 0 && needsGap ? '\n\n' : ''}[${part.text}]\n\n` });
  if (instruction) {
    const gap = pieces.length > 0 && near.length === 0 ? '\n\n' : '';
    pieces.push({ ...instruction, text: `${gap}${instruction.text}\n` });
  }
  if (close !== '') pieces.push({ source: 'text', label: 'This scene', text: close });
  return pieces;
}

/** Where the last `depth` paragraphs begin. */
function depthStart(text: string, depth: number): number {
  let at = text.length;
  for (let index = 0; index < depth; index += 1) {
    const found = text.lastIndexOf('\n', Math.max(0, at - 1));
    if (found <= 0) return 0;
    at = found;
    while (at > 0 && text[at - 1] === '\n') at -= 1;
  }
  while (text[at] === '\n') at += 1;
  return at;
}

async function joined(
  pieces: readonly Piece[],
  cut: readonly ContextCut[],
  count: CountTokens,
): Promise<LaidOutContext> {
  const parts: ContextPart[] = [];
  let text = '';
  for (const { source, label, text: own } of pieces) {
    parts.push({
      source,
      label,
      start: text.length,
      end: text.length + own.length,
      tokens: await count(own),
    });
    text += own;
  }
  return { text, parts, cut, tokens: await count(text) };
}
