/** The ProseMirror schema of a scene's text, without a DOM. */
import { Schema, type Node } from 'prosemirror-model';
import { documentMarks, documentNodes } from '../../../contract/document-text.ts';

type NodeName = keyof typeof documentNodes;
type MarkName = keyof typeof documentMarks;

export const documentSchema = new Schema<NodeName, MarkName>({
  nodes: documentNodes,
  marks: documentMarks,
});

export type { Node as DocumentNode };
