/**
 * A grammar as an automaton over UTF-8 bytes that is made deterministic as far as it is walked.
 *
 * A state is a set of places in the rules, each with the places to return to. Sets that are met
 * again are the same object, so what is computed for a state is computed once.
 */
import { StudioError } from '../../../../contract/errors.ts';
import { utf8Sequences } from './code-points.ts';
import type { Expression, Grammar } from './grammar.ts';

export interface ByteState {
  /** Whether the text has its form if it ends here. */
  readonly isAccepting: boolean;
  /** @returns null where this byte cannot follow */
  next(byte: number): ByteState | null;
}

interface ByteEdge {
  readonly first: number;
  readonly last: number;
  readonly target: number;
}

interface Place {
  readonly bytes: ByteEdge[];
  /** Places that are reached without a byte. */
  readonly free: number[];
  readonly calls: { readonly rule: number; readonly target: number }[];
  /** Where its rule ends. */
  isEnd: boolean;
}

interface Network {
  readonly places: readonly Place[];
  readonly starts: readonly number[];
}

/** A place to return to; equal lists are the same object. */
interface Return {
  readonly id: number;
  readonly place: number;
  readonly outer: Return | null;
}

/** Beyond this a grammar takes more memory than it is worth: a place takes about 200 bytes. */
const mostPlaces = 200_000;

/**
 * @returns the state before the first byte
 * @throws {StudioError} `bad-request` for a rule that is missing or begins with itself, and for a
 *   grammar that is too large
 */
export function createAutomaton(grammar: Grammar): ByteState {
  const { places, starts } = compile(grammar);
  const known = new Map<string, ByteState>();
  const returns = new Map<string, Return>();

  function returnTo(place: number, outer: Return | null): Return | null {
    // Where nothing but the end of the rule follows, one returns further out at once.
    const { bytes, free, calls, isEnd } = places[place] ?? nowhere;
    if (isEnd && bytes.length + free.length + calls.length === 0) return outer;
    const key = `${place},${outer?.id ?? 0}`;
    const same = returns.get(key);
    if (same) return same;
    const made = { id: returns.size + 1, place, outer };
    returns.set(key, made);
    return made;
  }

  /** Follows everything that takes no byte. */
  function stateOf(begun: readonly (readonly [number, Return | null])[]): ByteState | null {
    const visited = new Set<string>();
    const waiting = [...begun];
    const reached: {
      readonly key: string;
      readonly edges: ByteEdge[];
      readonly outer: Return | null;
    }[] = [];
    let isAccepting = false;
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [index, outer] = next;
      const key = `${index},${outer?.id ?? 0}`;
      if (visited.has(key)) continue;
      visited.add(key);
      const place = places[index] ?? nowhere;
      if (place.bytes.length > 0) reached.push({ key, edges: place.bytes, outer });
      for (const target of place.free) waiting.push([target, outer]);
      for (const { rule, target } of place.calls)
        waiting.push([starts[rule] ?? 0, returnTo(target, outer)]);
      if (place.isEnd) {
        if (outer) waiting.push([outer.place, outer.outer]);
        else isAccepting = true;
      }
    }
    if (reached.length === 0 && !isAccepting) return null;
    const key = `${isAccepting}:${reached
      .map((each) => each.key)
      .toSorted()
      .join(';')}`;
    const same = known.get(key);
    if (same) return same;

    const following: (ByteState | null | undefined)[] = [];
    const state: ByteState = {
      isAccepting,
      next(byte) {
        let found = following[byte];
        if (found === undefined) {
          found = stateOf(
            reached.flatMap(({ edges, outer }) =>
              edges
                .filter(({ first, last }) => first <= byte && byte <= last)
                .map(({ target }) => [target, outer] as const),
            ),
          );
          following[byte] = found;
        }
        return found;
      },
    };
    known.set(key, state);
    return state;
  }

  const first = stateOf([[starts[0] ?? 0, null]]);
  if (first === null) throw badGrammar('No text at all has this form.');
  return first;
}

const nowhere: Place = { bytes: [], free: [], calls: [], isEnd: false };

