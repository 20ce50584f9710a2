/** A writer lays junk beside an image, so that whoever verifies it gets no answer: anybody who may push can add referrers. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  bundleReferrer,
  makeBundle,
  parsePublicKey,
  REFERENCE,
  type Referrer,
  referenceStatement,
  signatureStatement,
  spdxStatement,
  statementReferrer,
} from '@tidegate/attest';
import { type Descriptor, digestOf, MediaType, type Policy, PredicateType, parseReference } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import { verifyImage } from '@tidegate/pipeline';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { type KeyPair, newKeyPair, pushImage } from '../interop/support/signed-image.ts';

let server: RegistryServer;
let ours: KeyPair;
let theirs: KeyPair;
beforeAll(async () => {
  [server, ours, theirs] = await Promise.all([startRegistry(), newKeyPair(), newKeyPair()]);
});
afterAll(() => server.close());

async function lay(registry: Registry, { blobs, descriptor, manifest }: Referrer): Promise<void> {
  for (const blob of blobs) await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
  await registry.push(descriptor, contentOfBytes(manifest));
}

async function verified(registry: Registry, image: Descriptor, require: readonly ('signature' | 'sbom')[]) {
  const policy = {
    ...{ require, failOn: 'high', unknownSeverity: 'fail', onlyFixed: false },
    ...{ maxDatabaseAge: 1e9, maxScanAge: 1e9 },
    // Signatures and verdicts alone are asked for.
  } as unknown as Policy;
  const log = {
    debug() {},
    info() {},
    notice() {},
    warning() {},
    mask() {},
    redact: (text: string) => text,
    group: async () => {},
  } as never;
  return verifyImage(
    registry,
    image,
    { trust: { publicKeys: [parsePublicKey(ours.publicPem)] }, expectations: { require, scope: 'root', policy } },
    { clock: () => new Date(), signal: new AbortController().signal, log },
  );
}

test('501 bundles beside a signed image: damaged, of others, long, and of no format', async () => {
  const registry = new Registry(parseReference(`${server.host}/acme/flooded`), {});
  const image = await pushImage(registry, 'flooded');
  const statement = signatureStatement(image.digest).bytes;
  const foreign = await makeBundle(statement, theirs.signer);
  for (let at = 0; at < 501; at += 1) {
    const kinds = [
      () => Buffer.concat([foreign.subarray(0, 200), Buffer.from(String(at))]),
      () => Buffer.from(foreign.toString().replace('"keyid":""', `"keyid":"${at}"`)),
      () => Buffer.from(JSON.stringify({ mediaType: MediaType.bundle, padding: `${at}`.padEnd(100_000, ' ') })),
      () => Buffer.from(`no bundle ${at}`),
    ];
    await lay(registry, bundleReferrer(image, kinds[at % 4]?.() ?? foreign, PredicateType.signature));
  }
  expect((await verified(registry, image, ['signature'])).passed).toBe(false);
  await lay(registry, bundleReferrer(image, await makeBundle(statement, ours.signer), PredicateType.signature));
  const { passed, refused } = await verified(registry, image, ['signature']);
  expect(passed).toBe(true);
  expect(refused).toHaveLength(501);
}, 120_000);

test('64 unsigned statements, and one that gives the signed statement a wrong size, before a signed one', async () => {
  const registry = new Registry(parseReference(`${server.host}/acme/buried`), {});
  const image = await pushImage(registry, 'buried');
  const sbom = (comment: string) =>
    spdxStatement(
      [{ digest: image.digest }],
      Buffer.from(
        JSON.stringify({ spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', name: 'app', packages: [], comment }),
      ),
    ).bytes;
  for (let at = 0; at < 80; at += 1) {
    await lay(registry, statementReferrer(image, sbom(`junk ${at}`), PredicateType.spdx));
  }
  const right = statementReferrer(image, sbom('right'), PredicateType.spdx);
  for (const blob of right.blobs) await registry.push(blob.descriptor, contentOfBytes(blob.bytes));
  const [, layer] = right.blobs;
  const lie = JSON.parse(Buffer.from(right.manifest).toString());
  lie.layers[0].size = 7;
  const bytes = Buffer.from(JSON.stringify(lie));
  await registry.push({ ...right.descriptor, digest: digestOf(bytes), size: bytes.length }, contentOfBytes(bytes));
  await registry.push(right.descriptor, contentOfBytes(right.manifest));
  const named = { predicateType: PredicateType.spdx, mediaType: MediaType.inToto, digest: layer?.descriptor.digest };
  const reference = referenceStatement([{ digest: image.digest }], named as never);
  await lay(registry, bundleReferrer(image, await makeBundle(reference.bytes, ours.signer), REFERENCE));
  const { checks, passed } = await verified(registry, image, ['sbom']);
  expect(checks.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
  expect(passed).toBe(true);
}, 120_000);
