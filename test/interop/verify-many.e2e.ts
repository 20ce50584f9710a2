/** Fifty images in one step of verify-image: what each costs the registry, and what a bad one does to the others. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePublicKey } from '@tidegate/attest';
import { Registry } from '@tidegate/oci';
import { sign } from '@tidegate/pipeline';
import { type BundleResult, type RegistryServer, runBundle, startRegistry } from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { silentServices } from '../support/silent.ts';
import { evidenceImage, published } from './support/evidence-image.ts';
import { newKeyPair } from './support/signed-image.ts';

const COUNT = 50;
/** Two images share a repository. */
const repositoryOf = (at: number) => `acme/app-${Math.floor(at / 2)}`;

interface Row {
  readonly image: string;
  readonly verified: boolean;
  readonly digest?: string;
  readonly error?: string;
  readonly failed: readonly { readonly name: string }[];
}

const running = new AsyncDisposableStack();
const key = await newKeyPair();
const trust = { publicKeys: [parsePublicKey(key.publicPem)] };
let folder = '';
let actions: string | undefined;
let closed: RegistryServer;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-verify-many-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
  closed = await startRegistry({ auth: { kind: 'basic', username: 'somebody', password: 'else' } });
  running.defer(() => closed.close());
});
afterAll(() => running.disposeAsync());

async function verify(lines: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<BundleResult> {
  const temp = await mkdtemp(join(folder, 'job-'));
  const action = actions ? join(actions, 'verify-image', 'action.yml') : 'verify-image';
  const inputs = { image: lines.join('\n'), 'verification-key': key.publicPem, ...more };
  return runBundle({ action, inputs, temp, workspace: temp });
}
const rowsOf = ({ outputs }: BundleResult): readonly Row[] => JSON.parse(outputs.results ?? '[]');

describe.each([
  ['with a referrers API', true],
  ['that lists referrers in a tag', false],
])('in a registry %s', (_, referrers) => {
  let server: RegistryServer;
  let images: readonly string[];

  beforeAll(async () => {
    server = await startRegistry({ referrers });
    running.defer(() => server.close());
    const made: string[] = [];
    for (let at = 0; at < COUNT; at += 1) {
      const repository = repositoryOf(at);
      const destination = `${server.host}/${repository}`;
      const target = await evidenceImage(join(folder, `layout ${referrers} ${at}`), `image ${at}`, { destination });
      await sign(target, { signer: key.signer, witnesses: [], trust }, silentServices());
      const registry = new Registry({ registry: server.host, repository });
      await published(target, registry, trust);
      await registry.moveTag(target.image.root, `v${at}`);
      registry.close();
      made.push(`${destination}:v${at}`);
    }
    images = made;
  }, 300_000);

  test('fifty images pass, each with at most 45 requests', async () => {
    server.requests.length = 0;
    const started = performance.now();
    const result = await verify(images);
    const seconds = (performance.now() - started) / 1000;
    expect(result.log.join('\n')).not.toContain('FAIL');
    expect(result).toMatchObject({ exitCode: 0, outputs: { verified: 'true', digest: '', platforms: '' } });
    expect(rowsOf(result).map(({ image, verified }) => [image, verified])).toEqual(images.map((one) => [one, true]));
    expect(result.summary).toMatch(/^## ✅ 50 images verified/);
    const kinds = new Map<string, number>();
    for (const { method, url } of server.requests) {
      const kind = `${method} ${url.replace(/^\/v2\/acme\/app-\d+\//, '').replace(/sha256[-:][0-9a-f]{64}/, 'DIGEST')}`;
      kinds.set(kind.replace(/\/v\d+$/, '/TAG'), (kinds.get(kind.replace(/\/v\d+$/, '/TAG')) ?? 0) + 1);
    }
    const figures = { requests: server.requests.length, seconds, kinds: Object.fromEntries(kinds) };
    if (process.env.FIGURES === '1') process.stdout.write(`${JSON.stringify(figures)}\n`);
    // Two SBOMs of each of three manifests are published. One is enough, and no entry of a list is checked before it is read.
    expect(server.requests.length).toBeLessThanOrEqual(COUNT * 45);
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(64);
  });

  test('a line that is no image, a missing one and a refused login fail alone, and the error names them', async () => {
    const bad = [`${server.host}/acme/app-0:absent`, `${closed.host}/acme/app:v1`, 'ghcr.io/Not A Name'];
    const [first = '', second = ''] = images;
    const result = await verify([first, ...bad, second, first]);
    expect(result.exitCode).toBe(1);
    expect(result.outputs.verified).toBe('false');
    const rows = rowsOf(result);
    expect(rows.map(({ image }) => image)).toEqual([first, ...bad, second]);
    expect(rows.map(({ verified }) => verified)).toEqual([true, false, false, false, true]);
    expect(rows.map(({ error }) => error !== undefined)).toEqual([false, true, true, true, false]);
    expect(result.summary).toMatch(/❌ 3 of 5 images must not be deployed/);
    expect(result.summary.lastIndexOf('| ❌ |')).toBeLessThan(result.summary.indexOf('| ✅ |'));
    expect(result.log.join('\n')).toContain(`3 of 5 images must not be deployed: ${bad.join(', ')}.`);
  });

  test('an SBOM is not fetched if no check asks for it', async () => {
    server.requests.length = 0;
    const [first = ''] = images;
    expect(await verify([first])).toMatchObject({ exitCode: 0, outputs: { verified: 'true', results: '' } });
    const all = server.requests.length;
    server.requests.length = 0;
    expect(await verify([first], { require: 'provenance, scan, verdict, signature' })).toMatchObject({ exitCode: 0 });
    // Of each of three manifests: the bundle's manifest and its content.
    expect(all - server.requests.length).toBe(6);
  });

  test('a signer that is not trusted fails every image', async () => {
    const other = await newKeyPair();
    const result = await verify(images.slice(0, 2), { 'verification-key': other.publicPem });
    expect(result.exitCode).toBe(1);
    expect(rowsOf(result).map(({ failed }) => failed.map(({ name }) => name).includes('identity'))).toEqual([
      true,
      true,
    ]);
  });
});

test.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
  [
    'expected-digest',
    ['a.example/a:1', 'a.example/b:1'],
    { 'expected-digest': `sha256:${'0'.repeat(64)}` },
    /expected-digest/,
  ],
  ['policy-dir', ['a.example/a:1', 'a.example/b:1'], { 'policy-dir': 'policies' }, /policy-dir/],
  [
    'one password for two registries',
    ['a.example/a:1', 'b.example/b:1'],
    { 'registry-username': 'me', 'registry-password': 'hunter2' },
    /registry-username.*a password is for one/,
  ],
  [
    '201 images',
    Array.from({ length: 201 }, (_, at) => `a.example/a:${at}`),
    {},
    /got "201 images", expected at most 200/,
  ],
])('%s is refused for several images', async (_, lines, inputs, message) => {
  const result = await verify(lines, inputs);
  expect(result.exitCode).toBe(1);
  expect(result.log.join('\n')).toMatch(message);
});
