/** Answers of a registry for a blob, a manifest or an image. */
import { MediaType } from '@tidegate/core';
import type { HostileCase } from '../case.ts';
import { answering, endless, fetchBlob, fetchManifest, MANIFEST, manifestHeaders, pull } from './registry.ts';

export const reading: readonly HostileCase[] = [
  ...(
    [
      ['other bytes', 'an other of some bytes'.slice(0, 21)],
      ['fewer bytes', 'a layer'],
      ['more bytes', 'a layer of some bytes and more'],
      ['no bytes', ''],
      ['gzip of them', Buffer.from('1f8b08000000000000034b54c84954282f4a2d56', 'hex')],
      ['bytes without end', endless],
    ] as const
  ).flatMap(([what, body]) => [
    answering(`serves a blob as ${what}`, fetchBlob, () => ({ status: 200, body })),
    answering(`serves a manifest as ${what}`, fetchManifest, () => ({ status: 200, headers: manifestHeaders, body })),
    answering(`serves an image as ${what}`, pull, (_, method) => ({
      status: 200,
      headers: manifestHeaders,
      ...(method === 'HEAD' ? {} : { body }),
    })),
  ]),
  ...[MediaType.index, MediaType.dockerManifest, 'text/plain', ''].map((type) =>
    answering(`serves a manifest under the type ${JSON.stringify(type)}`, fetchManifest, () => ({
      status: 200,
      headers: { 'content-type': type },
      body: MANIFEST.bytes,
    })),
  ),
];
