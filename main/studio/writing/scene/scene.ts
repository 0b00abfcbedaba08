/**
 * One scene that is open: its journal, and what it amounts to. Blocking, for the writing thread.
 *
 * Promises: what `append` returned for survives a power cut; a token that `addTokens` returned for survives the
 * death of any process, and a power cut a second later; an append that is refused or cannot be written has
 * changed nothing; nothing is ever removed from the journal but a line that was cut off, which is kept beside it.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { DocumentJson } from '../../../../contract/document-text.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type {
  HistoryNode,
  OpenScene,
  Run,
  RunToken,
  SceneChange,
} from '../../../../contract/scenes.ts';
import type { DocumentNode } from '../document-schema.ts';
import { countWords } from '../plain-text.ts';
import { mostChangeCharacters, tooLarge } from '../change-size.ts';
import { keepAside } from './aside.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { openJournalFile, type LinePlace } from './journal-file.ts';
import { journalVersion, tokenLine, type JournalLine } from './journal-lines.ts';
import { openKeyframes } from './keyframes.ts';
import { loadScene, type LoadedScene } from './load-scene.ts';
import { storedSteps, withChange, type NodeSteps } from './node-steps.ts';
import { commitPlan, planChanges } from './plan-changes.ts';
import { recoveryOf } from './recover-run.ts';
import { readTokens, takeRunLine } from './run-lines.ts';
import { isUndecided, isUnsettled, type SceneState } from './scene-state.ts';
import { createTextsAt } from './texts-at.ts';

export interface RunStart {
  readonly revision: number;
  readonly position: number;
  readonly run: Run;
}

export interface Scene extends Disposable {
  readonly state: Readonly<SceneState>;
  /** @param recovers whether told tokens that nobody settled are put into the text first */
  open(
    recovers: boolean,
  ): Omit<OpenScene, 'projectId' | 'sceneId' | 'doc'> & { readonly doc: DocumentJson };
  /** @throws {StudioError} `conflict`, `bad-request`, `too-large`, `disk-full`, `library-read-only` */
  append(revision: number, changes: readonly SceneChange[], words: number): void;
  /** @throws {StudioError} `not-found` */
  nodes(ids: readonly number[]): HistoryNode[];
  /** @throws {StudioError} `not-found` */
  at(node: number): DocumentNode;
  tokens(run: string, alternative: number): RunToken[];
  /** @throws {StudioError} `conflict`, `bad-request`, and as `append` */
  beginRun(start: RunStart): void;
  /** Written before it returns, synced within the second by `settle`. */
  addToken(run: string, alternative: number, token: RunToken): void;
  /** What became known of a run. */
  addFacts(run: string, facts: { modelHash?: string; provider?: Run['provider'] }): void;
  endRun(run: string): void;
  /** Where lines lie that could not be read as written; null if there were none. */
  readonly damagedFile: string | null;
  /** True while a run writes. */
  readonly isWriting: boolean;
  /** Syncs what was written, and makes a checkpoint: sooner when nobody writes, and always before closing. */
  tidy(moment: Moment): void;
}

type Moment = 'busy' | 'idle' | 'closing';

export interface SceneOptions {
  /** Holds the scene's files; must exist. */
  readonly folder: string;
  readonly sceneId: string;
  readonly now: () => number;
  readonly log: (level: 'info' | 'warning' | 'error', text: string) => void;
}

/** Of changes; a replay takes about a tenth of a second for as much. */
const changesBetweenCheckpoints = 2 ** 20;
/** Of anything else: tokens are read quickly. */
const bytesBetweenCheckpoints = 8 * 2 ** 20;

/** Of each idle moment, for texts of the past: other scenes wait as long. */
const preparingMs = 100;

