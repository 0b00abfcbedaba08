/** What the parts around the page read of a scene, without being drawn again at every key. */
import type { EditorState } from 'prosemirror-state';
import { useSyncExternalStore } from 'react';
import type { SceneSession } from '../session/scene-session.ts';

/** @param read returns a plain value: only another one draws the component again */
export function useSceneValue<T extends string | number | boolean | null>(
  session: SceneSession,
  read: (state: EditorState) => T,
): T {
  return useSyncExternalStore(session.version.subscribe, () => read(session.state()));
}

export const isEmptyDocument = ({ doc }: EditorState): boolean =>
  doc.childCount === 1 && doc.firstChild?.type.name === 'paragraph' && doc.content.size === 2;
