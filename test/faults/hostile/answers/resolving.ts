/** Answers of a registry for a tag or a digest. */
import { MediaType } from '@tidegate/core';
import type { HostileCase } from '../case.ts';
import { answering, endless, HEX, MANIFEST, manifestHeaders, resolve, resolveDigest } from './registry.ts';

export const resolving: readonly HostileCase[] = [
  ...(
    [
      ['no content type', {}],
      ['a type of no manifest', { 'content-type': 'application/json' }],
      ['a type of HTML', { 'content-type': 'text/html; charset=utf-8' }],
      ['two types', { 'content-type': `${MediaType.manifest}, ${MediaType.index}` }],
      ['a type of ten thousand letters', { 'content-type': 'x'.repeat(10_000) }],
    ] as const
  ).map(([what, headers]) =>
    answering(`names a tag’s manifest with ${what}`, resolve, () => ({
      status: 200,
      headers: { 'docker-content-digest': MANIFEST.descriptor.digest, 'content-length': '5', ...headers },
    })),
  ),
  ...(
    [
      ['another', `sha256:${HEX}`],
      ['one in capitals', MANIFEST.descriptor.digest.toUpperCase()],
      ['one that climbs', 'sha256:../../etc/passwd'],
      ['one of md5', `md5:${'a'.repeat(32)}`],
      ['two', `${MANIFEST.descriptor.digest}, ${MANIFEST.descriptor.digest}`],
    ] as const
  ).map(([what, digest]) =>
    answering(`asked for a digest names ${what}`, resolveDigest, () => ({
      status: 200,
      headers: { ...manifestHeaders, 'docker-content-digest': digest, 'content-length': '5' },
      body: 'other',
    })),
  ),
  ...[100_000_000, 5_000_000].map((length) =>
    answering(
      `has a manifest of ${length} bytes`,
      async (registry) => registry.fetchBytes(await registry.resolve('v1')),
      () => ({
        status: 200,
        headers: {
          ...manifestHeaders,
          'docker-content-digest': MANIFEST.descriptor.digest,
          'content-length': String(length),
        },
        body: endless,
      }),
    ),
  ),
  answering('has a manifest without end behind a tag', resolve, (_, method) =>
    method === 'HEAD' ? { status: 200 } : { status: 200, headers: manifestHeaders, body: endless },
  ),
  ...[204, 206, 300, 304, 402, 406, 410, 418, 451, 500, 501, 503, 505, 599].map((status) =>
    answering(`answers ${status} when asked for a tag`, resolve, () => ({ status })),
  ),
];
