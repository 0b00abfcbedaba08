/** Every shortcut of the window, in the order in which the `?` sheet lists them. */
import type { ScreenName } from './screens.ts';

export interface Shortcut {
  readonly keys: string;
  readonly label: string;
  readonly group: 'Everywhere' | 'Create' | 'Mask' | 'Write' | 'Chat' | 'Gallery' | 'Activity';
  /** Works while the caret is in a text field too. */
  readonly whileTyping?: boolean;
}

export const shortcuts = {
  'screen.create': { keys: 'mod+1', label: 'Create', group: 'Everywhere', whileTyping: true },
  'screen.write': { keys: 'mod+2', label: 'Write', group: 'Everywhere', whileTyping: true },
  'screen.gallery': { keys: 'mod+3', label: 'Gallery', group: 'Everywhere', whileTyping: true },
  'screen.models': { keys: 'mod+4', label: 'Models', group: 'Everywhere', whileTyping: true },
  'screen.activity': { keys: 'mod+5', label: 'Activity', group: 'Everywhere', whileTyping: true },
  'screen.settings': { keys: 'mod+,', label: 'Settings', group: 'Everywhere', whileTyping: true },
  palette: { keys: 'mod+k', label: 'Find a command', group: 'Everywhere', whileTyping: true },
  shortcuts: { keys: '?', label: 'This list', group: 'Everywhere' },
  undo: { keys: 'mod+z', label: 'Undo the last deletion', group: 'Everywhere' },
  'create.generate': { keys: 'mod+enter', label: 'Generate', group: 'Create', whileTyping: true },
  'create.cancel': {
    keys: 'escape',
    label: 'Cancel the running picture',
    group: 'Create',
    whileTyping: true,
  },
  'create.prompt': { keys: 'p', label: 'Go to the prompt', group: 'Create' },
  'prompt.heavier': {
    keys: 'mod+arrowup',
    label: 'Weigh the words at the caret more',
    group: 'Create',
    whileTyping: true,
  },
  'prompt.lighter': {
    keys: 'mod+arrowdown',
    label: 'Weigh the words at the caret less',
    group: 'Create',
    whileTyping: true,
  },
  'create.vary': { keys: 'v', label: 'Vary with a new seed', group: 'Create' },
  'create.explore': { keys: 'e', label: 'Explore variations around it', group: 'Create' },
  'create.previous': { keys: 'arrowleft', label: 'Newer picture', group: 'Create' },
  'create.next': { keys: 'arrowright', label: 'Older picture', group: 'Create' },
  'create.delete': { keys: 'delete', label: 'Delete the picture', group: 'Create' },
  'create.compare': { keys: 'c', label: 'Compare with its source', group: 'Create' },
  'mask.brush': { keys: 'b', label: 'Brush', group: 'Mask' },
  'mask.eraser': { keys: 'e', label: 'Eraser', group: 'Mask' },
  'mask.lasso': { keys: 'l', label: 'Lasso', group: 'Mask' },
  'mask.fill': { keys: 'f', label: 'Fill', group: 'Mask' },
  'mask.swap': { keys: 'x', label: 'Swap brush and eraser', group: 'Mask' },
  'mask.smaller': { keys: '[', label: 'Smaller brush', group: 'Mask' },
  'mask.larger': { keys: ']', label: 'Larger brush', group: 'Mask' },
  'mask.invert': { keys: 'i', label: 'Invert', group: 'Mask' },
  'mask.clear': { keys: 'delete', label: 'Clear', group: 'Mask' },
  'mask.undo': { keys: 'mod+z', label: 'Undo', group: 'Mask' },
  'mask.redo': { keys: 'mod+shift+z', label: 'Redo', group: 'Mask' },
  'mask.zoomIn': { keys: '=', label: 'Zoom in', group: 'Mask' },
  'mask.zoomOut': { keys: '-', label: 'Zoom out', group: 'Mask' },
  'mask.fit': { keys: '0', label: 'Show the whole picture', group: 'Mask' },
  'write.continue': {
    keys: 'mod+enter',
    label: 'Continue at the cursor',
    group: 'Write',
    whileTyping: true,
  },
  'write.alternatives': {
    keys: 'mod+shift+enter',
    label: 'Several ways to go on',
    group: 'Write',
    whileTyping: true,
  },
  'write.suggest': {
    keys: 'mod+.',
    label: 'Suggest a few words (Tab takes them, → one, Esc none)',
    group: 'Write',
    whileTyping: true,
  },
  'write.fill': {
    keys: 'mod+alt+enter',
    label: 'Fill in between',
    group: 'Write',
    whileTyping: true,
  },
  'write.change': {
    keys: 'mod+j',
    label: 'Change the selected text',
    group: 'Write',
    whileTyping: true,
  },
  'write.lens': {
    keys: 'mod+l',
    label: 'What the model considered at the cursor',
    group: 'Write',
    whileTyping: true,
  },
  'write.stop': { keys: 'escape', label: 'Stop writing', group: 'Write', whileTyping: true },
  'write.undo': { keys: 'mod+z', label: 'Undo', group: 'Write', whileTyping: true },
  'write.redo': { keys: 'mod+shift+z', label: 'Redo', group: 'Write', whileTyping: true },
  'write.history': {
    keys: 'mod+shift+h',
    label: 'History of the scene',
    group: 'Write',
    whileTyping: true,
  },
  'write.snapshot': {
    keys: 'mod+shift+s',
    label: 'Keep this version under a name',
    group: 'Write',
    whileTyping: true,
  },
  'write.find': { keys: 'mod+f', label: 'Find and replace', group: 'Write', whileTyping: true },
  'write.findInProject': {
    keys: 'mod+shift+f',
    label: 'Find in the project',
    group: 'Write',
    whileTyping: true,
  },
  'write.quiet': {
    keys: 'mod+shift+d',
    label: 'Nothing but the page',
    group: 'Write',
    whileTyping: true,
  },
  'write.outline': {
    keys: 'mod+\\',
    label: 'Show or hide the outline',
    group: 'Write',
    whileTyping: true,
  },
  'write.context': {
    keys: 'mod+shift+m',
    label: 'What the model reads',
    group: 'Write',
    whileTyping: true,
  },
  'write.export': {
    keys: 'mod+alt+e',
    label: 'Export the project',
    group: 'Write',
    whileTyping: true,
  },
  'write.origin': {
    keys: 'mod+shift+o',
    label: 'Who wrote what',
    group: 'Write',
    whileTyping: true,
  },
  'write.view': {
    keys: 'mod+shift+e',
    label: 'Page or chat',
    group: 'Write',
    whileTyping: true,
  },
  'chat.new': { keys: 'mod+alt+n', label: 'New chat', group: 'Chat', whileTyping: true },
  'chat.goOn': {
    keys: 'mod+enter',
    label: 'Go on with the last answer',
    group: 'Chat',
    whileTyping: true,
  },
  'chat.alternatives': {
    keys: 'mod+shift+enter',
    label: 'Several answers side by side',
    group: 'Chat',
    whileTyping: true,
  },
  'chat.previous': { keys: 'arrowleft', label: 'Earlier branch of a turn', group: 'Chat' },
  'chat.next': { keys: 'arrowright', label: 'Later branch of a turn', group: 'Chat' },
  'chat.edit': { keys: 'e', label: 'Edit a turn', group: 'Chat' },
  'chat.regenerate': { keys: 'r', label: 'Answer again', group: 'Chat' },
  'chat.copy': { keys: 'c', label: 'Copy a turn', group: 'Chat' },
  'chat.putIntoText': { keys: 'i', label: 'Put a turn into the text', group: 'Chat' },
  'chat.lens': { keys: 'l', label: 'What the model considered', group: 'Chat' },
  'gallery.move': {
    keys: 'arrowright',
    label: 'Move (Shift extends the selection)',
    group: 'Gallery',
  },
  'gallery.preview': { keys: 'space', label: 'Preview', group: 'Gallery' },
  'gallery.rate': { keys: '5', label: 'Rate with 0 to 5', group: 'Gallery' },
  'gallery.delete': { keys: 'delete', label: 'Delete', group: 'Gallery' },
  'gallery.reuse': { keys: 'r', label: 'Reuse in Create', group: 'Gallery' },
  'gallery.compare': { keys: 'c', label: 'Compare two chosen pictures', group: 'Gallery' },
  'gallery.search': { keys: '/', label: 'Search', group: 'Gallery' },
  'activity.move': {
    keys: 'alt+arrowup',
    label: 'Move a queued job up or down',
    group: 'Activity',
  },
  'activity.remove': { keys: 'delete', label: 'Cancel or remove a job', group: 'Activity' },
} as const satisfies Record<string, Shortcut>;

export type ShortcutId = keyof typeof shortcuts;

export const screenShortcuts: Readonly<Record<ScreenName, ShortcutId>> = {
  create: 'screen.create',
  write: 'screen.write',
  gallery: 'screen.gallery',
  models: 'screen.models',
  activity: 'screen.activity',
  settings: 'screen.settings',
};
