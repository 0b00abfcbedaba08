/**
 * What an append does to a scene: planned as a whole, then committed as a whole. A plan that throws has
 * changed nothing.
 */
import type { StepMap } from 'prosemirror-transform';
import { StudioError } from '../../../../contract/errors.ts';
import type { NodeInfo, Run, SceneChange } from '../../../../contract/scenes.ts';
import type { DocumentNode } from '../document-schema.ts';
import { applySteps } from './apply-steps.ts';
import { pathBetween } from './history-tree.ts';
import type { LinePlace } from './journal-file.ts';
import { emptyDocument, isUnsettled, type NodeSteps, type SceneState } from './scene-state.ts';

export interface ChangePlan {
  readonly doc: DocumentNode;
  readonly head: number;
  /** Brought here from elsewhere. */
  readonly runs: readonly Run[];
  readonly added: readonly NodeInfo[];
  readonly relabelled: ReadonlyMap<number, string | null>;
  /** Nodes whose steps stand in this append. */
  readonly written: ReadonlySet<number>;
  readonly summaries: ReadonlyMap<number, string>;
  readonly settled: ReadonlyMap<string, { readonly tokens: number; readonly final: boolean }>;
  readonly maps: readonly StepMap[];
}

export interface PlanOptions {
  /** Steps of a node that is in the journal. */
  readonly storedSteps: (id: number) => NodeSteps;
  /**
   * Whether this was taken before: then inverses are sound already, and where a damaged line left a gap,
   * empty nodes stand for what it held.
   */
  readonly isReplay: boolean;
}

/** @throws {StudioError} `bad-request` */
export function planChanges(
  state: SceneState,
  changes: readonly SceneChange[],
  { storedSteps, isReplay }: PlanOptions,
): ChangePlan {
  const runs: Run[] = [];
  const added: NodeInfo[] = [];
  const relabelled = new Map<number, string | null>();
  const written = new Map<number, NodeSteps>();
  const summaries = new Map<number, string>();
  const parents = new Set<number>();
  const settled = new Map<string, { tokens: number; final: boolean }>();
  const maps: StepMap[] = [];
  let { doc, head } = state;

  const nextId = () => state.nodes.length + added.length;
  const infoOf = (id: number) => state.nodes[id]?.info ?? added[id - state.nodes.length];
  const parentOf = (id: number) => infoOf(id)?.parent ?? -1;
  const labelOf = (id: number) =>
    relabelled.has(id) ? relabelled.get(id) : (infoOf(id)?.label ?? null);

  function stepsOf(id: number): NodeSteps {
    const own = written.get(id);
    if (id >= state.nodes.length) return own ?? noSteps;
    const stored = storedSteps(id);
    return own ? joinSteps(stored, own) : stored;
  }

  function advance(steps: readonly object[], inverse: readonly object[]): void {
    const next = applySteps(doc, steps);
    if (!isReplay && !applySteps(next.doc, inverse, true).doc.eq(doc))
      throw refusal('its inverse does not lead back to the text before it');
    maps.push(...next.maps);
    doc = next.doc;
  }

  function move(to: number): void {
    const { undone, done } = pathBetween(parentOf, head, to);
    // Where nothing has to be mapped, the way from the empty scene may be the shorter one.
    const fromRoot = pathBetween(parentOf, 0, to).done;
    const isMapped = [...state.runs.values()].some(isUnsettled);
    const isShorter = !isMapped && fromRoot.length < undone.length + done.length;
    if (isShorter) doc = emptyDocument;
    for (const id of isShorter ? [] : undone) step(stepsOf(id).inverse);
    for (const id of isShorter ? fromRoot : done) step(stepsOf(id).steps);
    head = to;
  }

  function step(steps: readonly object[]): void {
    const next = applySteps(doc, steps, true);
    maps.push(...next.maps);
    doc = next.doc;
  }

  /** Nodes up to `id` whose lines are damaged: nothing is known of them but that they were. */
  function fillGap(id: number, at: number): void {
    if (!isReplay || id - nextId() > longestGap) return;
    while (nextId() < id) {
      const info = {
        id: nextId(),
        parent: head,
        at,
        kind: 'recovery',
        label: null,
        run: null,
      } as const;
      added.push({ ...info, summary: '' });
      parents.add(head);
      head = info.id;
    }
  }

  for (const change of changes) {
    switch (change.kind) {
      case 'node': {
        const { steps, inverse, selection: _, ...info } = change.node;
        fillGap(info.id, info.at);
        if (info.id !== nextId())
          throw refusal(`its node is number ${info.id}, and the next one is ${nextId()}`);
        if (info.parent !== head)
          throw refusal(`its parent is ${info.parent}, and the text stands at ${head}`);
        advance(steps, inverse);
        added.push(info);
        parents.add(head);
        written.set(info.id, { steps, inverse });
        head = info.id;
        break;
      }
      case 'extend': {
        fillGap(change.id + 1, change.at);
        if (change.id !== head) throw refusal(`it extends ${change.id}, not the head ${head}`);
        if (head === 0) throw refusal('the empty scene cannot be extended');
        if (state.nodes[head]?.hasChildren || parents.has(head))
          throw refusal('a node that others follow cannot be extended');
        if (labelOf(head) != null) throw refusal('a snapshot cannot be extended');
        advance(change.steps, change.inverse);
        const own = written.get(head);
        written.set(head, own ? joinSteps(own, change) : change);
        if (change.summary !== '') summaries.set(head, change.summary);
        break;
      }
      case 'move':
        if (!infoOf(change.to)) throw refusal(`there is no node ${change.to}`);
        move(change.to);
        break;
      case 'label':
        if (!infoOf(change.id)) throw refusal(`there is no node ${change.id}`);
        relabelled.set(change.id, change.label);
        break;
      case 'settled': {
        const run = state.runs.get(change.run);
        if (!run) throw refusal('its run is not known');
        if (change.tokens > Math.max(0, ...run.tokens))
          throw refusal(`its run has only ${Math.max(0, ...run.tokens)} tokens`);
        settled.set(change.run, change);
        break;
      }
      case 'run':
        runs.push(change.run);
        break;
      default:
        change satisfies never;
    }
  }
  return {
    doc,
    head,
    runs,
    added,
    relabelled,
    written: new Set(written.keys()),
    summaries,
    settled,
    maps,
  };
}

