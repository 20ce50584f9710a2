/** A push to two registries: no tag in one before both have everything. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keySigner, type Trust } from '@tidegate/attest';
import { type Descriptor, digestOf, type Evidence, effectivePolicy, MediaType } from '@tidegate/core';
import { contentOfBytes, ImageLayout, Registry } from '@tidegate/oci';
import { type Fault, type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { readEvidence } from '../evidence/store.ts';
import { recordVerdict } from '../policy/gate.ts';
import { services } from '../services.fixture.ts';
import { sign } from '../sign/sign.ts';
import { openTarget, type Target } from '../target.ts';
import { signedFacts } from '../verify/verify-evidence.ts';
import { push } from './push.ts';

const APP = 'acme/app';
const TAGS = ['1.2.3', 'latest'];
type OnRequest = (request: RecordedRequest) => Fault | undefined | Promise<Fault | undefined>;

let folder = '';
let target: Target;
let trust: Trust;
let servers: readonly [RegistryServer, RegistryServer];
let registries: readonly [Registry, Registry];
/** `0 PUT latest`: what both servers have done, in order. */
let done: string[] = [];
let faults: readonly [OnRequest, OnRequest];

beforeEach(async () => {
  done = [];
  faults = [() => undefined, () => undefined];
  const start = (at: 0 | 1) =>
    startRegistry({
      onRequest: (request) => faults[at](request),
      onDone: ({ method, url }) => done.push(`${at} ${method} ${url.slice(url.lastIndexOf('/') + 1)}`),
    });
  servers = [await start(0), await start(1)];
  const client = ({ host }: RegistryServer) =>
    new Registry({ registry: host, repository: APP }, { retry: { attempts: 2, base: 1 } });
  registries = [client(servers[0]), client(servers[1])];
  folder = await mkdtemp(join(tmpdir(), 'tidegate-destinations-'));
  target = await signedTarget();
});
afterEach(async () => {
  for (const registry of registries) registry.close();
  for (const server of servers) await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** One manifest with a signed verdict for each destination. */
async function signedTarget(): Promise<Target> {
  const layout = await ImageLayout.create(join(folder, 'layout'));
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await layout.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const config = await put(MediaType.config, { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers' } });
  await layout.add(
    await put(MediaType.manifest, { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] }),
  );
  const made = await openTarget(layout.folder);
  const verdict = { passed: true, rules: [], decidedOn: new Date() };
  const named = { policyDigest: digestOf('policy'), verifier: { id: 'https://example.org' } };
  await recordVerdict(made, { verdict, evidence: [] }, { ...named, destinations: registries });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = await keySigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  trust = { publicKeys: [signer.publicKey] };
  await sign(made, { signer, witnesses: [], trust }, services);
  return openTarget(layout.folder);
}

const pushed = ({ immutableTags = false } = {}) =>
  push(
    { registries, tags: TAGS, immutableTags },
    effectivePolicy({ version: 1 }).policy,
    {
      image: async () => target,
      examine: () => ({ mayLeave: Promise.resolve(true), done: Promise.resolve() }),
      judge: async () => ({ verdict: { passed: true, rules: [], decidedOn: new Date() }, evidence: [], trust }),
    },
    services,
  );

const tags = () => servers.map((server) => [...server.tags(APP).keys()]);
const isTagPut = ({ method, url }: RecordedRequest, tag: string) =>
  method === 'PUT' && url.endsWith(`/manifests/${tag}`);
const refused: Fault = { kind: 'answer', status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' };

test('tags are set only when the slower destination has read back, each tag in both before the next', async () => {
  faults = [
    () => undefined,
    async ({ url }) => {
      await wait(url.includes('/referrers/') ? 150 : 5);
      return undefined;
    },
  ];
  const reports = await pushed();
  expect(reports.map((one) => [one.repository, one.tags.map(({ tag, outcome }) => `${tag} ${outcome}`)])).toEqual(
    registries.map(({ name }) => [name, ['1.2.3 set', 'latest set']]),
  );
  const first = done.findIndex((one) => one.endsWith('PUT 1.2.3'));
  expect(
    done
      .slice(first)
      .filter((one) => one.includes(' PUT '))
      .map((one) => one.slice(2)),
  ).toEqual([...['PUT 1.2.3', 'PUT 1.2.3', 'PUT latest', 'PUT latest']]);
  const listed = done.map((one, at) => (one.startsWith('1 GET sha256:') ? at : -1)).filter((at) => at >= 0);
  expect(listed.length).toBeGreaterThan(2);
  expect(Math.max(...listed)).toBeLessThan(first);
});

test('each destination has the verdict for itself, and not the one for the other', async () => {
  await pushed();
  const both = (await readEvidence(target, trust)).flatMap((one) => (one.kind === 'verdict' ? one.destination : []));
  expect(new Set(both)).toEqual(new Set(registries.map(({ name }) => name)));
  for (const registry of registries) {
    const { verified } = await signedFacts(registry, target.image.root.digest, trust, services.signal);
    const verdicts = verified.flatMap(({ evidence }): Evidence[] => (evidence?.kind === 'verdict' ? [evidence] : []));
    expect(verdicts).toEqual([expect.objectContaining({ destination: registry.name })]);
  }
});

test.each([0, 1])(
  'evidence that destination %i refuses leaves no tag in either, and the error names it',
  async (at) => {
    const fault: OnRequest = async ({ method, url }) => {
      if (method !== 'PUT' || !url.includes('/manifests/sha256:')) return undefined;
      // The other one has everything by then.
      await wait(500);
      return refused;
    };
    faults = at === 0 ? [fault, () => undefined] : [() => undefined, fault];
    await expect(pushed()).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringMatching(
        new RegExp(`^Destination ${registries[at]?.name}: .*403.* No tag was set in any destination\\.$`, 's'),
      ),
    });
    expect(tags()).toEqual([[], []]);
    faults = [() => undefined, () => undefined];
    await pushed();
    expect(tags()).toEqual([TAGS, TAGS]);
  },
);

test('a tag that one registry refuses ends the push after that tag; the error says which tags are set where', async () => {
  faults = [() => undefined, (request) => (isTagPut(request, 'latest') ? refused : undefined)];
  const [first, second] = registries.map(({ name }) => name);
  await expect(pushed()).rejects.toMatchObject({
    message: expect.stringMatching(
      new RegExp(
        `^Tag latest was not set in ${second}: .*403.* Every destination has the complete image and its evidence. Tags set: ${first}: 1\\.2\\.3, latest; ${second}: 1\\.2\\.3\\.$`,
        's',
      ),
    ),
  });
  expect(tags()).toEqual([TAGS, ['1.2.3']]);
  faults = [() => undefined, () => undefined];
  await pushed();
  expect(tags()).toEqual([TAGS, TAGS]);
});

test('a tag that another client moves in one destination during the push leaves no tag moved in either', async () => {
  await pushed();
  const [before = '', moved = ''] = servers[1].referrers?.(APP, target.image.root.digest) ?? [];
  for (const server of servers) {
    const [own = ''] = server.referrers?.(APP, target.image.root.digest) ?? [];
    for (const tag of TAGS) server.setTag(APP, tag, own);
  }
  faults = [
    () => undefined,
    ({ url }) => {
      // After the first look, and before any tag is set.
      if (url.includes('/referrers/')) servers[1].setTag(APP, 'latest', moved);
      return undefined;
    },
  ];
  await expect(pushed()).rejects.toMatchObject({
    id: 'tag-changed',
    message: expect.stringMatching(/moved .*:latest to sha256:.* No tag was set in any destination\.$/),
  });
  expect(servers[0].tags(APP).get('1.2.3')).not.toBe(target.image.root.digest);
  expect([...servers[1].tags(APP).values()]).toEqual([before, moved]);
});

test('a version tag of another image in one destination stops the push before anything is sent', async () => {
  await pushed();
  const { digest } = target.image.root;
  const other = servers[1].referrers?.(APP, digest)[0] ?? '';
  servers[1].setTag(APP, '1.2.3', other);
  servers[0].deleteRepository(APP);
  await expect(pushed({ immutableTags: true })).rejects.toMatchObject({
    id: 'tag-immutable',
    message: expect.stringContaining(`${registries[1].name}:1.2.3`),
  });
  expect([servers[0].blobs(APP).size, tags()[0]]).toEqual([0, []]);
});
