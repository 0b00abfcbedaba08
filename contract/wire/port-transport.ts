/** Frames over a browser's MessagePort; structured clone carries Uint8Arrays as they are. */
import { StudioError } from '../errors.ts';
import { createInbox } from './inbox.ts';
import type { Transport } from './transport.ts';

/** The part of MessagePort that is used. */
export interface PortLike {
  postMessage(message: unknown): void;
  close(): void;
  start(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'messageerror', listener: (event: object) => void): void;
}

/** @param port an entangled port; the transport owns and starts it */
export function createPortTransport(port: PortLike): Transport {
  const inbox = createInbox();
  port.addEventListener('message', (event) => inbox.deliver(event.data));
  port.addEventListener('close', () => inbox.close('The connection was closed.'));
  port.addEventListener('messageerror', () => {
    inbox.close('A message could not be read.');
    port.close();
  });
  port.start();

  return {
    get closed() {
      return inbox.closed;
    },
    send(frame) {
      if (inbox.closed)
        throw new StudioError('disconnected', 'The connection to the studio is closed.');
      port.postMessage(frame);
    },
    onFrame: inbox.onFrame,
    onClose: inbox.onClose,
    close(reason = 'The connection was closed.') {
      inbox.close(reason);
      port.close();
    },
  };
}
