import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  bundleReferrer,
  type KeySigner,
  keySigner,
  makeBundle,
  makeStatement,
  REFERENCE,
  type Referrer,
  referenceStatement,
  type StatementBytes,
  signatureStatement,
  spdxStatement,
  statementReferrer,
} from '@tidegate/attest';
import { type Descriptor, type Digest, digestOf, MediaType, PredicateType, type VerifiedFact } from '@tidegate/core';
import { contentOfBytes, ImageLayout } from '@tidegate/oci';
import { signedFacts } from '../verify/verify-evidence.ts';

let folder = '';
let signer: KeySigner;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-referred-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  signer = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** An image with a single manifest, and its referrers. */
interface ReferrerBundle {
  readonly layout: ImageLayout;
  readonly image: Descriptor;
  readonly attach: (referrer: Referrer) => Promise<void>;
  readonly sign: (statement: StatementBytes, predicateType?: string) => Promise<void>;
}

let images = 0;
async function newImage(): Promise<ReferrerBundle> {
  images += 1;
  const layout = await ImageLayout.create(join(folder, `layout-${images}`));
  const put = async (mediaType: string, content: object) => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', image: images });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  const image = await put(MediaType.manifest, manifest);
  const attach = async (referrer: Referrer) => {
    for (const blob of referrer.blobs) await layout.push(blob.descriptor, contentOfBytes(blob.bytes));
    await layout.push(referrer.descriptor, contentOfBytes(referrer.manifest));
  };
  const sign = async ({ bytes: statement }: StatementBytes, predicateType = REFERENCE) =>
    attach(bundleReferrer(image, await makeBundle(statement, signer), predicateType));
  return { layout, image, attach, sign };
}

const sbomOf = (digest: Digest, comment = ''): StatementBytes =>
  spdxStatement(
    [{ digest }],
    Buffer.from(
      JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [], comment }),
    ),
  );
const referring = (image: Descriptor, digest: Digest, more: { predicateType?: string; mediaType?: string } = {}) =>
  referenceStatement([{ digest: image.digest }], {
    ...{ predicateType: PredicateType.spdx, mediaType: MediaType.inToto, digest },
    ...more,
  });
const beside = (
  image: Descriptor,
  { bytes, statement }: StatementBytes,
  predicateType: string = statement.predicateType,
) => statementReferrer(image, bytes, predicateType);

async function factsOf({
  layout,
  image,
}: ReferrerBundle): Promise<{ verified: readonly VerifiedFact[]; refused: number }> {
  const trust = { publicKeys: [signer.publicKey] };
  const { verified, refused } = await signedFacts(layout, image.digest, trust, new AbortController().signal);
  return { verified, refused: refused.length };
}
const evidenceOf = async (one: ReferrerBundle) =>
  (await factsOf(one)).verified.flatMap(({ evidence }) => (evidence ? [evidence] : []));

test('a statement that a signer has named by its digest is read where it lies beside the image', async () => {
  const one = await newImage();
  const sbom = sbomOf(one.image.digest);
  await one.attach(beside(one.image, sbom));
  expect(await evidenceOf(one)).toEqual([]);
  await one.sign(referring(one.image, digestOf(sbom.bytes)));
  expect(await evidenceOf(one)).toEqual([
    expect.objectContaining({
      kind: 'sbom',
      format: 'spdx',
      subject: one.image.digest,
      statement: digestOf(sbom.bytes),
    }),
  ]);
});

test('others of its kind beside it change nothing', async () => {
  const one = await newImage();
  const sbom = sbomOf(one.image.digest);
  for (const each of [sbomOf(one.image.digest, 'before'), sbom, sbomOf(one.image.digest, 'after')]) {
    await one.attach(beside(one.image, each));
  }
  await one.sign(referring(one.image, digestOf(sbom.bytes)));
  expect(await evidenceOf(one)).toEqual([expect.objectContaining({ kind: 'sbom', statement: digestOf(sbom.bytes) })]);
});

