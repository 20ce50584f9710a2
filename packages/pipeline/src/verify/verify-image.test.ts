/** Attacks by anyone with push access to a repository on users who are about to run an image from it. */
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
  type Referrer,
  type StatementBytes,
  signatureStatement,
  verdictStatement,
} from '@tidegate/attest';
import {
  type Descriptor,
  type Digest,
  digestOf,
  type Expectations,
  MediaType,
  PredicateType,
  type Requirable,
} from '@tidegate/core';
import { contentOfBytes, ImageLayout, type Store } from '@tidegate/oci';
import { services } from '../services.fixture.ts';
import { verifyImage } from './verify-image.ts';

const NOW = new Date('2026-11-25T00:00:00Z');
const POLICY: Expectations['policy'] = {
  require: [],
  failOn: 'high',
  unknownSeverity: 'fail',
  onlyFixed: false,
  maxDatabaseAge: 1,
  maxScanAge: 1,
};
const ATTESTATION = 'attestation-manifest';

let folder = '';
let signer: KeySigner;
let layouts = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidegate-verify-'));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  signer = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function newRepository() {
  layouts += 1;
  const layout = await ImageLayout.create(join(folder, `layout-${layouts}`));
  const put = async (mediaType: string, content: object | Uint8Array): Promise<Descriptor> => {
    const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const attach = async ({ blobs, descriptor, manifest }: Referrer) => {
    for (const blob of blobs) await layout.push(blob.descriptor, contentOfBytes(blob.bytes));
    await layout.push(descriptor, contentOfBytes(manifest));
  };
  return {
    layout,
    put,
    attach,
    /** A manifest of one platform; `name` makes it another image. */
    async platform(architecture: string, name = architecture) {
      const config = await put(MediaType.config, { os: 'linux', architecture, name });
      const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
      return { ...(await put(MediaType.manifest, manifest)), platform: { os: 'linux', architecture } };
    },
    index: (...manifests: readonly object[]) =>
      put(MediaType.index, { schemaVersion: 2, mediaType: MediaType.index, manifests }),
    /** BuildKit's attestation manifest: statements as layers, for no platform. */
    async attestations(about: Digest, ...layers: readonly { type: string; statement: StatementBytes }[]) {
      const kept = layers.map(async ({ type, statement }) => ({
        ...(await put(MediaType.inToto, statement.bytes)),
        annotations: { 'in-toto.io/predicate-type': type },
      }));
      const config = await put(MediaType.config, { os: 'unknown', architecture: 'unknown', about });
      const manifest = await put(MediaType.manifest, {
        ...{ schemaVersion: 2, mediaType: MediaType.manifest, config },
        layers: await Promise.all(kept),
      });
      return aside(manifest, about);
    },
    async sign({ digest, mediaType, size }: Descriptor, statement = signatureStatement(digest)) {
      const bundle = await makeBundle(statement.bytes, signer);
      await attach(bundleReferrer({ digest, mediaType, size }, bundle, statement.statement.predicateType));
    },
  };
}

const aside = ({ mediaType, digest, size }: Descriptor, about: Digest) => ({
  ...{ mediaType, digest, size },
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: { 'vnd.docker.reference.type': ATTESTATION, 'vnd.docker.reference.digest': about },
});
const provenanceOf = (digest: Digest): StatementBytes =>
  makeStatement(PredicateType.provenance, [{ digest }], {
    buildDefinition: { buildType: 'b', externalParameters: {} },
    runDetails: { builder: { id: 'b' } },
  });

/** The same store, with `around` between it and its caller. */
function watched(
  layout: ImageLayout,
  around: (method: string, given: unknown, answer: () => unknown) => unknown,
): Store {
  return new Proxy(layout, {
    get(of, name) {
      const found: unknown = Reflect.get(of, name);
      if (typeof found !== 'function') return found;
      return (...given: unknown[]) => around(String(name), given[0], () => Reflect.apply(found, of, given));
    },
  });
}

async function asked(
  store: Store,
  root: Descriptor,
  require: Requirable,
  more: Partial<Expectations> = {},
): Promise<{ passed: boolean; failed: readonly string[]; why: string; refused: readonly string[] }> {
  const { passed, checks, refused } = await verifyImage(
    store,
    root,
    {
      trust: { publicKeys: [signer.publicKey] },
      expectations: { require: [require], scope: 'platforms', policy: POLICY, ...more },
    },
    { ...services, clock: () => NOW },
  );
  const failed = checks.filter(({ outcome }) => outcome === 'fail');
  return {
    passed,
    failed: failed.map(({ name }) => name),
    why: failed.map(({ why }) => why).join(' '),
    refused: refused.map(({ why }) => why),
  };
}

