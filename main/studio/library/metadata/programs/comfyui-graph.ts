/**
 * Walking through a graph of ComfyUI, as its API has it: `{ id: { class_type, inputs } }`, where an input is
 * a value or `[id, slot]` of the node that it comes from.
 *
 * Promises: graphs with circles, and with ways that multiply, end: all walking together has a budget.
 */
import { figureOf, isRecord, textOf, wholeOf, type JsonRecord } from '../bounded-json.ts';

export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly inputs: JsonRecord;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** The node that an input comes from; null where it is a value, or leads nowhere. */
  from(node: GraphNode, input: string): GraphNode | null;
  /** All nodes that a node's inputs come from, or those of its inputs that are named. */
  sources(node: GraphNode, inputs?: readonly string[]): readonly GraphNode[];
  /** The nearest node that is accepted, the start being none; widest first. */
  nearest(
    start: GraphNode,
    accept: (node: GraphNode) => boolean,
    inputs?: readonly string[],
  ): GraphNode | null;
  /** An input's number, also where a node of its own holds it. */
  figure(node: GraphNode, ...inputs: readonly string[]): number | undefined;
  /** The same, digit for digit. */
  whole(node: GraphNode, ...inputs: readonly string[]): string | undefined;
  /** An input's text, also where other nodes hold it or put it together. */
  text(node: GraphNode, ...inputs: readonly string[]): string | undefined;
  /** True once the budget is used up: then what was found is not all. */
  isExhausted(): boolean;
}

const maxNodes = 5000;
const maxSteps = 30_000;
const maxTextLength = 200_000;
const maxTextDepth = 50;

/** Names under which nodes that hold one value have it. */
const valueInputs = ['value', 'int', 'float', 'number', 'seed', 'noise_seed', 'a', 'Value'];
const textInput =
  /^(?:populated_text|text|string|prompt|value|positive|result|t5xxl|clip_[lg]|(?:text|string)_?[a-z0-9]{1,2}|text_[lg])$/i;

export function readGraph(value: JsonRecord): Graph | null {
  const byId = new Map<string, GraphNode>();
  for (const [id, node] of Object.entries(value).slice(0, maxNodes)) {
    if (!isRecord(node)) continue;
    const type = textOf(node['class_type']);
    if (type !== undefined && isRecord(node['inputs']))
      byId.set(id, { id, type: type.slice(0, 200), inputs: node['inputs'] });
  }
  return byId.size === 0 ? null : createGraph(byId);
}

function createGraph(byId: ReadonlyMap<string, GraphNode>): Graph {
  let steps = 0;
  const linked = (value: unknown): GraphNode | null => {
    steps += 1;
    if (!Array.isArray(value) || value.length !== 2 || steps > maxSteps) return null;
    const [id] = value as readonly unknown[];
    return byId.get(String(typeof id === 'number' ? id : (textOf(id) ?? ''))) ?? null;
  };

  function sources(node: GraphNode, inputs?: readonly string[]): readonly GraphNode[] {
    const values = inputs ? inputs.map((name) => node.inputs[name]) : Object.values(node.inputs);
    return values.map(linked).filter((each) => each !== null);
  }

  function nearest(
    start: GraphNode,
    accept: (node: GraphNode) => boolean,
    inputs?: readonly string[],
  ): GraphNode | null {
    const seen = new Set([start]);
    const waiting = [...sources(start, inputs)];
    for (const node of waiting) {
      if (seen.has(node)) continue;
      if (accept(node)) return node;
      seen.add(node);
      waiting.push(...sources(node));
    }
    return null;
  }

  /** Through as many nodes as hold nothing but a value. */
  function valueOf<Value>(
    node: GraphNode,
    inputs: readonly string[],
    read: (value: unknown) => Value | undefined,
  ): Value | undefined {
    let own: GraphNode | null = node;
    let names = inputs;
    const seen = new Set<GraphNode>();
    while (own && !seen.has(own)) {
      seen.add(own);
      let next: GraphNode | null = null;
      for (const name of names) {
        const found = read(own.inputs[name]);
        if (found !== undefined) return found;
        next ??= linked(own.inputs[name]);
      }
      own = next;
      names = [...new Set([...inputs, ...valueInputs])];
    }
    return undefined;
  }

  function textIn(value: unknown, depth: number, path: ReadonlySet<GraphNode>): string | undefined {
    if (typeof value === 'string') return value;
    const node = linked(value);
    if (!node || depth > maxTextDepth || path.has(node)) return undefined;
    const within = new Set([...path, node]);
    const names = Object.keys(node.inputs).filter((name) => textInput.test(name));
    const isPopulated = names.includes('populated_text');
    let whole: string | undefined;
    const delimiter = textOf(node.inputs['delimiter']) ?? ', ';
    for (const name of isPopulated ? ['populated_text'] : names) {
      const part = textIn(node.inputs[name], depth + 1, within);
      if (part === undefined || part === '') continue;
      whole = whole === undefined ? part : `${whole}${delimiter}${part}`;
      if (whole.length > maxTextLength || steps > maxSteps) return whole.slice(0, maxTextLength);
    }
    if (whole !== undefined || names.length > 0) return whole;
    // A node that passes on what comes in.
    const only = Object.values(node.inputs).find(Array.isArray);
    return only === undefined ? undefined : textIn(only, depth + 1, within);
  }

  return {
    nodes: [...byId.values()],
    from: (node, input) => linked(node.inputs[input]),
    sources,
    nearest,
    figure: (node, ...inputs) => valueOf(node, inputs, figureOf),
    whole: (node, ...inputs) => valueOf(node, inputs, wholeOf),
    text(node, ...inputs) {
      for (const input of inputs) {
        const found = textIn(node.inputs[input], 0, new Set([node]));
        if (found !== undefined) return found;
      }
      return undefined;
    },
    isExhausted: () => steps > maxSteps,
  };
}
