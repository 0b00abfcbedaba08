/**
 * Procedures as data. A contract is a record of procedures; client and server types derive from it.
 *
 * `call`   one input, one output.
 * `stream` one input, many items, ended exactly once: done, failed or cancelled.
 */
import type { z } from 'zod';

export interface CallProcedure<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly kind: 'call';
  readonly input: I;
  readonly output: O;
}

export interface StreamProcedure<I extends z.ZodType = z.ZodType, T extends z.ZodType = z.ZodType> {
  readonly kind: 'stream';
  readonly input: I;
  readonly item: T;
}

export type Procedure = CallProcedure | StreamProcedure;
export type Contract = Readonly<Record<string, Procedure>>;

export function call<I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
): CallProcedure<I, O> {
  return { kind: 'call', input, output };
}

export function stream<I extends z.ZodType, T extends z.ZodType>(
  input: I,
  item: T,
): StreamProcedure<I, T> {
  return { kind: 'stream', input, item };
}

export interface CallOptions {
  /** Aborting sends `cancel`; the promise or iterator then rejects with `cancelled`. */
  readonly signal?: AbortSignal;
}

/** What a handler gets besides its input. `signal` aborts when the caller cancels or disconnects. */
export interface HandlerContext {
  readonly signal: AbortSignal;
}

/** The caller's view: inputs before parsing (defaults may be left out), outputs after. */
export type Client<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends CallProcedure<infer I, infer O>
    ? (input: z.input<I>, options?: CallOptions) => Promise<z.output<O>>
    : C[K] extends StreamProcedure<infer I, infer T>
      ? (input: z.input<I>, options?: CallOptions) => AsyncIterable<z.output<T>>
      : never;
};

/** The implementer's view: inputs parsed, outputs checked before they leave. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C]: C[K] extends CallProcedure<infer I, infer O>
    ? (input: z.output<I>, context: HandlerContext) => Promise<z.input<O>>
    : C[K] extends StreamProcedure<infer I, infer T>
      ? (input: z.output<I>, context: HandlerContext) => AsyncIterable<z.input<T>>
      : never;
};