describe('an unsigned index', () => {
  test('hides no platform by listing it as an attestation too', async () => {
    const { layout, platform, index, sign } = await newRepository();
    const [good, evil] = [await platform('amd64'), await platform('arm64', 'evil')];
    await sign(good);
    expect(await asked(layout, await index(good), 'signature')).toMatchObject({ passed: true });
    const root = await index(good, evil, aside(evil, good.digest));
    expect(await asked(layout, root, 'signature')).toMatchObject({
      passed: false,
      failed: ['signature'],
      why: expect.stringContaining('linux/arm64'),
    });
  });

  test.each<[string, object]>([
    ['for a platform', { os: 'linux', architecture: 'arm64' }],
    ['for an architecture of an unknown system', { os: 'unknown', architecture: 'arm64' }],
    ['for an unknown architecture', { os: 'linux', architecture: 'unknown' }],
  ])('hides none by calling it an attestation %s', async (_, claimed) => {
    const { layout, platform, index, sign } = await newRepository();
    const [good, evil] = [await platform('amd64'), await platform('arm64', 'evil')];
    await sign(good);
    const root = await index(good, { ...aside(evil, good.digest), platform: claimed });
    const said = await asked(layout, root, 'signature').catch((error: unknown) => ({ passed: false, error }));
    expect(said.passed).toBe(false);
  });

  test('names no other image for what an attestation manifest says', async () => {
    const { layout, platform, index, attestations, sign } = await newRepository();
    const [good, evil] = [await platform('amd64'), await platform('amd64', 'evil')];
    const about = { type: PredicateType.provenance, statement: provenanceOf(good.digest) };
    const said = await attestations(good.digest, about);
    await sign(said);
    expect(await asked(layout, await index(good, said), 'provenance')).toMatchObject({ passed: true });
    const root = await index(evil, aside(said, evil.digest));
    expect(await asked(layout, root, 'provenance')).toMatchObject({
      passed: false,
      failed: ['provenance', 'evidence-readable'],
    });
  });
});

describe('an attestation manifest', () => {
  test('counts by its signature, and not by other attestations', async () => {
    const { layout, platform, index, attestations, sign } = await newRepository();
    const image = await platform('amd64');
    const about = { type: PredicateType.provenance, statement: provenanceOf(image.digest) };
    const said = await attestations(image.digest, about);
    await sign(said, makeStatement('https://example.org/found-harmful', [{ digest: said.digest }], {}));
    expect(await asked(layout, await index(image, said), 'provenance')).toMatchObject({ passed: false });
    await sign(said);
    expect(await asked(layout, await index(image, said), 'provenance')).toMatchObject({ passed: true });
  });

  test('holds no signature of the image, whatever its layers call themselves', async () => {
    const { layout, platform, index, attestations, sign } = await newRepository();
    const image = await platform('amd64');
    for (const statement of [signatureStatement(image.digest), provenanceOf(image.digest)]) {
      const said = await attestations(image.digest, { type: PredicateType.signature, statement });
      await sign(said);
      expect((await asked(layout, await index(image, said), 'signature')).failed).toContain('signature');
    }
  });
});

test('only cosign 2 is looked up by a tag: where a tag leads meanwhile is of no account', async () => {
  const { layout, platform, index, sign } = await newRepository();
  const image = await platform('amd64');
  await sign(image);
  const names: string[] = [];
  const store = watched(layout, (method, given, answer) => {
    if (method === 'resolve') names.push(String(given));
    return answer();
  });
  expect(await asked(store, await index(image), 'signature')).toMatchObject({ passed: true });
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !/^sha256-[0-9a-f]{64}\.(sig|att)$/.test(name))).toEqual([]);
});

test('a referrer that is listed and gone counts for nothing, and refuses nothing', async () => {
  const { layout, platform, index, sign } = await newRepository();
  const image = await platform('amd64');
  await sign(image);
  const gone = bundleReferrer(image, Buffer.from('{}'), PredicateType.signature).descriptor;
  const store = watched(layout, async (method, given, answer) =>
    method === 'referrers' && given === image.digest ? [...((await answer()) as Descriptor[]), gone] : answer(),
  );
  expect(await asked(store, await index(image), 'signature')).toMatchObject({ passed: true });
});

test.each<[string, string, string]>([
  ['the name of another version', 'application/vnd.dev.sigstore.bundle.v9+json', MediaType.bundle],
  ['a layer of another type', MediaType.bundle, 'text/plain'],
])('a bundle is what it says itself, under %s too', async (_, artifactType, layerType) => {
  const { layout, put, platform, index } = await newRepository();
  const image = await platform('amd64');
  const { platform: _platform, ...subject } = image;
  const config = await put(MediaType.empty, {});
  const layer = await put(layerType, await makeBundle(signatureStatement(image.digest).bytes, signer));
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, artifactType, config, layers: [layer], subject };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { mediaType: MediaType.manifest, digest: digestOf(bytes), size: bytes.length, artifactType };
  await layout.push(descriptor, contentOfBytes(bytes));
  expect(await asked(layout, await index(image), 'signature')).toMatchObject({ passed: true });
});

