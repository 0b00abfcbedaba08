/** What is known of a scene that is open. Documents never change; the rest is changed by `commitPlan` alone. */
import type { NodeInfo, Run } from '../../../../contract/scenes.ts';
import { documentSchema, type DocumentNode } from '../document-schema.ts';

export interface StoredNode {
  info: NodeInfo;
  /** Lines of the journal that hold its steps: offset, length, offset, length … */
  readonly lines: number[];
  hasChildren: boolean;
}

export interface RunState {
  run: Run;
  /** Where it writes in the head's text, behind what of it is settled. */
  position: number;
  /** Tokens of each alternative that was begun. */
  readonly tokens: number[];
  settled: number;
  /** Nothing more of it will be part of the text. */
  final: boolean;
  /** Its lines lie between these bytes of the journal. */
  readonly from: number;
  to: number;
}

export interface SceneState {
  doc: DocumentNode;
  head: number;
  revision: number;
  words: number;
  readonly nodes: StoredNode[];
  readonly runs: Map<string, RunState>;
}

export const emptyDocument: DocumentNode = documentSchema.node('doc', null, [
  documentSchema.node('paragraph'),
]);

export function emptyState(at: number): SceneState {
  return {
    doc: emptyDocument,
    head: 0,
    revision: 0,
    words: 0,
    nodes: [
      {
        info: { id: 0, parent: null, at, kind: 'import', label: null, run: null, summary: '' },
        lines: [],
        hasChildren: false,
      },
    ],
    runs: new Map(),
  };
}

/** True where tokens were told that are not part of the text and may have to be. */
export function isUnsettled({ run, tokens, settled, final }: RunState): boolean {
  return !final && run.alternatives === 1 && (tokens[0] ?? 0) > settled;
}

/** True where several texts were drawn and none was chosen. */
export function isUndecided({ run, tokens, settled, final }: RunState): boolean {
  return !final && run.alternatives > 1 && settled === 0 && tokens.length > 0;
}
