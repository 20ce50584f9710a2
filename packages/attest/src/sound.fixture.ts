/** Valid evidence, which each test damages in one place. Reports and documents are the tools' own output, shortened. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Digest, digestOf } from '@tidegate/core';
import type { ScanRun } from './predicates/scan.ts';
import { keySigner } from './sign/key-signer.ts';

export const IMAGE = digestOf('an image');
export const OTHER_IMAGE = digestOf('another image');
/** The image of testdata/grype.json. */
export const SCANNED = 'sha256:b9560249afc750014a312c8606ed976a977512a8831229356025b8faced2d506' as Digest;
/** The image of testdata/syft.json. */
export const CATALOGED = 'sha256:da0cd30b7e661ff26a21cc1076ee24b26887d48c2ae62f3dab11fabbfdeb4a71' as Digest;

export const RUN: ScanRun = {
  sbom: digestOf('an SBOM'),
  threshold: 'high',
  tripped: true,
  onlyFixed: false,
  database: { source: 'https://grype.example/databases', checksum: digestOf('an archive') },
  program: {
    name: 'grype',
    digest: digestOf('grype.tar.gz'),
    release: 'https://github.com/anchore/grype/releases/download/v0.119.0/grype.tar.gz',
  },
  startedOn: new Date('2026-11-24T20:55:40Z'),
  finishedOn: new Date('2026-11-24T20:55:50Z'),
};

/** A deep copy each time, so that a test may modify it. */
// biome-ignore lint/suspicious/noExplicitAny: tests reach into documents of foreign shape
export function recorded(name: string): any {
  return JSON.parse(readFileSync(new URL(`../testdata/${name}.json`, import.meta.url), 'utf8'));
}

export function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

// biome-ignore lint/suspicious/noExplicitAny: as above
export function parsed(bytes: Uint8Array): any {
  return JSON.parse(Buffer.from(bytes).toString());
}

export function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export function newSigner() {
  return keySigner(newKey());
}
