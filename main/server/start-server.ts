/**
 * The loopback host: the studio for a browser on this machine.
 *
 * Promises: listens on 127.0.0.1 only; without the session cookie nothing is served but the
 * exchange of the token; a request under another host name or from another origin is refused.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { StudioError } from '../../contract/errors.ts';
import { maxFrameBytes } from '../../contract/wire/codec.ts';
import { createSocketTransport } from '../../contract/wire/socket-transport.ts';
import type { Studio } from '../studio/create-studio.ts';
import { createContentHandler, plain } from '../studio/serving/content.ts';
import { createAccess, isOwnHost, isOwnOrigin } from './access.ts';

export interface ServerOptions {
  readonly studio: Pick<Studio, 'serve' | 'resolveAsset'>;
  /** The built window. */
  readonly rendererFolder: string;
  /** 0 picks a free one. */
  readonly port: number;
}

export interface RunningServer {
  /** With the one-time token; opens the window. */
  readonly url: string;
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
const pingEveryMs = 30_000;
const maxConnections = 32;

/** @throws {StudioError} `port-taken` */
export async function startServer({
  studio,
  rendererFolder,
  port,
}: ServerOptions): Promise<RunningServer> {
  const serveContent = createContentHandler({ rendererFolder, resolveAsset: studio.resolveAsset });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxFrameBytes,
    perMessageDeflate: false,
  });
  const server = createServer((request, response) => {
    respond(request)
      .catch((error: unknown) => plain(500, StudioError.from(error).message))
      .then((answer) => write(answer, response))
      // The browser went away in mid-answer.
      .catch(() => response.destroy());
  });
  const ownPort = await listen(server, port);
  const access = createAccess(ownPort);
  const stopPinging = keepAlive(sockets);

  async function respond(request: IncomingMessage): Promise<Response> {
    const refusal = refusalOf(request, { originRequired: false });
    if (refusal) return refusal;
    // Joined as text: `//name` would otherwise be taken for another host.
    const url = new URL(`http://${loopback}:${ownPort}${request.url ?? '/'}`);
    const signedIn = access.holdsSession(request.headers.cookie);
    const token = url.searchParams.get('token');
    if (url.pathname === '/' && token !== null) {
      const cookie = access.exchange(token);
      if (cookie === null && !signedIn) return unauthorised();
      return plain(303, 'Opening Atelier.', {
        Location: '/',
        ...(cookie === null ? {} : { 'Set-Cookie': cookie }),
      });
    }
    if (!signedIn) return unauthorised();
    return serveContent(
      new Request(url, { method: request.method ?? 'GET', headers: headersOf(request) }),
    );
  }

  function refusalOf(
    { headers }: IncomingMessage,
    { originRequired }: { readonly originRequired: boolean },
  ): Response | null {
    if (!isOwnHost(headers.host, ownPort))
      return plain(403, 'Atelier answers only under its own address.');
    if (!isOwnOrigin(headers.origin, ownPort, { required: originRequired }))
      return plain(403, 'Atelier answers only its own pages.');
    return null;
  }

  server.on('upgrade', (request, socket, head) => {
    const refusal =
      refusalOf(request, { originRequired: true }) ??
      (access.holdsSession(request.headers.cookie) ? null : unauthorised()) ??
      (request.url === '/rpc' ? null : plain(404, 'There is nothing at this address.')) ??
      (sockets.clients.size < maxConnections ? null : plain(503, 'Too many windows are open.'));
    if (refusal) refuseUpgrade(socket, refusal.status);
    else sockets.handleUpgrade(request, socket, head, (webSocket) => connect(webSocket));
  });

  function connect(webSocket: WebSocket): void {
    studio.serve(createSocketTransport(webSocket));
  }

  return {
    url: `http://${loopback}:${ownPort}/?token=${access.token}`,
    port: ownPort,
    async close() {
      stopPinging();
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new StudioError(
              'port-taken',
              `Port ${port} cannot be used: another program has it, or it needs more rights. Choose another with --port, or leave it out.`,
              { port },
            )
          : error,
      );
    });
    server.listen(port, loopback, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new StudioError('internal', 'The server has no port.'));
    });
  });
}

/** Ends connections whose other end is gone without having said so. */
function keepAlive(sockets: WebSocketServer): () => void {
  const silent = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const client of sockets.clients) {
      if (silent.has(client)) client.terminate();
      silent.add(client);
      client.once('pong', () => silent.delete(client));
      client.ping();
    }
  }, pingEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

function headersOf({ headers }: IncomingMessage): Headers {
  const own = new Headers();
  for (const name of ['range', 'if-range', 'if-none-match'] as const) {
    const value = headers[name];
    if (typeof value === 'string') own.set(name, value);
  }
  return own;
}

async function write(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body) await pipeline(Readable.fromWeb(answer.body), response);
  else response.end();
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function unauthorised(): Response {
  return plain(
    401,
    'This address is not valid any more. Use the one that Atelier printed when it started, or start it again.',
  );
}
