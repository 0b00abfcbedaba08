/** A worker thread's MessagePort as the wire wants it: Node's has the browser's events, but not its types. */
import type { MessagePort } from 'node:worker_threads';
import type { PortLike } from '../../contract/wire/port-transport.ts';

export function threadPort(port: MessagePort): PortLike {
  return {
    postMessage: (message) => port.postMessage(message),
    close: () => port.close(),
    start: () => port.start(),
    addEventListener(type: string, listener: (event: { data: unknown }) => void) {
      port.on(type, (value: unknown) => listener({ data: value }));
    },
  };
}
