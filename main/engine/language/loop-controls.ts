/**
 * `break` and `continue` as Jinja has them, for @huggingface/jinja 0.5.11.
 *
 * That interpreter forgets what an iteration has written when one of the two ends it. Here the text of
 * such an iteration is kept: `continue` ends its block early, and after `break` the iterations that are left
 * write nothing and evaluate nothing.
 */
import { type Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';

type Block = (statements: readonly unknown[], scope: Environment) => { readonly value: string };

/**
 * @param program what `parse` gives
 * @returns what the template writes
 * @throws what the interpreter throws
 */
export function runTemplate(program: ReturnType<typeof parse>, environment: Environment): unknown {
  const loopBodies = new Set<unknown>();
  collectLoopBodies(program, loopBodies);
  const interpreter = new Interpreter(environment);
  if (loopBodies.size === 0) return interpreter.run(program).value;

  // A loop has one scope for all its iterations.
  const broken = new WeakSet<Environment>();
  const evaluate = interpreter['evaluate'].bind(interpreter) as (
    statement: unknown,
    scope: Environment,
  ) => { readonly type: string; toString(): string };
  const evaluateBlock = interpreter['evaluateBlock'].bind(interpreter) as Block;
  const written = (text: string, scope: Environment): ReturnType<Block> =>
    evaluateBlock([{ type: 'StringLiteral', value: text }], scope);

  const keepingText: Block = (statements, scope) => {
    if (broken.has(scope)) return written('', scope);
    let text = '';
    for (const statement of statements) {
      try {
        const result = evaluate(statement, scope);
        if (result.type !== 'NullValue' && result.type !== 'UndefinedValue')
          text += result.toString();
      } catch (thrown) {
        const control = thrown instanceof Control ? thrown : controlOf(thrown);
        if (!control) throw thrown;
        text += control.text;
        if (!loopBodies.has(statements)) throw new Control(control.kind, text);
        if (control.kind === 'break') broken.add(scope);
        return written(text, scope);
      }
    }
    return written(text, scope);
  };
  interpreter['evaluateBlock'] = keepingText;
  return interpreter.run(program).value;
}

class Control extends Error {
  readonly kind: 'break' | 'continue';
  /** Written since the iteration began. */
  readonly text: string;

  constructor(kind: 'break' | 'continue', text: string) {
    super(kind);
    this.kind = kind;
    this.text = text;
  }
}

/** What the interpreter throws for each; it does not export them. */
const [BreakControl, ContinueControl] = (['break', 'continue'] as const).map(thrownBy);

function thrownBy(kind: 'break' | 'continue'): unknown {
  try {
    new Interpreter().run(parse(tokenize(`{% ${kind} %}`)));
  } catch (thrown) {
    return thrown instanceof Error ? thrown.constructor : null;
  }
  return null;
}

function controlOf(thrown: unknown): Control | null {
  if (!(thrown instanceof Error)) return null;
  if (thrown.constructor === BreakControl) return new Control('break', '');
  return thrown.constructor === ContinueControl ? new Control('continue', '') : null;
}

function collectLoopBodies(node: unknown, found: Set<unknown>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'For' && 'body' in node) found.add(node.body);
  for (const child of Object.values(node)) collectLoopBodies(child, found);
}
