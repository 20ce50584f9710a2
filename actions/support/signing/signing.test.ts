import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makeBundle, signatureStatement, verifyBundle } from '@tidegate/attest';
import type { Services } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { signingOf } from './signing.ts';

/** Output of a real Sigstore, whose trusted root has a log and a timestamp authority. */
const RECORDED = JSON.parse(
  await readFile(new URL('../../../packages/attest/testdata/sigstore.json', import.meta.url), 'utf8'),
);
const bundle = (name: string) => structuredClone(RECORDED.bundles[name]);
const recorded = Buffer.from(bundle('keyless').verificationMaterial.certificate.rawBytes, 'base64');
const { publicKey, validFromDate } = new X509Certificate(recorded);
const NOW = new Date(validFromDate.getTime() + 30_000);

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-signing-'));
  const service = (url: string, majorApiVersion: number) => ({
    ...{ url, majorApiVersion, operator: 'o', validFor: { start: '2020-01-01T00:00:00Z' } },
  });
  const config = {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('https://fulcio.example.org', 1)],
    ...{ rekorTlogUrls: [service('https://rekor.example.org', 2)], rekorTlogConfig: { selector: 'ANY' } },
    ...{ tsaUrls: [service('https://timestamps.example.org/api/v1/timestamp', 1)], tsaConfig: { selector: 'ANY' } },
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(join(folder, 'root.json'), JSON.stringify(RECORDED.trustedRoot));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const TOKEN = `${part({})}.${part({ aud: 'sigstore', sub: 'a', exp: NOW.getTime() / 1000 + 600 })}.x`;

/** The recorded certificate for another key: its claims are read, and its signature is not. */
function certificateFor(pem: string): string {
  const der = (key: X509Certificate['publicKey']) => key.export({ type: 'spki', format: 'der' });
  const bytes = Buffer.from(recorded);
  const wanted = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  wanted.copy(bytes, bytes.indexOf(der(publicKey)));
  return `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

/** A keyless signing. Fulcio answers, and every other server refuses. */
async function keyless(witness: readonly string[]) {
  const asked: string[] = [];
  const fetch = async (url: string | URL, init?: RequestInit) => {
    const { hostname } = new URL(url);
    asked.push(hostname);
    if (hostname !== 'fulcio.example.org') return new Response('', { status: 400 });
    const { publicKeyRequest } = JSON.parse(String(init?.body));
    const certificates = [certificateFor(publicKeyRequest.publicKey.content)];
    return Response.json({ signedCertificateEmbeddedSct: { chain: { certificates } } });
  };
  const log = { notice: () => {}, warning: () => {}, mask: () => {} };
  const job = { workspace: folder, env: {}, clock: () => NOW, log, network: { fetch } };
  const inputs = {
    ...({ signing: '', 'public-log': 'refuse', 'on-outage': 'fail', 'outage-patience': undefined } as const),
    ...{ key: '', 'key-password': '', 'identity-token': TOKEN, witness },
    ...{ 'signing-config': 'config.json', 'trusted-root': 'root.json' },
  };
  const world = { ...job, signal: new AbortController().signal } as unknown as Job;
  const { trust, signer, witnesses } = await (await signingOf(inputs, world))({} as Services);
  return {
    /** Whether an image with this signature would be published. */
    publishes: (of: object) => {
      try {
        return verifyBundle(Buffer.from(JSON.stringify(of)), trust, RECORDED.image).signer.name !== '';
      } catch {
        return false;
      }
    },
    /** The servers that a signature asks. */
    async askedToSign() {
      asked.length = 0;
      await expect(makeBundle(signatureStatement(RECORDED.image).bytes, signer, witnesses)).rejects.toThrow();
      return asked;
    },
  };
}

test('with witness: timestamp, a signature needs a timestamp, and no entry in the log of the trusted root', async () => {
  const { publishes, askedToSign } = await keyless(['timestamp']);
  expect(await askedToSign()).toEqual(['timestamps.example.org']);
  expect(publishes(bundle('noLog'))).toBe(true);
  const inLog = bundle('keyless');
  inLog.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [] };
  expect(publishes(inLog)).toBe(false);
});

test('with witness: rekor, a signature needs an entry in the log', async () => {
  const { publishes, askedToSign } = await keyless(['rekor']);
  expect(await askedToSign()).toEqual(['rekor.example.org']);
  expect(publishes(bundle('noLog'))).toBe(false);
});

test('without witness, a signature needs what the trusted root has: an entry in its log', async () => {
  const { publishes } = await keyless([]);
  expect(publishes(bundle('keyless'))).toBe(true);
  expect(publishes(bundle('noLog'))).toBe(false);
});