test('a verdict of another policy than the required one does not count', async () => {
  const { layout, platform, index, sign } = await newRepository();
  const image = await platform('amd64');
  const verdict = verdictStatement(
    [{ digest: image.digest }],
    { passed: true, rules: [], decidedOn: NOW },
    {
      verifier: { id: 'https://example.com/gate' },
      destination: 'pkg:oci/app',
      policy: { digest: digestOf('the policy') },
      inputs: [],
    },
  );
  await sign(image, verdict);
  const root = await index(image);
  const of = (policy: string) => asked(layout, root, 'verdict', { policy: { ...POLICY, verdictOf: digestOf(policy) } });
  expect(await of('the policy')).toMatchObject({ passed: true });
  expect(await of('a laxer policy')).toMatchObject({ passed: false, failed: ['verdict-present'] });
});

describe('too many signatures', () => {
  test('hide no newer verdict that failed: what was not read could be it', async () => {
    const { layout, platform, index, sign } = await newRepository();
    const image = await platform('amd64');
    const judged = (passed: boolean, decidedOn: Date) => {
      const policy = { digest: digestOf('the policy') };
      const verifier = { id: 'https://example.com/gate' };
      const rules = [{ rule: 'scan-present', outcome: passed ? 'pass' : 'fail', why: '' }] as const;
      const options = { verifier, policy, destination: 'pkg:oci/app', inputs: [] };
      return sign(image, verdictStatement([{ digest: image.digest }], { passed, rules, decidedOn }, options));
    };
    await judged(true, new Date(NOW.getTime() - 2));
    const root = await index(image);
    expect(await asked(layout, root, 'verdict')).toMatchObject({ passed: true });
    const first = await layout.referrers(image.digest);
    await judged(false, new Date(NOW.getTime() - 1));
    const [junk] = first;
    const buried = watched(layout, async (method, given, answer) => {
      if (method !== 'referrers' || given !== image.digest || !junk) return answer();
      const between = Array.from({ length: 5000 }, (_, at) => ({ ...junk, digest: digestOf(`junk ${at}`) }));
      const listed = (await answer()) as Descriptor[];
      const isFirst = ({ digest }: Descriptor) => first.some((one) => one.digest === digest);
      return [...listed.filter(isFirst), ...between, ...listed.filter((one) => !isFirst(one))];
    });
    expect(await asked(layout, root, 'verdict')).toMatchObject({ passed: false, failed: ['verdict-present'] });
    expect(await asked(buried, root, 'verdict')).toMatchObject({ passed: false, failed: ['evidence-readable'] });
  });

  test('are read one at a time where they are long', async () => {
    const { layout, platform, index, attach, sign } = await newRepository();
    const image = await platform('amd64');
    await sign(image);
    const long = (at: number) => Buffer.concat([Buffer.from(`${at}`), Buffer.alloc(1024 ** 2, 'x')]);
    for (let at = 0; at < 6; at += 1) await attach(bundleReferrer(image, long(at), PredicateType.signature));
    let reading = 0;
    let most = 0;
    const store = watched(layout, async (method, given, answer) => {
      const weighs = method === 'fetchBytes' && (given as Descriptor).size > 1024 ** 2 ? 1 : 0;
      reading += weighs;
      most = Math.max(most, reading);
      try {
        return await answer();
      } finally {
        reading -= weighs;
      }
    });
    expect(await asked(store, await index(image), 'signature')).toMatchObject({ passed: true });
    expect(most).toBe(1);
  });

  test('do not count beyond a gigabyte, and are not fetched', async () => {
    const { layout, put, platform, index } = await newRepository();
    const image = await platform('amd64');
    const { platform: _platform, ...subject } = image;
    const config = await put(MediaType.empty, {});
    const claimed = 85 * 1024 ** 2;
    for (let at = 0; at < 13; at += 1) {
      const layer = { mediaType: MediaType.bundle, digest: digestOf(`${at}`), size: claimed };
      const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, artifactType: MediaType.bundle };
      const bytes = Buffer.from(JSON.stringify({ ...manifest, config, layers: [layer], subject }));
      const descriptor = { mediaType: MediaType.manifest, digest: digestOf(bytes), size: bytes.length };
      await layout.push({ ...descriptor, artifactType: MediaType.bundle }, contentOfBytes(bytes));
    }
    const { refused } = await asked(layout, await index(image), 'signature');
    expect(refused.filter((why) => why.includes('does not exist'))).toHaveLength(12);
    expect(refused).toContainEqual(expect.stringContaining('more than 1073741824 bytes'));
  });
});
