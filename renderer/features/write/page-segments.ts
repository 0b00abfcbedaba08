/** Cuts a page into pieces that are drawn alike. Pure. */
import type { TokenMark } from './manuscript.ts';
import type { Stretch } from './text-edit.ts';

export interface Segment {
  readonly text: string;
  readonly byModel: boolean;
  /** Index into the tokens; null outside of known tokens. */
  readonly token: number | null;
}

/** @param stretches what models wrote @param tokens known tokens; both in order and within the text */
export function pageSegments(
  text: string,
  stretches: readonly Stretch[],
  tokens: readonly TokenMark[],
): Segment[] {
  const cuts = new Set([0, text.length]);
  for (const { start, end } of [...stretches, ...tokens]) {
    cuts.add(Math.min(start, text.length));
    cuts.add(Math.min(end, text.length));
  }
  const places = [...cuts].toSorted((a, b) => a - b);
  const segments: Segment[] = [];
  let stretch = 0;
  let token = 0;
  for (let index = 0; index + 1 < places.length; index += 1) {
    const start = places[index] ?? 0;
    const end = places[index + 1] ?? 0;
    while ((stretches[stretch]?.end ?? Infinity) <= start) stretch += 1;
    while ((tokens[token]?.end ?? Infinity) <= start) token += 1;
    segments.push({
      text: text.slice(start, end),
      byModel: (stretches[stretch]?.start ?? Infinity) <= start,
      token: (tokens[token]?.start ?? Infinity) <= start ? token : null,
    });
  }
  return segments;
}

/** The pieces by paragraph, without the line breaks between them. */
export function byParagraph(segments: readonly Segment[]): Segment[][] {
  let paragraph: Segment[] = [];
  const paragraphs = [paragraph];
  for (const segment of segments) {
    for (const [index, text] of segment.text.split('\n').entries()) {
      if (index > 0) paragraphs.push((paragraph = []));
      if (text !== '') paragraph.push({ ...segment, text });
    }
  }
  return paragraphs;
}

export function sameSegments(a: readonly Segment[], b: readonly Segment[]): boolean {
  return (
    a.length === b.length &&
    a.every((segment, index) => {
      const other = b[index];
      return (
        segment.text === other?.text &&
        segment.byModel === other.byModel &&
        segment.token === other.token
      );
    })
  );
}
