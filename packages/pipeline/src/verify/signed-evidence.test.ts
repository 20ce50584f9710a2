/** Evidence remembered from bundles that were just created equals the evidence that is read from their bytes. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KeySigner, keySigner, makeStatement, signBundle, type Trust } from '@tidegate/attest';
import { type Descriptor, digestOf, type Evidence, MediaType, PredicateType } from '@tidegate/core';
import { contentOfBytes, ImageLayout, Registry } from '@tidegate/oci';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { attachBundle, attachStatement, readEvidence } from '../evidence/store.ts';
import { publish, pushBlobs } from '../push/publish.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget, type Target } from '../target.ts';

let folder = '';
let server: RegistryServer;
let signer: KeySigner;
let trust: Trust;
let layouts = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-signed-'));
  server = await startRegistry();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  signer = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  trust = { publicKeys: [signer.publicKey] };
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** An image with provenance, and a statement whose type is not evidence. */
async function newTarget(): Promise<Target> {
  layouts += 1;
  const layout = await ImageLayout.create(join(folder, `layout-${layouts}`));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  const root = await put(MediaType.manifest, manifest);
  await layout.add(root);
  const target = await openTarget(layout.folder);
  const subject = target.image.root;
  const provenance = {
    buildDefinition: { buildType: 'b', externalParameters: {} },
    runDetails: { builder: { id: 'b' } },
  };
  await attachStatement(target, subject, makeStatement(PredicateType.provenance, [subject], provenance));
  await attachStatement(target, subject, makeStatement('https://example.org/note', [subject], { note: 1 }));
  return target;
}

const signAs = (trusted: Trust) => ({ signer, witnesses: [], trust: trusted });
const sorted = (evidence: readonly Evidence[]) => evidence.map((one) => JSON.stringify(one)).toSorted();

test('the facts of a new bundle come from its bytes', async () => {
  const target = await newTarget();
  await sign(target, signAs(trust), services);
  const read = await readEvidence(await openTarget(target.layout.folder), trust);
  expect(sorted(await readEvidence(target, trust))).toEqual(sorted(read));
  expect(read.map(({ kind }) => kind).toSorted()).toEqual([
    'predicate',
    'provenance',
    'signature',
    'signature',
    'signature',
  ]);
});

test('a new bundle that is not of whom the gate trusts shuts it', async () => {
  const target = await newTarget();
  const { publicKey } = await keySigner(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  const stranger: Trust = { publicKeys: [publicKey] };
  await sign(target, signAs(stranger), services);
  const evidence = await readEvidence(target, stranger);
  expect(evidence.filter(({ kind }) => kind === 'unreadable')).toHaveLength(3);
});

test('one whose bytes are not what it was made of is found when it is read back, and no tag is set', async () => {
  const target = await newTarget();
  await sign(target, signAs(trust), services);
  const statement = makeStatement(PredicateType.provenance, [target.image.root], {});
  const { bundle } = await signBundle(statement.bytes, signer);
  const content = Buffer.from('{"mediaType":"something else"}');
  const payload = { predicateType: PredicateType.provenance, digest: digestOf(statement.bytes) };
  await attachBundle(target, target.image.root, { bundle, content }, payload, trust);
  const registry = new Registry({ registry: server.host, repository: 'acme/app' });
  try {
    const blobs = await pushBlobs(target, registry, services);
    const options = { tags: ['1.0.0'], trust };
    await expect(publish(target, [{ registry, blobs, before: new Map() }], options, services)).rejects.toMatchObject({
      kind: 'evidence',
      message: expect.stringContaining('The bundle'),
    });
    expect([...server.tags('acme/app').keys()]).toEqual([]);
  } finally {
    registry.close();
  }
});
