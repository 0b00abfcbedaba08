import type { ErrorCode } from '../../contract/errors.ts';

/** What happened, by code; the message says the rest. */
export const errorTitles: Readonly<Record<ErrorCode, string>> = {
  'bad-request': 'These settings cannot be drawn',
  cancelled: 'Cancelled',
  conflict: 'Something else is in the way',
  disconnected: 'The studio cannot be reached',
  'disk-full': 'The disk is full',
  'engine-stopped': 'The engine stopped',
  internal: 'Something went wrong',
  'library-locked': 'The library is in use',
  'library-newer': 'The library is from a newer version',
  'library-read-only': 'The library cannot be written to',
  'model-invalid': 'The model is damaged',
  'model-missing': 'The model is not installed',
  'not-found': 'It is not there any more',
  'out-of-memory': 'There was not enough memory',
  'port-taken': 'The port is taken',
  'provider-unavailable': 'The device cannot be used',
  'too-large': 'It is too large',
  unauthorised: 'The window is not allowed to do this',
  unsupported: 'This is not possible here',
};
