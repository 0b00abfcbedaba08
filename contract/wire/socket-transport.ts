/** Frames over a WebSocket, the browser's or the `ws` library's. */
import { StudioError } from '../errors.ts';
import { decodeFrame, encodeFrame } from './codec.ts';
import { createInbox } from './inbox.ts';
import type { Transport } from './transport.ts';

/** What both WebSocket implementations have in common. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: (event: object) => void): void;
}

const openState = 1;
/** RFC 6455 §7.4.1: received data of a kind that cannot be accepted. */
const unsupportedDataCode = 1003;

/** @param socket an open socket; the transport owns it from now on */
export function createSocketTransport(socket: SocketLike): Transport {
  const inbox = createInbox();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', (event) => {
    if (inbox.closed) return;
    try {
      if (!(event.data instanceof ArrayBuffer)) {
        throw new StudioError('bad-request', 'A message could not be read: it is text, not bytes.');
      }
      inbox.deliver(decodeFrame(new Uint8Array(event.data)));
    } catch (error) {
      inbox.close(StudioError.from(error).message);
      socket.close(unsupportedDataCode);
    }
  });
  socket.addEventListener('close', () => inbox.close('The connection was closed.'));
  socket.addEventListener('error', () => {
    inbox.close('The connection failed.');
    socket.close();
  });

  return {
    get closed() {
      return inbox.closed;
    },
    send(frame) {
      if (inbox.closed || socket.readyState !== openState) {
        throw new StudioError('disconnected', 'The connection to the studio is closed.');
      }
      socket.send(encodeFrame(frame));
    },
    onFrame: inbox.onFrame,
    onClose: inbox.onClose,
    close(reason = 'The connection was closed.') {
      inbox.close(reason);
      socket.close();
    },
  };
}
