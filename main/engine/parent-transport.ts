/** The engine's end of the connection to whoever started it. */
import { StudioError } from '../../contract/errors.ts';
import { createInbox } from '../../contract/wire/inbox.ts';
import type { Transport } from '../../contract/wire/transport.ts';

/** What Electron puts on `process` in a utility process; this folder does not know Electron's types. */
interface ParentPort {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
  postMessage(message: unknown): void;
}

function isParentPort(value: unknown): value is ParentPort {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value;
}

/** @throws {Error} if the process was started by hand */
export function connectToParent(): Transport {
  const parentPort: unknown = Reflect.get(process, 'parentPort');
  if (isParentPort(parentPort)) return overParentPort(parentPort);
  if (process.send) return overChildProcess();
  throw new Error('The engine is started by the studio, not by hand. Run "npm start".');
}

function overParentPort(port: ParentPort): Transport {
  const inbox = createInbox();
  port.on('message', (event) => inbox.deliver(event.data));
  port.on('close', () => inbox.close('The studio is gone.'));
  return {
    get closed() {
      return inbox.closed;
    },
    send(frame) {
      if (inbox.closed) throw disconnected();
      port.postMessage(frame);
    },
    onFrame: inbox.onFrame,
    onClose: inbox.onClose,
    close: (reason = 'The connection was closed.') => inbox.close(reason),
  };
}

function overChildProcess(): Transport {
  const inbox = createInbox();
  process.on('message', (frame) => inbox.deliver(frame));
  process.on('disconnect', () => inbox.close('The studio is gone.'));
  return {
    get closed() {
      return inbox.closed;
    },
    send(frame) {
      if (inbox.closed || !process.connected) throw disconnected();
      // A parent that went away in mid-send shows as `disconnect`; the callback keeps it from throwing.
      process.send?.(frame, undefined, undefined, () => {});
    },
    onFrame: inbox.onFrame,
    onClose: inbox.onClose,
    close(reason = 'The connection was closed.') {
      inbox.close(reason);
      if (process.connected) process.disconnect();
    },
  };
}

function disconnected(): StudioError {
  return new StudioError('disconnected', 'The connection to the studio is closed.');
}
