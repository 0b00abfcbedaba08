import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { call } from '../../contract/rpc.ts';
import { StudioError } from '../../contract/errors.ts';
import { createClient } from '../../contract/wire/client.ts';
import { serve } from '../../contract/wire/server.ts';
import { createSocketTransport } from '../../contract/wire/socket-transport.ts';
import { z } from 'zod';
import { startServer, type RunningServer } from './start-server.ts';

const contract = { 'echo.text': call(z.string(), z.string()) } as const;
const imageId = '00000000-0000-4000-8000-000000000001';

let folder: string;
let server: RunningServer;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'atelier-server-'));
  await mkdir(path.join(folder, 'window/assets'), { recursive: true });
  await writeFile(path.join(folder, 'window/index.html'), '<!doctype html><title>Atelier</title>');
  await writeFile(path.join(folder, 'window/assets/main-abcd1234.js'), 'export {};');
  await writeFile(path.join(folder, 'secret.json'), '{"secret":true}');
  await writeFile(path.join(folder, 'picture.png'), '0123456789');
  await symlink(path.join(folder, 'secret.json'), path.join(folder, 'window/link.json'));
  server = await startServer({
    studio: {
      serve: (transport) => serve(contract, { 'echo.text': async (text) => text }, transport),
      resolveAsset: async (kind, id) => {
        if (kind !== 'image' || id !== imageId)
          throw new StudioError('not-found', 'No such picture.');
        return { path: path.join(folder, 'picture.png'), contentType: 'image/png', etag: 'abc' };
      },
    },
    rendererFolder: path.join(folder, 'window'),
    port: 0,
  });
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A request whose path goes out exactly as written: `fetch` would tidy it up. */
async function get(
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  const outgoing = httpRequest({
    host: '127.0.0.1',
    port: server.port,
    path: target,
    method,
    headers,
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body };
}

async function signIn(): Promise<{ Cookie: string }> {
  const { search } = new URL(server.url);
  const { headers } = await get(`/${search}`);
  return { Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

describe('the loopback host', () => {
  it('exchanges its token for a cookie once, and serves the window to the cookie alone', async () => {
    const { search } = new URL(server.url);
    const first = await get(`/${search}`);
    expect(first).toMatchObject({ status: 303, headers: { location: '/' } });
    expect(first.headers['set-cookie']?.[0]).toMatch(/HttpOnly; SameSite=Strict/);
    expect((await get(`/${search}`)).status).toBe(401);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await get('/', { Cookie: cookie })).body).toContain('<title>Atelier</title>');
    expect((await get(`/${search}`, { Cookie: cookie })).status).toBe(303);
    expect((await get('/')).status).toBe(401);
    expect((await get('/', { Cookie: `${cookie}x` })).status).toBe(401);
    expect((await get('/?token=wrong')).status).toBe(401);
  });

  it('sends a strict policy with everything', async () => {
    const cookie = await signIn();
    for (const target of ['/', `/asset/image/${imageId}`, '/nothing']) {
      const { headers } = await get(target, cookie);
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
  });

  it('refuses other host names and origins, as a rebound name or a foreign page would send', async () => {
    const cookie = await signIn();
    expect((await get('/', { ...cookie, Host: 'evil.example' })).status).toBe(403);
    expect((await get('/', { ...cookie, Host: `evil.example:${server.port}` })).status).toBe(403);
    expect((await get('/', { ...cookie, Origin: 'http://evil.example' })).status).toBe(403);
    expect((await get('/', { ...cookie, Host: `localhost:${server.port}` })).status).toBe(200);
  });

  it.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/../../secret.json',
    '/assets%5c..%5c..%5csecret.json',
    '//secret.json',
    '/link.json',
    '/%00secret.json',
    '/%ff',
    '/.hidden.json',
    '/asset/image/../../secret.json',
    '/asset/image/no-id',
    `/asset/thumbnail/${imageId}`,
  ])('answers %s with nothing', async (target) => {
    const { status, body } = await get(target, await signIn());
    expect(status).toBe(404);
    expect(body).not.toContain('secret"');
  });

  it('serves parts of files, validators, and only reading', async () => {
    const cookie = await signIn();
    const target = `/asset/image/${imageId}`;
    const whole = await get(target, cookie);
    expect(whole).toMatchObject({
      status: 200,
      body: '0123456789',
      headers: { etag: '"abc"', 'content-type': 'image/png' },
    });
    expect(await get(target, { ...cookie, Range: 'bytes=2-4' })).toMatchObject({
      status: 206,
      body: '234',
      headers: { 'content-range': 'bytes 2-4/10' },
    });
    expect(await get(target, { ...cookie, Range: 'bytes=-3' })).toMatchObject({
      status: 206,
      body: '789',
    });
    expect(await get(target, { ...cookie, Range: 'bytes=10-' })).toMatchObject({
      status: 416,
      headers: { 'content-range': 'bytes */10' },
    });
    expect(await get(target, { ...cookie, Range: 'bytes=0-1,4-5' })).toMatchObject({
      status: 200,
      body: '0123456789',
    });
    expect((await get(target, { ...cookie, 'If-None-Match': '"abc"' })).status).toBe(304);
    expect(await get(target, cookie, 'HEAD')).toMatchObject({
      status: 200,
      body: '',
      headers: { 'content-length': '10' },
    });
    expect((await get(target, cookie, 'POST')).status).toBe(405);
    expect((await get('/assets/main-abcd1234.js', cookie)).headers['cache-control']).toContain(
      'immutable',
    );
  });

  it('says that a port is taken, and what to do', async () => {
    await expect(
      startServer({
        studio: { serve: () => {}, resolveAsset: () => Promise.reject(new Error()) },
        rendererFolder: folder,
        port: server.port,
      }),
    ).rejects.toMatchObject({ code: 'port-taken', message: expect.stringContaining('--port') });
  });
});

