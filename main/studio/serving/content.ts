/**
 * What the window loads: its own files and the library's pictures, the same for both hosts.
 *
 * Promises: only GET and HEAD, only below the two roots, every answer with the strict headers; a
 * file that is gone is a 404 and never an exception.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { StudioError } from '../../../contract/errors.ts';
import type { ThumbnailSize } from '../../../contract/thumbnail-sizes.ts';
import { parseAssetAddress, type AssetKind } from '../library/asset-address.ts';
import { parseByteRange } from './byte-range.ts';
import { findStaticFile } from './static-file.ts';

export interface ContentOptions {
  /** The built window. */
  readonly rendererFolder: string;
  readonly resolveAsset: (
    kind: AssetKind,
    id: string,
    thumbnailSize: ThumbnailSize,
  ) => Promise<{ readonly path: string; readonly contentType: string; readonly etag: string }>;
}

interface Resource {
  readonly path: string;
  readonly contentType: string;
  readonly etag: string;
  readonly cacheControl: string;
}

/** No scripts, styles or connections but the page's own; nothing may embed it. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const strictHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': contentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
};

/** A picture's bytes never change under its id. */
const immutable = 'private, max-age=31536000, immutable';
const revalidate = 'private, no-cache';

export function createContentHandler(
  options: ContentOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return plain(405, 'Only GET and HEAD are possible here.', { Allow: 'GET, HEAD' });
    const { pathname } = new URL(request.url);
    const resource = await find(pathname, options);
    return resource ? answer(request, resource) : plain(404, 'There is nothing at this address.');
  };
}

async function find(
  pathname: string,
  { rendererFolder, resolveAsset }: ContentOptions,
): Promise<Resource | null> {
  if (pathname.startsWith('/asset/')) {
    const address = parseAssetAddress(pathname);
    if (!address) return null;
    try {
      const asset = await resolveAsset(address.kind, address.id, address.thumbnailSize);
      return { ...asset, etag: quoted(asset.etag), cacheControl: immutable };
    } catch (error) {
      if (StudioError.from(error).code === 'internal') throw error;
      return null;
    }
  }
  const file = await findStaticFile(rendererFolder, pathname);
  return file && { ...file, cacheControl: file.immutable ? immutable : revalidate };
}

async function answer(
  request: Request,
  { path, contentType, etag, cacheControl }: Resource,
): Promise<Response> {
  const headers = {
    ...strictHeaders,
    'Content-Type': contentType,
    'Cache-Control': cacheControl,
    ETag: etag,
    'Accept-Ranges': 'bytes',
  };
  if (matches(request.headers.get('If-None-Match'), etag))
    return new Response(null, { status: 304, headers });
  const sizeBytes = await stat(path).then(
    ({ size }) => size,
    () => null,
  );
  if (sizeBytes === null) return plain(404, 'The file behind this address is gone.');
  // A range of another version than the one the client holds would mix two files.
  const ifRange = request.headers.get('If-Range');
  const range = parseByteRange(
    ifRange === null || ifRange === etag ? request.headers.get('Range') : null,
    sizeBytes,
  );
  switch (range.kind) {
    case 'unsatisfiable':
      return plain(416, 'The file is shorter than that.', {
        'Content-Range': `bytes */${sizeBytes}`,
      });
    case 'part': {
      const length = range.last - range.first + 1;
      return new Response(
        request.method === 'HEAD' ? null : streamOf(path, range.first, range.last),
        {
          status: 206,
          headers: {
            ...headers,
            'Content-Length': String(length),
            'Content-Range': `bytes ${range.first}-${range.last}/${sizeBytes}`,
          },
        },
      );
    }
    case 'whole':
      return new Response(
        request.method === 'HEAD' || sizeBytes === 0 ? null : streamOf(path, 0, sizeBytes - 1),
        {
          headers: { ...headers, 'Content-Length': String(sizeBytes) },
        },
      );
    default:
      return range satisfies never;
  }
}

function streamOf(path: string, first: number, last: number): ReadableStream {
  return Readable.toWeb(createReadStream(path, { start: first, end: last }));
}

function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  return ifNoneMatch
    .split(',')
    .some((candidate) => candidate.trim() === '*' || candidate.trim().replace(/^W\//, '') === etag);
}

function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}

/** A short answer for people, with the strict headers. */
export function plain(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(`${text}\n`, {
    status,
    headers: {
      ...strictHeaders,
      'Content-Type': 'text/plain; charset=utf-8',
      'Cache-Control': 'no-store',
      ...headers,
    },
  });
}
