/**
 * What an append does to a scene: planned as a whole, then committed as a whole. A plan that throws has
 * changed nothing.
 */
import type { StepMap } from 'prosemirror-transform';
import { StudioError } from '../../../../contract/errors.ts';
import type { NodeInfo, Run, SceneChange } from '../../../../contract/scenes.ts';
import type { DocumentNode } from '../document-schema.ts';
import { applySteps, type Applied } from './apply-steps.ts';
import { pathBetween } from './history-tree.ts';
import type { LinePlace } from './journal-file.ts';
import { noSteps, withChange, type NodeSteps } from './node-steps.ts';
import { emptyDocument, isUnsettled, type SceneState } from './scene-state.ts';

export interface ChangePlan {
  readonly doc: DocumentNode;
  readonly head: number;
  /** Brought here from elsewhere. */
  readonly runs: readonly Run[];
  readonly added: readonly NodeInfo[];
  readonly relabelled: ReadonlyMap<number, string | null>;
  /** Nodes whose steps this append changes, and by what. */
  readonly written: ReadonlyMap<number, readonly SceneChange[]>;
  /** Nodes that were there and whose text is another now. */
  readonly reworded: ReadonlySet<number>;
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
  const written = new Map<number, SceneChange[]>();
  const reworded = new Set<number>();
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
    const stored = id < state.nodes.length ? storedSteps(id) : noSteps;
    return (written.get(id) ?? []).reduce(
      (before, change) => withChange(before, change, id),
      stored,
    );
  }

  function write(id: number, change: SceneChange): void {
    const own = written.get(id);
    if (own) own.push(change);
    else written.set(id, [change]);
  }

  /** @throws {StudioError} where a text is not what follows from the one before, or does not lead back to it */
  function checked(
    before: DocumentNode,
    { steps, inverse }: Omit<NodeSteps, 'selection'>,
  ): Applied {
    const next = applySteps(before, steps);
    if (!isReplay && !applySteps(next.doc, inverse, true).doc.eq(before))
      throw refusal('its inverse does not lead back to the text before it');
    return next;
  }

  function advance(change: Omit<NodeSteps, 'selection'>): void {
    const next = checked(doc, change);
    maps.push(...next.maps);
    doc = next.doc;
  }

  function weave(change: Extract<SceneChange, { kind: 'weave' }>): void {
    const info = infoOf(change.id);
    if (info?.kind !== 'generation') throw refusal(`${change.id} is no node of a run`);
    const { undone, done } = pathBetween(parentOf, head, change.id);
    if (done.length > 0) throw refusal(`the text stands at ${head}, not above ${change.id}`);
    const above = descendantsOf(change.id);
    if ([change.id, ...above].some((id) => labelOf(id) != null))
      throw refusal('a snapshot cannot be another text');
    const strange = change.above.find(({ id }) => !above.has(id));
    if (strange) throw refusal(`${strange.id} does not descend from ${change.id}`);

    let before = doc;
    if (!isReplay)
      for (const id of undone) before = applySteps(before, stepsOf(id).inverse, true).doc;
    for (const { id } of [change, ...change.above]) write(id, change);
    for (const id of [change.id, ...above]) reworded.add(id);
    if (change.summary !== '') summaries.set(change.id, change.summary);
    const { doc: shown, maps: ways } = applySteps(doc, change.shown);
    if (!isReplay) {
      const texts = new Map([[change.id, checked(before, change).doc]]);
      for (const id of above) {
        const parent = texts.get(parentOf(id));
        if (parent) texts.set(id, checked(parent, stepsOf(id)).doc);
      }
      if (!texts.get(head)?.eq(shown)) throw refusal('its nodes lead to another text');
    }
    maps.push(...ways);
    doc = shown;
  }

  /** In the order of their numbers. */
  function descendantsOf(root: number): Set<number> {
    const found = new Set<number>();
    for (let id = root + 1; id < nextId(); id += 1)
      if (parentOf(id) === root || found.has(parentOf(id))) found.add(id);
    return found;
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
        const { steps: _, inverse: __, selection: ___, ...info } = change.node;
        fillGap(info.id, info.at);
        if (info.id !== nextId())
          throw refusal(`its node is number ${info.id}, and the next one is ${nextId()}`);
        if (info.parent !== head)
          throw refusal(`its parent is ${info.parent}, and the text stands at ${head}`);
        advance(change.node);
        added.push(info);
        parents.add(head);
        write(info.id, change);
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
        advance(change);
        write(head, change);
        reworded.add(head);
        if (change.summary !== '') summaries.set(head, change.summary);
        break;
      }
      case 'weave':
        weave(change);
        break;
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
    written,
    reworded,
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
  for (const id of plan.written.keys()) state.nodes[id]?.lines.push(line.offset, line.length);
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

function refusal(why: string): StudioError {
  return new StudioError(
    'bad-request',
    `A change cannot be taken: ${why}. Nothing was changed. Open the scene anew.`,
  );
}
