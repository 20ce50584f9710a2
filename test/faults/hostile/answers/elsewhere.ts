/** Where a registry sends reads and writes. */
import type { HostileCase } from '../case.ts';
import { answering, fetchBlob, pushBlob, pushManifest } from './registry.ts';

export const elsewhere: readonly HostileCase[] = [
  ...(
    [
      'file:///etc/passwd',
      'ftp://127.0.0.1/x',
      'javascript:alert(1)',
      'data:text/plain,a%20layer%20of%20some%20bytes',
      'http://user:pass@127.0.0.1:1/x',
      'http://',
      'https://[::1',
      '//',
      'unix:/var/run/docker.sock',
      'http://127.0.0.1:1/x',
      'gopher://127.0.0.1:6379/_FLUSHALL',
    ] as const
  ).flatMap((location) => [
    answering(`sends a read to ${location}`, fetchBlob, (path) =>
      path === '/v2/' ? undefined : { status: 307, headers: { location } },
    ),
    answering(`sends an upload to ${location}`, pushBlob, (_, method) =>
      method === 'POST' ? { status: 202, headers: { location } } : { status: 404 },
    ),
  ]),
  answering('sends a read round and round', fetchBlob, (path) => ({ status: 302, headers: { location: path } })),
  answering('sends a read on and on', fetchBlob, (path) => ({ status: 302, headers: { location: `${path}x` } })),
  answering('sends a read nowhere', fetchBlob, () => ({ status: 302 })),
  answering('sends an upload nowhere', pushBlob, (_, method) =>
    method === 'POST' ? { status: 202 } : { status: 404 },
  ),
  answering('sends what is written elsewhere', pushManifest, (path, method) =>
    method === 'PUT' ? { status: 307, headers: { location: `${path}?again` } } : { status: 404 },
  ),
];
