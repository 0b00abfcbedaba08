/** What a search found in the scene: marked where it stands, moved with the text. */
import type { Node } from 'prosemirror-model';
import { Plugin, PluginKey, TextSelection, type EditorState } from 'prosemirror-state';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';
import type { TextSearch } from '../../../../contract/projects.ts';

export interface Match {
  readonly from: number;
  readonly to: number;
}

interface Found {
  readonly matches: readonly Match[];
  readonly decorations: DecorationSet;
}

const key = new PluginKey<Found>('search');
const nothing: Found = { matches: [], decorations: DecorationSet.empty };
/** More are counted and not drawn. */
const mostDrawn = 2_000;

export function searchMatches(): Plugin {
  return new Plugin<Found>({
    key,
    state: {
      init: () => nothing,
      apply(transaction, found) {
        const matches = transaction.getMeta(key) as readonly Match[] | undefined;
        if (matches) {
          return {
            matches,
            decorations: DecorationSet.create(
              transaction.doc,
              matches
                .slice(0, mostDrawn)
                .map(({ from, to }) => Decoration.inline(from, to, { 'data-match': '' })),
            ),
          };
        }
        if (!transaction.docChanged || found.matches.length === 0) return found;
        return {
          matches: found.matches.map(({ from, to }) => ({
            from: transaction.mapping.map(from, 1),
            to: transaction.mapping.map(to, -1),
          })),
          decorations: found.decorations.map(transaction.mapping, transaction.doc),
        };
      },
    },
    props: { decorations: (state) => key.getState(state)?.decorations ?? null },
  });
}

export const matchesOf = (state: EditorState): readonly Match[] =>
  key.getState(state)?.matches ?? [];

export function showMatches(view: EditorView, matches: readonly Match[]): void {
  if (matches.length === 0 && matchesOf(view.state).length === 0) return;
  view.dispatch(view.state.tr.setMeta(key, matches));
}

/** Selects a match and brings it into view. */
export function goToMatch(view: EditorView, { from, to }: Match): void {
  const { tr } = view.state;
  view.dispatch(tr.setSelection(TextSelection.create(tr.doc, from, to)).scrollIntoView());
}

/** @throws {SyntaxError} for a pattern that is none */
export function searchPattern({ text, regex, caseSensitive, wholeWords }: TextSearch): RegExp {
  const source = regex ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const bounded = wholeWords
    ? String.raw`(?<![\p{L}\p{N}_])(?:${source})(?![\p{L}\p{N}_])`
    : source;
  return new RegExp(bounded, caseSensitive ? 'gu' : 'giu');
}

/** Within blocks: a match does not go over the end of a paragraph. */
export function findMatches(doc: Node, pattern: RegExp): Match[] {
  const matches: Match[] = [];
  doc.descendants((node, position) => {
    if (!node.isTextblock) return true;
    // What is not text takes one place, as it does in the document.
    const text = node.textBetween(0, node.content.size, undefined, '\ufffc');
    for (const match of text.matchAll(pattern)) {
      if (match[0] === '') continue;
      const from = position + 1 + match.index;
      matches.push({ from, to: from + match[0].length });
    }
    return false;
  });
  return matches;
}
