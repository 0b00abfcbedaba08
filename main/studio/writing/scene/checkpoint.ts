/**
 * What a scene's journal amounts to up to some byte, so that opening need not read all of it. Only a cache: it
 * may be deleted, and one that does not fit its journal is not used.
 *
 * Two lines: a header with the SHA-256 of the second, and the state. The hash says that these are bytes of
 * ours, so that they need no further parsing.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { DocumentJson } from '../../../../contract/document-text.ts';
import type { NodeInfo } from '../../../../contract/scenes.ts';
import { writeTemporarySync } from '../../durable-file.ts';
import { documentSchema } from '../document-schema.ts';
import type { JournalFile } from './journal-file.ts';
import type { RunState, SceneState } from './scene-state.ts';

/** Rises with every change of what a checkpoint holds. */
const checkpointVersion = 1;
/** This much of the journal before the checkpoint's byte must be the same. */
const tailBytes = 4096;

const Header = z.object({
  version: z.literal(checkpointVersion),
  journalBytes: z.number().int().positive(),
  journalTail: z.string(),
  sha256: z.string(),
});

interface Body {
  readonly revision: number;
  readonly words: number;
  readonly head: number;
  readonly doc: DocumentJson;
  readonly nodes: readonly NodeInfo[];
  readonly lines: readonly number[][];
  readonly runs: readonly RunState[];
}

export interface Checkpoint {
  readonly state: SceneState;
  readonly journalBytes: number;
  /** The text as JSON, so that it need not be made anew for whoever opens the scene. */
  readonly docJson: DocumentJson;
  readonly sizeBytes: number;
}

/** Replaces the one there was. @returns its size in bytes @throws the file system's error */
export function writeCheckpoint(filePath: string, state: SceneState, journal: JournalFile): number {
  const body = JSON.stringify({
    revision: state.revision,
    words: state.words,
    head: state.head,
    doc: state.doc.toJSON() as DocumentJson,
    nodes: state.nodes.map(({ info }) => info),
    lines: state.nodes.map(({ lines }) => lines),
    runs: [...state.runs.values()],
  } satisfies Body);
  const header: z.infer<typeof Header> = {
    version: checkpointVersion,
    journalBytes: journal.sizeBytes,
    journalTail: tailOf(journal, journal.sizeBytes),
    sha256: sha256(body),
  };
  const bytes = Buffer.from(`${JSON.stringify(header)}\n${body}`);
  renameSync(writeTemporarySync(path.dirname(filePath), bytes), filePath);
  return bytes.length;
}

/** @returns null where there is none that can be used */
export function readCheckpoint(filePath: string, journal: JournalFile): Checkpoint | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(filePath);
  } catch {
    return null;
  }
  const lineEnd = bytes.indexOf('\n');
  const header = parseHeader(bytes.subarray(0, Math.max(0, lineEnd)).toString());
  if (!header || header.journalBytes > journal.sizeBytes) return null;
  if (header.journalTail !== tailOf(journal, header.journalBytes)) return null;
  const bodyBytes = bytes.subarray(lineEnd + 1);
  if (sha256(bodyBytes) !== header.sha256) return null;
  const body = JSON.parse(bodyBytes.toString()) as Body;
  const nodes = body.nodes.map((info, id) => ({
    info,
    lines: body.lines[id] ?? [],
    hasChildren: false,
  }));
  for (const { info } of nodes) {
    const parent = info.parent === null ? undefined : nodes[info.parent];
    if (parent) parent.hasChildren = true;
  }
  return {
    journalBytes: header.journalBytes,
    docJson: body.doc,
    sizeBytes: bytes.length,
    state: {
      doc: documentSchema.nodeFromJSON(body.doc),
      head: body.head,
      revision: body.revision,
      words: body.words,
      nodes,
      runs: new Map(body.runs.map((run) => [run.run.id, run])),
    },
  };
}

function parseHeader(text: string): z.infer<typeof Header> | null {
  try {
    return Header.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function tailOf(journal: JournalFile, end: number): string {
  return sha256(journal.read(Math.max(0, end - tailBytes), end));
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