/** @throws {StudioError} `library-newer`, `disk-full`, `library-read-only` */
export function openScene({ folder, sceneId, now, log }: SceneOptions): Scene {
  const asidePath = path.join(folder, `${sceneId}.damaged.txt`);
  const checkpointPath = path.join(folder, `${sceneId}.checkpoint.json`);

  function putAside(why: string, { offset }: { readonly offset: number }, bytes: Buffer): void {
    keepAside(asidePath, why, offset, bytes);
  }

  const journal = openJournalFile(
    path.join(folder, `${sceneId}.jsonl`),
    () =>
      JSON.stringify({
        kind: 'scene',
        version: journalVersion,
        id: sceneId,
        at: now(),
      } satisfies JournalLine),
    (bytes, offset) => putAside('cut off', { offset }, bytes),
  );
  const writing = new Set<string>();
  /** Nodes that lie above a run that writes, which each of its appends needs. */
  const recent = new Map<number, NodeSteps>();
  const loaded = load();
  const { state } = loaded;
  let { checkpointedBytes, checkpointBytes, changedBytes } = loaded;
  let docJson = loaded.docJson && { doc: state.doc, json: loaded.docJson };

  function load(): LoadedScene {
    let damaged = 0;
    try {
      return loadScene(journal, checkpointPath, now(), (why, place, bytes) => {
        putAside(why, place, bytes);
        damaged += 1;
      });
    } catch (error) {
      journal[Symbol.dispose]();
      throw error;
    } finally {
      if (damaged > 0) {
        log(
          'warning',
          `${damaged === 1 ? 'A line' : `${damaged} lines`} of the scene "${sceneId}" could not be read as written. What could be read is in the text; the lines are kept in "${path.basename(asidePath)}".`,
        );
      }
    }
  }

  function write(line: JournalLine): LinePlace {
    return journal.append(JSON.stringify(line));
  }

  const stepsOf = (id: number): NodeSteps => storedSteps(journal, state, id);
  const keyframes = openKeyframes(path.join(folder, `${sceneId}.keyframes.txt`), journal);
  const texts = createTextsAt(() => state, stepsOf, keyframes);

  function recentStepsOf(id: number): NodeSteps {
    const steps = recent.get(id) ?? stepsOf(id);
    if (writing.size > 0) recent.set(id, steps);
    return steps;
  }

  function checkRevision(revision: number): void {
    if (revision === state.revision) return;
    throw new StudioError('conflict', 'The scene was changed elsewhere meanwhile. Open it anew.', {
      revision: state.revision,
    });
  }

  function checkNode(id: number): void {
    if (id < state.nodes.length) return;
    throw new StudioError('not-found', `The scene has no version ${id}. Open it anew.`, { id });
  }

  function append(revision: number, changes: readonly SceneChange[], words: number): void {
    checkRevision(revision);
    const next = { revision: revision + 1, words };
    const text = JSON.stringify({
      kind: 'changes',
      ...next,
      changes: [...changes],
    } satisfies JournalLine);
    if (text.length > mostChangeCharacters) throw tooLarge();
    const plan = planChanges(state, changes, { storedSteps: recentStepsOf, isReplay: false });
    const place = journal.append(text);
    journal.sync();
    commitPlan(state, plan, place, next);
    for (const [id, own] of plan.written) {
      const steps = recent.get(id);
      if (steps)
        recent.set(
          id,
          own.reduce((before, change) => withChange(before, change, id), steps),
        );
    }
    texts.forget(plan.reworded);
    texts.follow();
    changedBytes += place.length;
  }

  function damagedFile(): string | null {
    return existsSync(asidePath) ? asidePath : null;
  }

  function recover(): number {
    let recovered = 0;
    for (const run of state.runs.values()) {
      if (writing.has(run.run.id) || !isUnsettled(run)) continue;
      const text = readTokens(journal, run, 0)
        .slice(run.settled)
        .map((token) => token.text)
        .join('');
      const tokens = (run.tokens[0] ?? 0) - run.settled;
      const words = state.words + countWords(text);
      try {
        append(state.revision, recoveryOf(state, run, text, now()), words);
      } catch (error) {
        // The scene must open nevertheless; the tokens are in the journal, and the next opening tries again.
        log(
          'warning',
          `${tokens} tokens of a generation could not be put back into the scene "${sceneId}": ${StudioError.from(error).message}`,
        );
        continue;
      }
      recovered += tokens;
    }
    return recovered;
  }

  return {
    get state() {
      return state;
    },
    open(recovers) {
      const recoveredTokens = recovers ? recover() : 0;
      return {
        revision: state.revision,
        head: state.head,
        doc: jsonOf(state.doc),
        nodes: state.nodes.map(({ info }) => info),
        runs: [...state.runs.values()].map(({ run }) => run),
        recoveredTokens,
        undecided: [...state.runs.values()]
          .filter((run) => isUndecided(run) && !writing.has(run.run.id))
          .map(({ run, position, tokens }) => ({ run: run.id, position, tokens: [...tokens] })),
        damagedFile: damagedFile(),
      };
    },
    append,
    nodes(ids) {
      return ids.map((id) => {
        checkNode(id);
        const { info } = state.nodes[id] ?? {};
        if (!info) throw new StudioError('not-found', `The scene has no version ${id}.`, { id });
        const { steps, inverse, selection } = stepsOf(id);
        return { ...info, steps: [...steps], inverse: [...inverse], selection };
      });
    },
    at(id) {
      checkNode(id);
      return texts.at(id);
    },
    tokens(id, alternative) {
      const run = state.runs.get(id);
      if (!run) throw new StudioError('not-found', 'Nothing is known of that generation.', { id });
      return readTokens(journal, run, alternative);
    },
    beginRun({ revision, position, run }) {
      checkRevision(revision);
      if (position > state.doc.content.size) {
        throw new StudioError(
          'bad-request',
          `The text has no place ${position}. Open the scene anew.`,
        );
      }
      const line = { kind: 'run', run, position } as const;
      takeRunLine(state, line, write(line));
      writing.add(run.id);
    },
    addToken(run, alternative, token) {
      const line = tokenLine(run, alternative, token);
      takeRunLine(state, line, write(line));
    },
    addFacts(run, facts) {
      const line = { kind: 'run-facts', run, ...facts } as const;
      takeRunLine(state, line, write(line));
    },
    endRun(run) {
      writing.delete(run);
      recent.clear();
      journal.sync();
    },
    get damagedFile() {
      return damagedFile();
    },
    get isWriting() {
      return writing.size > 0;
    },
    tidy(moment) {
      journal.sync();
      if (moment === 'idle') texts.prepare(preparingMs);
      saveCheckpoint(moment);
      // A run that writes may yet go on below what is kept.
      if (moment !== 'busy' && writing.size === 0) texts.save();
    },
    [Symbol.dispose]() {
      keyframes[Symbol.dispose]();
      journal[Symbol.dispose]();
    },
  };

  function saveCheckpoint(moment: Moment): void {
    const grownBytes = journal.sizeBytes - checkpointedBytes;
    if (grownBytes === 0) return;
    const isDue = {
      busy: changedBytes > changesBetweenCheckpoints || grownBytes > bytesBetweenCheckpoints,
      // A novel is not written anew after every sentence.
      idle: grownBytes > Math.min(changesBetweenCheckpoints, checkpointBytes / 32),
      closing: true,
    };
    if (!isDue[moment]) return;
    checkpointBytes = writeCheckpoint(checkpointPath, state, journal);
    checkpointedBytes = journal.sizeBytes;
    changedBytes = 0;
  }

  function jsonOf(doc: DocumentNode): DocumentJson {
    if (docJson?.doc !== doc) docJson = { doc, json: doc.toJSON() as DocumentJson };
    return docJson.json;
  }
}
