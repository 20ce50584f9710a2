/** Lists of referrers that a registry returns. */
import { MediaType } from '@tidegate/core';
import type { HostileCase } from '../case.ts';
import { answering, endless, HEX, referrers } from './registry.ts';

const index = (value: unknown) => ({
  status: 200,
  headers: { 'content-type': MediaType.index },
  body: typeof value === 'string' ? value : JSON.stringify(value),
});
const entry = {
  mediaType: MediaType.manifest,
  digest: `sha256:${HEX}`,
  size: 2,
  artifactType: 'application/x',
  annotations: {},
};

export const listing: readonly HostileCase[] = [
  ...(
    [
      ['no JSON', '<html>'],
      ['null', 'null'],
      ['a list', '[]'],
      ['an object without a list', '{}'],
      ['a layer', { schemaVersion: 2, layers: [], manifests: [] }],
      ['entries twice over', '{"schemaVersion":2,"manifests":[],"manifests":[]}'],
      ['an entry that is null', { schemaVersion: 2, manifests: [null] }],
      ['an entry whose digest climbs', { schemaVersion: 2, manifests: [{ ...entry, digest: 'sha256:../..' }] }],
      ['an entry of negative size', { schemaVersion: 2, manifests: [{ ...entry, size: -1 }] }],
      ['ten thousand entries', { schemaVersion: 2, manifests: Array.from({ length: 10_000 }, () => entry) }],
      ['two million brackets', '['.repeat(2_000_000)],
      ['a subject', { schemaVersion: 2, manifests: [], subject: 5 }],
    ] as const
  ).map(([what, body]) => answering(`lists referrers as ${what}`, referrers, () => index(body))),
  answering('lists referrers without end', referrers, () => ({
    status: 200,
    headers: { 'content-type': MediaType.index },
    body: endless,
  })),
  answering('lists referrers on page after page', referrers, (path) => {
    const next = Number(/last=(\d+)/.exec(path)?.[1] ?? 0) + 1;
    return {
      ...index({ schemaVersion: 2, manifests: [] }),
      headers: { 'content-type': MediaType.index, link: `<${path.split('?')[0]}?last=${next}>; rel="next"` },
    };
  }),
  answering('has the next page of referrers on another host', referrers, () => ({
    ...index({ schemaVersion: 2, manifests: [] }),
    headers: { 'content-type': MediaType.index, link: '<http://127.0.0.1:1/v2/x>; rel="next"' },
  })),
];
