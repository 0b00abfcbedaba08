/**
 * What a person types into a model's words stays marked as theirs in the model's: `edited`.
 *
 * What is typed before or behind a span is the person's own.
 */
import type { Fragment, Node } from 'prosemirror-model';
import { Plugin, type Transaction } from 'prosemirror-state';
import { ReplaceStep } from 'prosemirror-transform';
import { changeMeta } from '../session/scene-session.ts';
import { markType, originOf } from './schema.ts';

export function editedSpans(): Plugin {
  return new Plugin({
    appendTransaction(transactions, _before, state) {
      const ranges = transactions.flatMap(typedRanges);
      if (ranges.length === 0) return null;
      const origin = markType('origin');
      const { tr } = state;
      for (const { from, to } of ranges) {
        const run = runAround(state.doc, from, to);
        const wanted = run === null ? null : origin.create({ run, edited: true });
        state.doc.nodesBetween(from, to, (node, position) => {
          if (!node.isText) return;
          const has = origin.isInSet(node.marks);
          if (wanted ? has?.eq(wanted) : !has) return;
          const start = Math.max(from, position);
          const end = Math.min(to, position + node.nodeSize);
          tr.removeMark(start, end, origin);
          if (wanted) tr.addMark(start, end, wanted);
        });
      }
      if (tr.steps.length === 0) return null;
      return tr.setStoredMarks(state.storedMarks).setMeta('addToHistory', false);
    },
  });
}

interface TextRange {
  readonly from: number;
  readonly to: number;
}

/** Where plain text was typed, in the text after the transaction. */
function typedRanges(transaction: Transaction): TextRange[] {
  if (!transaction.docChanged || transaction.getMeta(changeMeta)) return [];
  if (transaction.getMeta('uiEvent') !== undefined) return [];
  return transaction.steps.flatMap((step, index) => {
    if (!(step instanceof ReplaceStep) || !isPlainText(step.slice.content)) return [];
    const after = transaction.mapping.slice(index + 1);
    const from = after.map(step.from, 1);
    const to = after.map(step.from + step.slice.size, -1);
    return to > from ? [{ from, to }] : [];
  });
}

function isPlainText(content: Fragment): boolean {
  if (content.childCount === 0) return false;
  let plain = true;
  content.forEach((node) => (plain &&= node.isText));
  return plain;
}

/** The run whose words stand on both sides; null where there is none. */
function runAround(doc: Node, from: number, to: number): string | null {
  const before = doc.resolve(from).nodeBefore;
  const after = doc.resolve(to).nodeAfter;
  const left = before && originOf(before);
  const right = after && originOf(after);
  return left && right && left.run === right.run ? left.run : null;
}
