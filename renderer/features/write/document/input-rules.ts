/** Markdown as it is typed: its marks turn into what they mean. */
import {
  InputRule,
  inputRules,
  textblockTypeInputRule,
  wrappingInputRule,
} from 'prosemirror-inputrules';
import type { MarkType } from 'prosemirror-model';
import type { Plugin } from 'prosemirror-state';
import { markType, nodeType } from './schema.ts';

export function markdownInputRules(): Plugin {
  return inputRules({
    rules: [
      textblockTypeInputRule(/^(#{1,6})\s$/, nodeType('heading'), (match) => ({
        level: match[1]?.length ?? 1,
      })),
      textblockTypeInputRule(/^```$/, nodeType('code_block')),
      wrappingInputRule(/^\s*>\s$/, nodeType('blockquote')),
      wrappingInputRule(/^\s*[-+*]\s$/, nodeType('bullet_list')),
      wrappingInputRule(
        /^(\d{1,3})\.\s$/,
        nodeType('ordered_list'),
        (match) => ({ order: Number(match[1]) }),
        (match, node) => node.childCount + Number(node.attrs['order']) === Number(match[1]),
      ),
      dividerRule,
      marked(/(?:^|[^*])(\*\*([^*\s](?:[^*]*[^*\s])?)\*\*)$/, markType('strong')),
      marked(/(?:^|[^*\w])(\*([^*\s](?:[^*]*[^*\s])?)\*)$/, markType('em')),
      marked(/(?:^|[^_\w])(_([^_\s](?:[^_]*[^_\s])?)_)$/, markType('em')),
      marked(/(?:^|[^~])(~~([^~\s](?:[^~]*[^~\s])?)~~)$/, markType('strike')),
      marked(/(?:^|[^`])(`([^`]+)`)$/, markType('code')),
    ],
  });
}

const dividerRule = new InputRule(/^(?:\*\*\*|---|___)$/, (state, _match, start) => {
  const place = state.doc.resolve(start);
  if (place.parent.type !== nodeType('paragraph')) return null;
  const paragraph = nodeType('paragraph').create();
  const { tr } = state;
  return tr.replaceWith(place.before(), place.after(), [nodeType('divider').create(), paragraph]);
});

/** @param pattern its first group is what is replaced, its second what stays */
function marked(pattern: RegExp, type: MarkType): InputRule {
  return new InputRule(pattern, (state, match, _start, end) => {
    const [, whole = '', kept = ''] = match;
    const from = end - whole.length + 1;
    // The last sign of the mark is not in the text yet.
    const signs = (whole.length - kept.length) / 2;
    const { tr } = state;
    if (signs > 1) tr.delete(end - signs + 1, end);
    tr.delete(from, from + signs);
    tr.addMark(from, from + kept.length, type.create());
    return tr.removeStoredMark(type);
  });
}
