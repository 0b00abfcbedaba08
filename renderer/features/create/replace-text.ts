/** Edits of a text field that the field's own undo takes back in one step. */

interface TextReplacement {
  /** What is replaced, UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** What is selected afterwards. */
  readonly selectStart: number;
  readonly selectEnd: number;
}

/** The field tells of the change as if it had been typed. */
export function replaceText(
  field: HTMLTextAreaElement | HTMLInputElement,
  { start, end, text, selectStart, selectEnd }: TextReplacement,
): void {
  field.focus();
  field.setSelectionRange(start, end);
  // Deprecated without a successor: whatever else sets the text empties the field's undo history.
  // oxlint-disable-next-line typescript/no-deprecated
  if (!document.execCommand('insertText', false, text)) {
    field.setRangeText(text, start, end, 'end');
    field.dispatchEvent(new Event('input', { bubbles: true }));
  }
  field.setSelectionRange(selectStart, selectEnd);
}
