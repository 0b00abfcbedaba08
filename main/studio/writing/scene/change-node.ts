/** A change that the studio itself makes to a scene, as a node below the head. Pure. */
import type { Step } from 'prosemirror-transform';
import type { NodeInfo, SceneChange } from '../../../../contract/scenes.ts';
import type { DocumentNode } from '../document-schema.ts';
import type { SceneState } from './scene-state.ts';

/**
 * @param steps in order, from the head's text
 * @param caret null leaves it where it was
 * @throws {RangeError} for a step that does not fit
 */
export function changeNodeOf(
  state: Pick<SceneState, 'doc' | 'head'> & { readonly nodes: { readonly length: number } },
  steps: readonly Step[],
  about: Pick<NodeInfo, 'at' | 'kind' | 'run' | 'summary'>,
  caret: number | null = null,
): { readonly change: SceneChange; readonly doc: DocumentNode } {
  const inverse: Step[] = [];
  let { doc } = state;
  // Not a Transform, which keeps every text in between.
  for (const step of steps) {
    inverse.push(step.invert(doc));
    const { doc: next, failed } = step.apply(doc);
    if (!next) throw new RangeError(failed ?? 'A step could not be applied.');
    doc = next;
  }
  const change: SceneChange = {
    kind: 'node',
    node: {
      id: state.nodes.length,
      parent: state.head,
      label: null,
      ...about,
      steps: steps.map(toJson),
      inverse: inverse.toReversed().map(toJson),
      selection: caret === null ? null : { anchor: caret, head: caret },
    },
  };
  return { change, doc };
}

function toJson(step: Step): { stepType: string } {
  return step.toJSON() as { stepType: string };
}