describe("the loopback host's socket", () => {
  const open = (headers: Record<string, string>, target = '/rpc') =>
    new WebSocket(`ws://127.0.0.1:${server.port}${target}`, { headers });

  async function refusalOf(socket: WebSocket): Promise<string> {
    const [error] = (await once(socket, 'error')) as [Error];
    return error.message;
  }

  it('carries the contract for a page that holds the cookie', async () => {
    const socket = open({ ...(await signIn()), Origin: `http://127.0.0.1:${server.port}` });
    await once(socket, 'open');
    const client = createClient(contract, createSocketTransport(socket));
    expect(await client['echo.text']('猫')).toBe('猫');
  });

  it('refuses a missing cookie, a foreign or missing origin, and other addresses', async () => {
    const cookie = await signIn();
    const own = { Origin: `http://127.0.0.1:${server.port}` };
    expect(await refusalOf(open(own))).toContain('401');
    expect(await refusalOf(open({ ...cookie, Origin: 'http://evil.example' }))).toContain('403');
    expect(await refusalOf(open(cookie))).toContain('403');
    expect(await refusalOf(open({ ...cookie, ...own }, '/other'))).toContain('404');
  });

  it('closes a connection that sends text, garbage or too much, and goes on for the others', async () => {
    const headers = { ...(await signIn()), Origin: `http://127.0.0.1:${server.port}` };
    const good = open(headers);
    await once(good, 'open');
    const client = createClient(contract, createSocketTransport(good));
    for (const message of ['text', Buffer.from([9, 9, 9]), Buffer.alloc(64 * 2 ** 20 + 1)]) {
      const bad = open(headers);
      await once(bad, 'open');
      bad.on('error', () => {});
      bad.send(message);
      await once(bad, 'close');
    }
    expect(await client['echo.text']('still here')).toBe('still here');
  });

  it('rejects what is pending when the host closes', async () => {
    const socket = open({ ...(await signIn()), Origin: `http://127.0.0.1:${server.port}` });
    await once(socket, 'open');
    const client = createClient(contract, createSocketTransport(socket));
    await server.close();
    await vi.waitFor(() =>
      expect(client['echo.text']('x')).rejects.toMatchObject({ code: 'disconnected' }),
    );
  });
});
