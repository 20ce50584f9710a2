/** Answers of a registry to an upload. */
import type { HostileCase } from '../case.ts';
import { type Answer, answering, checkPush, HEX, pushBlob, pushManifest } from './registry.ts';

const session =
  (put: Answer, get: Answer = { status: 404 }) =>
  (path: string, method: string): Answer | undefined => {
    if (method === 'POST') return { status: 202, headers: { location: '/v2/acme/app/blobs/uploads/1' } };
    if (method === 'PUT') return put;
    return method === 'GET' && path.includes('/uploads/') ? get : { status: 404 };
  };

export const writing: readonly HostileCase[] = [
  answering(
    'stores another blob',
    pushBlob,
    session({ status: 201, headers: { 'docker-content-digest': `sha256:${HEX}` } }),
  ),
  answering('stores another manifest', pushManifest, (_, method) =>
    method === 'PUT' ? { status: 201, headers: { 'docker-content-digest': `sha256:${HEX}` } } : { status: 404 },
  ),
  answering('has a blob of another size already', pushBlob, () => ({
    status: 200,
    headers: { 'content-length': '1' },
  })),
  ...['0-99999', 'bytes=0-99999', '99999'].map((range) =>
    answering(
      `says that it has ${range} of a smaller blob`,
      pushBlob,
      session({ status: 503 }, { status: 204, headers: { range, location: '/v2/acme/app/blobs/uploads/1' } }),
    ),
  ),
  ...['', '-5--1', 'x', '5', '0-1e9', '9'.repeat(40)].map((range) =>
    answering(
      `says that it has ${JSON.stringify(range)} of a blob`,
      pushBlob,
      session({ status: 503 }, { status: 204, headers: { range } }),
    ),
  ),
  ...[200, 202, 203, 302, 400, 403, 409, 411, 413, 415, 422, 500, 507].map((status) =>
    answering(`answers ${status} at the end of an upload`, pushBlob, session({ status })),
  ),
  ...[200, 201, 204, 400, 404, 405, 409, 429].map((status) =>
    answering(`answers ${status} when an upload begins`, checkPush, (_, method) =>
      method === 'POST' ? { status } : { status: 404 },
    ),
  ),
];
