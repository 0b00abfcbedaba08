/**
 * Whoever comes back to the page by keyboard finds the caret where it was. The browser puts it at the beginning, and
 * tells the editor of that before the editor looks for itself.
 */
import { Plugin } from 'prosemirror-state';

export function keepCaret(): Plugin {
  let isPressed = false;
  return new Plugin({
    props: {
      handleDOMEvents: {
        mousedown() {
          // A press says itself where the caret is to be.
          isPressed = true;
          setTimeout(() => (isPressed = false));
        },
        focus(view) {
          // Writes the editor's selection into the page.
          if (!isPressed) view.focus();
        },
      },
    },
  });
}
