/** Message ports that the preload script hands over; a fresh one may follow a lost one. */
import { createPortTransport } from '../../contract/wire/port-transport.ts';
import type { Transport } from '../../contract/wire/transport.ts';

const handOverMessage = 'atelier-port';

/**
 * Starts to listen at once, since the preload script may hand the port over before anyone asks.
 * @returns a function that resolves with the next port that nobody has taken yet
 */
export function createPortSource(window: Window): () => Promise<Transport> {
  const ports: MessagePort[] = [];
  const waiting: ((port: MessagePort) => void)[] = [];
  window.addEventListener('message', (event) => {
    const port = event.ports[0];
    if (event.source !== window || event.data !== handOverMessage || !port) return;
    const taker = waiting.shift();
    if (taker) taker(port);
    else ports.push(port);
  });
  return async () => {
    const port =
      ports.shift() ?? (await new Promise<MessagePort>((resolve) => waiting.push(resolve)));
    return createPortTransport(port);
  };
}