test('its annotation says nothing: the digest finds it', async () => {
  const one = await newImage();
  const sbom = sbomOf(one.image.digest);
  const { manifest, ...rest } = beside(one.image, sbom);
  const { annotations: _, ...bare } = rest.descriptor;
  await one.attach({ ...rest, manifest, descriptor: bare });
  await one.sign(referring(one.image, digestOf(sbom.bytes)));
  expect(await evidenceOf(one)).toEqual([expect.objectContaining({ kind: 'sbom' })]);
});

describe('evidence that a trusted signer named is unreadable, not absent,', () => {
  test.each<[string, (one: ReferrerBundle) => Promise<Digest>, string]>([
    ['where nothing is there', async () => digestOf('gone'), 'no statement attached to the image has that digest'],
    [
      'where another statement is there',
      async ({ image, attach }) => {
        await attach(beside(image, sbomOf(image.digest, 'swapped')));
        return digestOf(sbomOf(image.digest).bytes);
      },
      'no statement attached to the image has that digest',
    ],
    [
      'where it speaks of another image',
      async ({ image, attach }) => {
        const other = sbomOf(digestOf('another image'));
        await attach(beside(image, other));
        return digestOf(other.bytes);
      },
      'about another image',
    ],
    [
      'where it is no statement',
      async ({ image, attach }) => {
        const bytes = Buffer.from('{}');
        await attach(statementReferrer(image, bytes, PredicateType.spdx));
        return digestOf(bytes);
      },
      'missing',
    ],
    [
      'where it is longer than anything that is read',
      async ({ image, attach }) => {
        const { manifest, descriptor, blobs } = beside(image, sbomOf(image.digest));
        const long = Buffer.from(
          Buffer.from(manifest)
            .toString()
            .replace(/"size":\d{3,}\}\]/, '"size":99999999}]'),
        );
        const named = { ...descriptor, digest: digestOf(long), size: long.length };
        await attach({ manifest: long, descriptor: named, blobs });
        return digestOf(sbomOf(image.digest).bytes);
      },
      'bytes',
    ],
  ])('%s', async (_, place, why) => {
    const one = await newImage();
    await one.sign(referring(one.image, await place(one)));
    expect(await evidenceOf(one)).toEqual([
      expect.objectContaining({ kind: 'unreadable', why: expect.stringContaining(why) }),
    ]);
  });
});

test('a reference to a signature is no signature', async () => {
  const one = await newImage();
  const signature = signatureStatement(one.image.digest);
  await one.attach(beside(one.image, signature));
  await one.sign(referring(one.image, digestOf(signature.bytes), { predicateType: PredicateType.signature }));
  const { verified } = await factsOf(one);
  expect(verified.map(({ predicateType }) => predicateType)).toEqual([REFERENCE, REFERENCE]);
});

test.each<[string, (image: Descriptor) => StatementBytes]>([
  ['of another media type', (image) => referring(image, digestOf('x'), { mediaType: 'application/spdx+json' })],
  [
    'of a form of their own',
    (image) => makeStatement(REFERENCE, [{ digest: image.digest }], { references: [{ downloadLocation: 'x' }] }),
  ],
])("a user's own reference %s is not evidence", async (_, make) => {
  const one = await newImage();
  await one.sign(make(one.image));
  expect(await factsOf(one)).toEqual({ verified: [expect.objectContaining({ predicateType: REFERENCE })], refused: 0 });
  expect(await evidenceOf(one)).toEqual([]);
});

test('a reference to very many does not count', async () => {
  const one = await newImage();
  const names = Array.from({ length: 9 }, (_, at) => ({
    name: PredicateType.spdx,
    mediaType: MediaType.inToto,
    digest: { sha256: digestOf(`${at}`).slice('sha256:'.length) },
  }));
  await one.sign(makeStatement(REFERENCE, [{ digest: one.image.digest }], { references: names }));
  expect(await factsOf(one)).toEqual({ verified: [], refused: 1 });
});
