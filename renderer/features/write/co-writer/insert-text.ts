/** A model's text into a document: its line breaks become paragraphs, its words bear their origin. */
import type { Transform } from 'prosemirror-transform';
import type { RunId } from '../../../../contract/scenes.ts';
import { markType, nodeType, schema } from '../document/schema.ts';

/** How far a text that arrives in pieces has got. */
export interface InsertPlace {
  /** Where the next piece goes. */
  readonly position: number;
  /** Line breaks that wait for words behind them: none are put at the end of a text. */
  readonly breaks: string;
}

/** Puts a piece into the text that a transform stands at. @param run null for a person's words */
export function insertText(
  transform: Transform,
  place: InsertPlace,
  text: string,
  run: RunId | null,
): InsertPlace {
  const marks = run === null ? [] : [markType('origin').create({ run, edited: false })];
  const whole = `${place.breaks}${text.replace(/\r\n?/g, '\n')}`;
  const breaks = /\n*$/.exec(whole)?.[0] ?? '';
  let { position } = place;
  for (const [index, line] of whole
    .slice(0, whole.length - breaks.length)
    .split(/\n+/)
    .entries()) {
    if (index > 0) position = breakParagraph(transform, position);
    const { parent, parentOffset } = transform.doc.resolve(position);
    // A paragraph does not begin with the space that parts words within one.
    const words = parentOffset === 0 && !parent.type.spec.code ? line.trimStart() : line;
    if (words === '') continue;
    transform.insert(position, schema.text(words, marks));
    position += words.length;
  }
  return { position, breaks };
}

function breakParagraph(transform: Transform, position: number): number {
  const { parent } = transform.doc.resolve(position);
  if (parent.type.spec.code) {
    transform.insert(position, schema.text('\n'));
    return position + 1;
  }
  // A break in front of everything would leave an empty paragraph.
  if (parent.content.size === 0) return position;
  transform.split(position, 1, [{ type: nodeType('paragraph') }]);
  return position + 2;
}
