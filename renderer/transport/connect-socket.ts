/** The loopback host's WebSocket, on the page's own origin. */
import { StudioError } from '../../contract/errors.ts';
import { createSocketTransport } from '../../contract/wire/socket-transport.ts';
import type { Transport } from '../../contract/wire/transport.ts';

export function connectSocket(location: Location): Promise<Transport> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${scheme}://${location.host}/rpc`);
    const refuse = () => reject(new StudioError('disconnected', 'The studio does not answer.'));
    socket.addEventListener('open', () => resolve(createSocketTransport(socket)), { once: true });
    socket.addEventListener('error', refuse, { once: true });
    socket.addEventListener('close', refuse, { once: true });
  });
}
