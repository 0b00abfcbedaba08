/** Frames over Electron's MessagePortMain. It clones what is sent: ArrayBuffers cannot be transferred (electron/electron#34905). */
import type { MessagePortMain } from 'electron';
import { StudioError } from '../../contract/errors.ts';
import { createInbox } from '../../contract/wire/inbox.ts';
import type { Transport } from '../../contract/wire/transport.ts';

/** @param port owned and started by the transport */
export function createMainPortTransport(port: MessagePortMain): Transport {
  const inbox = createInbox();
  port.on('message', (event) => inbox.deliver(event.data));
  port.on('close', () => inbox.close('The window was closed.'));
  port.start();

  return {
    get closed() {
      return inbox.closed;
    },
    send(frame) {
      if (inbox.closed) throw new StudioError('disconnected', 'The window is closed.');
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
