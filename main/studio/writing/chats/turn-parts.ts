/** Which runs the text of a turn is owed to once a person changed it. Pure. */
import { diffWordsWithSpace, type ChangeObject } from 'diff';
import type { TurnPart } from '../../../../contract/chats.ts';

/** Words that both texts have stay with their runs; what a person put in between is the person's. */
export function partsAfterEdit(
  before: string,
  parts: readonly TurnPart[],
  after: string,
): TurnPart[] {
  const edited: TurnPart[] = [];
  let from = 0;
  let to = 0;
  for (const { value, added, removed } of wordChanges(before, after)) {
    if (!added && !removed) {
      for (const part of parts) edited.push(...clipped(part, from, from + value.length, to - from));
    }
    if (!added) from += value.length;
    if (!removed) to += value.length;
  }
  return joined(edited);
}

/** Beyond this, or where it takes too long, all that is known is where the texts begin to differ and where they end to. */
const mostCompared = 200_000;
const longestMs = 200;

function wordChanges(before: string, after: string): readonly Change[] {
  const changes =
    before.length + after.length > mostCompared
      ? undefined
      : diffWordsWithSpace(before, after, { timeout: longestMs });
  return changes ?? outerChanges(before, after);
}

type Change = Pick<ChangeObject<string>, 'value' | 'added' | 'removed'>;

function outerChanges(before: string, after: string): Change[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return [
    { value: before.slice(0, head), added: false, removed: false },
    { value: before.slice(head, before.length - tail), added: false, removed: true },
    { value: after.slice(head, after.length - tail), added: true, removed: false },
    { value: before.slice(before.length - tail), added: false, removed: false },
  ];
}

/** Parts of one run that follow each other are one. */
function joined(parts: readonly TurnPart[]): TurnPart[] {
  const all: TurnPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (last?.run === part.run && last.alternative === part.alternative && last.end === part.start)
      all[all.length - 1] = { ...last, end: part.end };
    else all.push(part);
  }
  return all;
}

/** The first characters of a turn, and the words that were chosen there: as much of the run as what it drew. */
export function partsAtBranch(
  parts: readonly TurnPart[],
  characters: number,
  chosen: string,
): TurnPart[] {
  return parts
    .flatMap((part) => clipped(part, 0, characters, 0, part.start === characters))
    .map((part, index, all) =>
      index === all.length - 1 && part.end === characters
        ? { ...part, end: part.end + chosen.length }
        : part,
    );
}

function clipped(
  part: TurnPart,
  from: number,
  to: number,
  shift: number,
  keepsEmpty = false,
): TurnPart[] {
  const start = Math.max(part.start, from);
  const end = Math.min(part.end, to);
  if (end < start || (end === start && !keepsEmpty)) return [];
  return [{ ...part, start: start + shift, end: end + shift }];
}
