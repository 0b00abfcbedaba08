/** Two ends in one process, for a host that calls its own studio. Frames are handed over, not copied. */
import { StudioError } from '../errors.ts';
import { createInbox, type Inbox } from './inbox.ts';
import type { Transport } from './transport.ts';

/** @returns two transports; what one sends the other receives, in a later microtask */
export function createLocalTransportPair(): readonly [Transport, Transport] {
  const left = createInbox();
  const right = createInbox();
  return [endOf(left, right), endOf(right, left)];
}

function endOf(own: Inbox, other: Inbox): Transport {
  return {
    get closed() {
      return own.closed;
    },
    send(frame) {
      if (own.closed)
        throw new StudioError('disconnected', 'The connection to the studio is closed.');
      queueMicrotask(() => other.deliver(frame));
    },
    onFrame: own.onFrame,
    onClose: own.onClose,
    close(reason = 'The connection was closed.') {
      own.close(reason);
      other.close(reason);
    },
  };
}
