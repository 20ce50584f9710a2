/** Certificates as Fulcio issues them, by authorities of openssl; test/attacks has the real Fulcio. */
import { createPrivateKey, sign, X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { authority } from '@tidegate/testkit';
import { signBundle } from '../bundle/bundle.ts';
import type { KeylessSigner } from '../sign/fulcio.ts';
import { newSigner } from '../sound.fixture.ts';
import { makeStatement } from '../statement/statement.ts';
import { provenChecked, readChecked, verifyChecked } from './checked.ts';

const SUITE = 'https://github.com/tidegate/tidegate/.github/workflows';
const CHECKS = `${SUITE}/commit-to-registry.yml@refs/tags/v1`;
const PUBLISHES = `${SUITE}/publish.yml@refs/tags/v1`;
const RUN = 'https://github.com/acme/app/actions/runs/7';
/** Arcs of fulcio docs/oid-info.md. */
const CLAIMS = {
  8: 'https://token.actions.githubusercontent.com',
  10: 'a'.repeat(40),
  11: 'github-hosted',
  12: 'https://github.com/acme/app',
  13: 'b'.repeat(40),
  14: 'refs/heads/main',
  15: '1296269',
  18: 'https://github.com/acme/app/.github/workflows/ship.yml@refs/heads/main',
  20: 'push',
  21: `${RUN}/attempts/1`,
};

let folder: string;
let ours: Awaited<ReturnType<typeof authority>>;
let theirs: typeof ours;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checked-'));
  ours = await authority(await mkdtemp(join(folder, 'ours-')));
  theirs = await authority(await mkdtemp(join(folder, 'theirs-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Job {
  readonly subject: string;
  readonly claims?: Readonly<Record<number, string | undefined>>;
  readonly by?: typeof ours;
}

let issued = 0;
async function signerOf({ subject, claims = {}, by = ours }: Job): Promise<KeylessSigner> {
  const all = Object.entries({ ...CLAIMS, 9: subject, ...claims }).filter(([, value]) => value !== undefined);
  const lines = [
    `URI:${subject}`,
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=codeSigning',
    ...all.map(([arc, value]) => `1.3.6.1.4.1.57264.1.${arc}=ASN1:UTF8String:${value}`),
  ];
  const { key, cert } = await by.issue(`job-${++issued}`, lines.join('\n'));
  const der = new X509Certificate(cert).raw;
  return {
    identity: subject,
    certificate: der,
    issuer: new X509Certificate(by.pem).raw,
    sign: async (pae) => ({
      signature: sign('sha256', pae, createPrivateKey(key)),
      material: { kind: 'certificate', der },
    }),
  };
}

const IMAGE = digestOf('image');
const MEMBERS = { digest: IMAGE, 'layout-digest': digestOf('layout'), 'exact-tags': 'raw=main', 'artifact-id-1': null };
const CHECKED = readChecked(JSON.stringify(MEMBERS));
const checks = (job: Partial<Job> = {}) => signerOf({ subject: CHECKS, ...job });
const publishes = (job: Partial<Job> = {}) => signerOf({ subject: PUBLISHES, ...job });
const refused = (why: RegExp | string) =>
  expect.objectContaining({ id: 'checked-not-proven', message: expect.stringMatching(why) });

async function verifying(text: string, job: Partial<Job> = {}) {
  await verifyChecked(readChecked(text), await publishes(job));
}

test('what commit-to-registry.yml checked in this run is signed, also by a later attempt', async () => {
  const text = await provenChecked(CHECKED, await checks());
  await verifying(text);
  await verifying(text, { claims: { 21: `${RUN}/attempts/2` } });
  expect(readChecked(text)).toMatchObject({ digest: IMAGE, members: MEMBERS });
});

describe('nothing is signed that', () => {
  test.each<[string, (proven: Readonly<Record<string, unknown>>) => object, RegExp]>([
    ['has no proof', ({ proof: _, ...rest }) => rest, /no proof/],
    ['has a null for its proof', (all) => ({ ...all, proof: null }), /no proof/],
    ['has another value', (all) => ({ ...all, 'exact-tags': 'raw=latest' }), /other values/],
    ['has one value more', (all) => ({ ...all, Digest: IMAGE }), /other values/],
    ['has one value less', ({ 'layout-digest': _, ...rest }) => rest, /other values/],
    ['has a proof that is none', (all) => ({ ...all, proof: 'e30=' }), /cannot be read/],
  ])('%s', async (_, change, why) => {
    const text = await provenChecked(CHECKED, await checks());
    await expect(verifying(JSON.stringify(change(JSON.parse(text))))).rejects.toThrow(refused(why));
  });

  test.each<[string, Partial<Job>, RegExp]>([
    ['a job of the caller proves', { subject: CLAIMS[18] }, /not by .*commit-to-registry\.yml@refs\/tags\/v1/],
    ['publish.yml proves itself', { subject: PUBLISHES }, /not by .*commit-to-registry\.yml/],
    [
      'a workflow of the same name in another repository proves',
      { subject: CHECKS.replace('tidegate/tidegate', 'mallory/tidegate') },
      /mallory/,
    ],
    ['another version of the workflow proves', { subject: CHECKS.replace('v1', 'v0') }, /v0/],
    ['names a second workflow in its certificate', { claims: { 9: PUBLISHES } }, /not by/],
    ['is another subject in its certificate', { subject: PUBLISHES, claims: { 9: CHECKS } }, /by .*publish\.yml/],
    ['another commit of the workflow proves', { claims: { 10: 'c'.repeat(40) } }, /buildSignerDigest/],
    ['was checked on a runner of the caller', { claims: { 11: 'self-hosted' } }, /runnerEnvironment .* self-hosted/],
    ['was checked in another repository', { claims: { 12: 'https://github.com/mallory/app' } }, /sourceRepository/],
    ['was checked at another commit', { claims: { 13: 'c'.repeat(40) } }, /sourceDigest/],
    ['was checked on another branch', { claims: { 14: 'refs/heads/other' } }, /sourceRef/],
    ['was checked for another event', { claims: { 20: 'pull_request' } }, /buildTrigger/],
    ['was checked in another run', { claims: { 21: `${RUN}1/attempts/1` } }, /run .*71, and not of .*7\./],
    ['names no run', { claims: { 21: undefined } }, /run undefined/],
    ['another issuer vouches for', { claims: { 8: 'https://issuer.example' } }, /signer of https:\/\/issuer\.example/],
  ])('%s', async (_, job, why) => {
    await expect(verifying(await provenChecked(CHECKED, await checks(job)))).rejects.toThrow(refused(why));
  });

  test('an authority of the caller certified, whatever this job is told to trust', async () => {
    const text = await provenChecked(CHECKED, await checks({ by: theirs }));
    await expect(verifying(text)).rejects.toThrow(refused(/Another authority/));
    const own = await publishes();
    // The server that relays the certificate of this job names its own issuer.
    const relayed = { ...own, issuer: new X509Certificate(theirs.pem).raw };
    await expect(verifyChecked(readChecked(text), relayed)).rejects.toThrow(refused(/Another authority/));
    await expect(verifyChecked(readChecked(text), { ...own, issuer: undefined })).rejects.toThrow(
      refused(/Another authority/),
    );
  });

  test('is proven by a key, by another statement, or by a signature over something else', async () => {
    const signer = await checks();
    const withKey = await signBundle(
      makeStatement('https://example.com/v1', [{ digest: IMAGE }], MEMBERS).bytes,
      await newSigner(),
    );
    const other = await signBundle(makeStatement('https://example.com/v1', [{ digest: IMAGE }], MEMBERS).bytes, signer);
    const wrong = { ...signer, sign: async () => signer.sign(Buffer.from('something else')) };
    const text = (content: Uint8Array) =>
      JSON.stringify({ ...MEMBERS, proof: Buffer.from(content).toString('base64') });
    await expect(verifying(text(withKey.content))).rejects.toThrow(refused(/cannot be read/));
    await expect(verifying(text(other.content))).rejects.toThrow(refused(/another type/));
    await expect(verifying(await provenChecked(CHECKED, wrong))).rejects.toThrow(refused(/signature .* wrong/));
  });

  test('a job proves that is not publish.yml, or whose own certificate names no run', async () => {
    const text = await provenChecked(CHECKED, await checks());
    await expect(verifying(text, { subject: `${SUITE}/other.yml@refs/tags/v1` })).rejects.toThrow(
      refused(/not one of/),
    );
    await expect(verifying(text, { claims: { 9: CHECKS } })).rejects.toThrow(refused(/two workflows/));
    await expect(verifying(text, { claims: { 21: undefined } })).rejects.toThrow(refused(/not of undefined/));
  });

  test.each([
    ['not JSON', '{', /not JSON/],
    ['twice the same name', `{"digest":"${IMAGE}","digest":"${IMAGE}"}`, /a name twice/],
    ['a list', '[]', /digest is not/],
    ['a number', `{"digest":"${IMAGE}","a":1}`, /not an object of texts/],
    ['no digest', '{"a":"b"}', /digest is not/],
    ['too much', `{"digest":"${IMAGE}","a":"${'x'.repeat(300_000)}"}`, /characters/],
  ])('is %s', (_, text, why) => {
    expect(() => readChecked(text)).toThrow(refused(why));
  });
});
