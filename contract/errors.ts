/**
 * The one error class that crosses processes.
 *
 * Promises: the set of codes is closed; `message` says what happened and what to do and is meant
 * for people; programs branch on `code` alone; `details` is plain JSON.
 */
import { z } from 'zod';

export const errorCodes = [
  'bad-request',
  'cancelled',
  'conflict',
  'disconnected',
  'disk-full',
  'engine-stopped',
  'internal',
  'library-locked',
  'library-newer',
  'library-read-only',
  'model-invalid',
  'model-missing',
  'not-found',
  'out-of-memory',
  'port-taken',
  'provider-unavailable',
  'too-large',
  'unauthorised',
  'unsupported',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export const ErrorBody = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  details: z.record(z.string(), z.json()).optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

export class StudioError extends Error {
  override readonly name = 'StudioError';
  readonly code: ErrorCode;
  readonly details: ErrorBody['details'];

  constructor(
    code: ErrorCode,
    message: string,
    details?: ErrorBody['details'],
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  toBody(): ErrorBody {
    return this.details === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, details: this.details };
  }

  static fromBody(body: ErrorBody): StudioError {
    return new StudioError(body.code, body.message, body.details);
  }

  /** Turns anything thrown into a StudioError; an abort becomes `cancelled`, the unknown `internal`. */
  static from(thrown: unknown): StudioError {
    if (thrown instanceof StudioError) return thrown;
    if (thrown instanceof Error && thrown.name === 'AbortError') {
      return new StudioError('cancelled', 'Cancelled.', undefined, { cause: thrown });
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new StudioError('internal', message, undefined, { cause: thrown });
  }
}