/** @param line where the append stands in the journal */
export function commitPlan(
  state: SceneState,
  plan: ChangePlan,
  line: LinePlace,
  { revision, words }: { readonly revision: number; readonly words: number },
): void {
  for (const info of plan.added) {
    const parent = state.nodes[info.parent ?? 0];
    if (parent) parent.hasChildren = true;
    state.nodes.push({ info, lines: [], hasChildren: false });
  }
  for (const id of plan.written) state.nodes[id]?.lines.push(line.offset, line.length);
  for (const [id, label] of plan.relabelled) change(id, { label });
  for (const [id, summary] of plan.summaries) change(id, { summary });
  for (const run of plan.runs) {
    if (state.runs.has(run.id)) continue;
    const place = { from: line.offset, to: line.offset };
    state.runs.set(run.id, { run, position: 0, tokens: [], settled: 0, final: true, ...place });
  }
  for (const run of state.runs.values()) {
    for (const map of run.final ? [] : plan.maps) run.position = map.map(run.position, 1);
  }
  for (const [id, { tokens, final }] of plan.settled) {
    const run = state.runs.get(id);
    if (!run) continue;
    run.settled = Math.max(run.settled, tokens);
    run.final ||= final;
  }
  state.doc = plan.doc;
  state.head = plan.head;
  state.revision = revision;
  state.words = words;

  function change(id: number, part: Partial<NodeInfo>): void {
    const node = state.nodes[id];
    if (node) node.info = { ...node.info, ...part };
  }
}

/** Nodes that may be missing in a row; a damaged number is no reason to make a million. */
const longestGap = 10_000;

const noSteps: NodeSteps = { steps: [], inverse: [] };

/** Steps in order; of the inverses the later one comes first. */
export function joinSteps(first: NodeSteps, second: NodeSteps): NodeSteps {
  return {
    steps: [...first.steps, ...second.steps],
    inverse: [...second.inverse, ...first.inverse],
  };
}

function refusal(why: string): StudioError {
  return new StudioError(
    'bad-request',
    `A change cannot be taken: ${why}. Nothing was changed. Open the scene anew.`,
  );
}
