/** What keys do in the text, undo and the model's suggestions aside. */
import {
  baseKeymap,
  chainCommands,
  createParagraphNear,
  liftEmptyBlock,
  newlineInCode,
  setBlockType,
  splitBlock,
  toggleMark,
} from 'prosemirror-commands';
import { keymap } from 'prosemirror-keymap';
import { liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list';
import type { Command, Plugin } from 'prosemirror-state';
import { markType, nodeType } from './schema.ts';

const breakLine: Command = (state, dispatch) => {
  dispatch?.(state.tr.replaceSelectionWith(nodeType('hard_break').create()).scrollIntoView());
  return true;
};

export function writingKeys(): Plugin[] {
  const item = nodeType('list_item');
  // These mean something else here: Continue, and leaving a code block is done with the arrows.
  const { 'Mod-Enter': _leaveCode, ...base } = baseKeymap;
  return [
    keymap({
      'Mod-b': toggleMark(markType('strong')),
      'Mod-i': toggleMark(markType('em')),
      'Mod-e': toggleMark(markType('code')),
      'Mod-Shift-x': toggleMark(markType('strike')),
      'Mod-Alt-0': setBlockType(nodeType('paragraph')),
      'Mod-Alt-1': setBlockType(nodeType('heading'), { level: 1 }),
      'Mod-Alt-2': setBlockType(nodeType('heading'), { level: 2 }),
      'Mod-Alt-3': setBlockType(nodeType('heading'), { level: 3 }),
      'Mod-Shift-7': wrapInList(nodeType('ordered_list')),
      'Mod-Shift-8': wrapInList(nodeType('bullet_list')),
      'Shift-Enter': breakLine,
      Enter: chainCommands(
        newlineInCode,
        splitListItem(item),
        createParagraphNear,
        liftEmptyBlock,
        splitBlock,
      ),
      Tab: sinkListItem(item),
      'Shift-Tab': liftListItem(item),
    }),
    keymap(base),
  ];
}