/** Rule 0 is the root. */
function compile({ root, rules }: Grammar): Network {
  const places: Place[] = [];
  const numbers = new Map<string, number>();
  const wanted: Expression[] = [];
  const starts: number[] = [];

  function addPlace(): number {
    if (places.length >= mostPlaces) {
      throw badGrammar(
        'The form is too large: its repetitions multiply. Ask for fewer, or leave a limit open.',
      );
    }
    places.push({ bytes: [], free: [], calls: [], isEnd: false });
    return places.length - 1;
  }

  function numberOf(name: string, body: () => Expression): number {
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, wanted.length);
    wanted.push(body());
    return wanted.length - 1;
  }

  function ruleNumber(name: string): number {
    return numberOf(name, () => {
      const body = rules.get(name);
      if (!body) throw badGrammar(`The rule "${name}" is used but not defined.`);
      return body;
    });
  }

  /** @returns the place after `expression`, which begins at `from` */
  function build(expression: Expression, from: number): number {
    switch (expression.kind) {
      case 'characters': {
        const sequences = utf8Sequences(expression.ranges);
        const target = addPlace();
        for (const bytes of sequences) {
          let at = from;
          bytes.forEach(({ first, last }, index) => {
            const to = index === bytes.length - 1 ? target : addPlace();
            places[at]?.bytes.push({ first, last, target: to });
            at = to;
          });
        }
        return target;
      }
      case 'sequence':
        return expression.parts.reduce((at, part) => build(part, at), from);
      case 'choice': {
        const target = addPlace();
        for (const option of expression.options) {
          const at = addPlace();
          places[from]?.free.push(at);
          places[build(option, at)]?.free.push(target);
        }
        return target;
      }
      case 'repeat':
        return buildRepeat(shared(expression.of), expression.min, expression.max, from);
      case 'rule': {
        const target = addPlace();
        places[from]?.calls.push({ rule: ruleNumber(expression.name), target });
        return target;
      }
      default:
        return expression satisfies never;
    }
  }

  function buildRepeat(of: Expression, min: number, max: number | null, from: number): number {
    let at = from;
    for (let count = 0; count < min; count += 1) at = build(of, at);
    const target = addPlace();
    if (max === null) {
      const loop = addPlace();
      places[at]?.free.push(loop);
      places[build(of, loop)]?.free.push(loop);
      places[loop]?.free.push(target);
      return target;
    }
    for (let count = min; count < max; count += 1) {
      places[at]?.free.push(target);
      at = build(of, at);
    }
    places[at]?.free.push(target);
    return target;
  }

  /** What is repeated is built once, as a rule, unless it is as small as the call of one. */
  function shared(expression: Expression): Expression {
    if (expression.kind === 'rule') return expression;
    if (expression.kind === 'characters' && expression.ranges.every(({ last }) => last <= 0x7f))
      return expression;
    const key = JSON.stringify(expression);
    numberOf(key, () => expression);
    return { kind: 'rule', name: key };
  }

  ruleNumber(root);
  // Building a rule may name further ones.
  for (let number = 0; number < wanted.length; number += 1) {
    const start = addPlace();
    starts.push(start);
    const end = places[build(wanted[number] ?? { kind: 'choice', options: [] }, start)];
    if (end) end.isEnd = true;
  }
  const network = { places, starts };
  refuseLeftRecursion(network, [...numbers.keys()]);
  return network;
}

/** A rule that begins with itself would never come to its first byte. */
function refuseLeftRecursion({ places, starts }: Network, names: readonly string[]): void {
  const canBeEmpty = new Set<number>();
  const opening = starts.map(() => new Set<number>());
  // A rule can be empty if its end is reached through rules that can; new ones may open further ways.
  for (let isSettled = false; !isSettled;) {
    isSettled = true;
    for (const [rule, start] of starts.entries()) {
      const visited = new Set<number>();
      const waiting = [start];
      for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
        if (visited.has(index)) continue;
        visited.add(index);
        const place = places[index] ?? nowhere;
        waiting.push(...place.free);
        for (const call of place.calls) {
          opening[rule]?.add(call.rule);
          if (canBeEmpty.has(call.rule)) waiting.push(call.target);
        }
        if (place.isEnd && !canBeEmpty.has(rule)) {
          canBeEmpty.add(rule);
          isSettled = false;
        }
      }
    }
  }
  const state = new Map<number, 'open' | 'done'>();
  function visit(rule: number): void {
    if (state.get(rule) === 'done') return;
    if (state.get(rule) === 'open') {
      throw badGrammar(
        `The rule "${names[rule]}" begins with itself. Let it begin with something else, such as: item (separator item)*.`,
      );
    }
    state.set(rule, 'open');
    opening[rule]?.forEach(visit);
    state.set(rule, 'done');
  }
  starts.forEach((_start, rule) => visit(rule));
}

export function badGrammar(message: string): StudioError {
  return new StudioError('bad-request', message);
}
