/** A change that the studio itself makes to a scene, as a node below the head. Pure. */
import type { Transform } from 'prosemirror-transform';
import type { NodeInfo, SceneChange } from '../../../../contract/scenes.ts';
import type { SceneState } from './scene-state.ts';

/** @param transform from the head's text @param caret null leaves it where it was */
export function changeNodeOf(
  state: Pick<SceneState, 'head'> & { readonly nodes: { readonly length: number } },
  transform: Transform,
  about: Pick<NodeInfo, 'at' | 'kind' | 'run' | 'summary'>,
  caret: number | null = null,
): SceneChange {
  return {
    kind: 'node',
    node: {
      id: state.nodes.length,
      parent: state.head,
      label: null,
      ...about,
      steps: transform.steps.map(toJson),
      inverse: transform.steps
        .map((step, i) => toJson(step.invert(transform.docs[i] ?? transform.doc)))
        .reverse(),
      selection: caret === null ? null : { anchor: caret, head: caret },
    },
  };
}

function toJson(step: { toJSON(): unknown }): { stepType: string } {
  return step.toJSON() as { stepType: string };
}
