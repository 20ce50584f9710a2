/** verify-image as a workflow uses it, on images that sign-image, cosign and github-builder left in real registries. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeBundle, makeStatement, parsePublicKey, readTrustedRoots, type Trust } from '@tidegate/attest';
import { type Check, digestOf, exact, MediaType, manifestsOf, PredicateType, parseReference } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import type { Target } from '@tidegate/pipeline';
import {
  type BundleResult,
  developerEnvironment,
  devTools,
  ensureDebianPackages,
  runBundle,
  type Sigstore,
  startSigstore,
} from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { type Server, startDockerRegistry, startOlareg } from '../support/servers.ts';
import { evidenceImage, published } from './support/evidence-image.ts';
import { attach, pushImage, registryAt, signImage, signingWith } from './support/signed-image.ts';

const WORKFLOW = 'octo-org/octo-app/.github/workflows/release.yml';
const IDENTITY = `https://github.com/${WORKFLOW}@refs/heads/main`;
const REGISTRIES = ['olareg', 'distribution'] as const;

let folder = '';
let cosignProgram = '';
let actions: string | undefined;
let sigstore: Sigstore;
let target: Target;
let keyed: Target;
const registries = {} as Record<(typeof REGISTRIES)[number], Server>;
const images: Record<string, string> = {};
const running = new AsyncDisposableStack();
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privatePem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-verify-image-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureDebianPackages(['docker-registry']);
  const tools = await devTools(['cosign', 'olareg']);
  cosignProgram = tools.cosign;
  sigstore = running.use(await startSigstore());
  registries.olareg = running.use(await startOlareg(tools.olareg));
  registries.distribution = running.use(await startDockerRegistry(join(folder, 'registry')));
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
  const services = { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot };
  const token = {
    ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
  };
  const roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), 'root');
  const trust: Trust = {
    publicKeys: [],
    identities: [{ issuer: exact(sigstore.issuer.url), subject: exact(IDENTITY) }],
    roots,
  };
  for (const name of REGISTRIES) {
    const [image, other] = [`${registries[name].address}/app`, `${registries[name].address}/keyed`];
    target = await evidenceImage(join(folder, `layout ${name}`), 'verified', { destination: image });
    keyed = await evidenceImage(join(folder, `keyed ${name}`), 'keyed', { destination: other });
    await Promise.all([
      succeeded(action('sign-image', { layout: target.layout.name, ...services }, token)),
      succeeded(action('sign-image', { layout: keyed.layout.name, key: privatePem, ...services })),
    ]);
    await published(target, new Registry(parseReference(image), {}), trust);
    await new Registry(parseReference(image), {}).tag(target.image.root, 'v1');
    images[name] = `${image}:v1`;
    await published(keyed, new Registry(parseReference(other), {}), { publicKeys: [parsePublicKey(publicPem)] });
    images[`keyed ${name}`] = `${other}@${keyed.image.root.digest}`;
  }
}, 1_800_000);

afterAll(() => running.disposeAsync());

async function action(
  name: string,
  inputs: Record<string, string>,
  env: Record<string, string> = {},
): Promise<BundleResult> {
  const temp = await mkdtemp(join(folder, 'job-'));
  const entry = actions ? join(actions, name, 'action.yml') : name;
  return runBundle({ action: entry, inputs, temp, workspace: temp, env });
}

async function succeeded(pending: Promise<BundleResult>): Promise<BundleResult> {
  const result = await pending;
  if (result.exitCode !== 0) throw new Error(result.log.join('\n'));
  return result;
}

const keyless = () => ({
  workflow: WORKFLOW,
  'certificate-oidc-issuer': sigstore.issuer.url,
  'trusted-root': sigstore.trustedRoot,
});
const verify = (image: string, more: Record<string, string> = {}) =>
  action('verify-image', { image, ...keyless(), ...more });
const checksOf = ({ outputs }: BundleResult): readonly Check[] => JSON.parse(outputs.checks ?? '[]');
const failing = (result: BundleResult) =>
  checksOf(result).flatMap(({ name, outcome }) => (outcome === 'fail' ? [name] : []));

describe.each(REGISTRIES)('an image in %s', (name) => {
  test('passes, every check listed, and gives the digest to deploy', async () => {
    const result = await succeeded(
      verify(images[name] ?? '', {
        'source-repository': '',
        'source-ref': 'refs/heads/*',
        builder: IDENTITY,
        'verdict-policy': digestOf('policy'),
        'policy-dir': join(folder, `policies ${name}`),
      }),
    );
    const { outputs, summary } = result;
    expect(outputs).toMatchObject({
      verified: 'true',
      digest: target.image.root.digest,
      reference: `${registries[name].address}/app@${target.image.root.digest}`,
      signers: JSON.stringify([`${IDENTITY} (${sigstore.issuer.url})`]),
    });
    expect(Object.keys(JSON.parse(outputs.platforms ?? '{}'))).toEqual(['linux/amd64', 'linux/arm64']);
    expect(checksOf(result).map((check) => check.name)).toEqual(
      expect.arrayContaining([
        'digest',
        'identity',
        'signature',
        'provenance',
        'provenance-builder',
        'sbom',
        'scan-present',
        'scan-recent',
        'severity-threshold',
        'verdict-present',
      ]),
    );
    expect(checksOf(result)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          name: 'source-repository',
          outcome: 'pass',
          why: 'https://github.com/octo-org/octo-app.',
        }),
        expect.objectContaining({ name: 'source-repository-id', outcome: 'not-applicable' }),
        expect.objectContaining({ name: 'source-ref', outcome: 'pass', why: 'refs/heads/main.' }),
        expect.objectContaining({ name: 'runner-environment', outcome: 'pass', why: 'github-hosted.' }),
      ]),
    );
    for (const check of checksOf(result)) expect(result.log.join('\n')).toContain(check.name);
    for (const part of ['Verified', 'kind: ClusterPolicy', 'kind: ClusterImagePolicy', 'cosign verify ']) {
      expect(summary).toContain(part);
    }
    expect((await readdir(join(folder, `policies ${name}`))).toSorted()).toEqual([
      'cluster-image-policy.yaml',
      'kyverno.yaml',
    ]);
  });

  test('the commands in its summary are accepted by cosign as they stand, and hold what was asked', async () => {
    const asked = { 'source-repository': 'octo-org/octo-app', 'source-ref': 'refs/heads/main' };
    const { summary } = await succeeded(
      verify(images[name] ?? '', { workflow: `${WORKFLOW}@refs/heads/main`, ...asked }),
    );
    const lines = summary.split('\n').filter((line) => /^cosign verify/.test(line));
    expect(lines).toHaveLength(2);
    await Promise.all(
      lines.map(async (line) => {
        const [command = ''] = line.split(' | ');
        const [, ...argv] = command.split(' ');
        expect(await cosign(argv)).toMatchObject({ code: 0 });
        for (const value of Object.values(asked)) {
          const other = argv.map((word) => (word === value ? `${value}2` : word));
          expect(other).not.toEqual(argv);
          expect((await cosign(other)).code).not.toBe(0);
        }
      }),
    );
  });

  test('the verdict that cosign accepts must be of yes and for this repository: the summary pipes it on to see', async () => {
    const { summary } = await succeeded(verify(images[name] ?? ''));
    const line = summary.split('\n').find((each) => each.includes('| jq')) ?? '';
    expect((await shell(line)).code).toBe(0);
    const elsewhere = line.replace(`== "${registries[name].address}`, '== "registry.example');
    expect(elsewhere).not.toBe(line);
    expect((await shell(elsewhere)).code).toBe(1);
    expect((await shell(line.replace('cosign verify-attestation', 'cosign verify-nothing'))).code).not.toBe(0);
  });

  test('signed with a key passes', async () => {
    const inputs = { image: images[`keyed ${name}`] ?? '', 'verification-key': publicPem };
    const { outputs } = await succeeded(action('verify-image', inputs));
    expect(outputs).toMatchObject({ verified: 'true', digest: keyed.image.root.digest });
  });

  test('unsigned is refused', async () => {
    const registry = registryAt(registries[name].address, 'unsigned');
    const image = await pushImage(registry, 'unsigned');
    const result = await verify(`${registries[name].address}/unsigned@${image.digest}`);
    expect(result.exitCode).toBe(1);
    expect(failing(result)).toContain('identity');
    expect(result.log.join('\n')).toContain('The image is not signed');
  });

  test('of which one platform is unsigned is refused, and the platform named', async () => {
    const partly = registryAt(registries[name].address, 'partly');
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const amd64 = await pushImage(partly, `amd64 ${name}`);
    const index = await put(partly, MediaType.index, {
      schemaVersion: 2,
      mediaType: MediaType.index,
      manifests: [{ ...amd64, platform: { os: 'linux', architecture: 'amd64' } }],
    });
    await attach(partly, index, await signImage(index.digest, signer, [log, clock]), PredicateType.signature);
    const result = await verify(`${registries[name].address}/partly@${index.digest}`, { require: 'signature' });
    expect(result.exitCode).toBe(1);
    expect(checksOf(result).find((check) => check.name === 'signature')?.why).toContain('linux/amd64');
    const root = await verify(`${registries[name].address}/partly@${index.digest}`, {
      require: 'signature',
      scope: 'root',
    });
    expect(root.exitCode).toBe(0);
  });

  test('that cosign signed passes where its signature is what is asked for', async () => {
    const registry = registryAt(registries[name].address, 'cosigned');
    const image = await pushImage(registry, 'cosigned');
    const reference = `${registries[name].address}/cosigned@${image.digest}`;
    const signed = await cosign([
      ...['sign', '--yes', '--identity-token', sigstore.issuer.token('sigstore')],
      ...['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot, reference],
    ]);
    expect(signed).toMatchObject({ code: 0 });
    expect((await verify(reference, { require: 'signature', scope: 'root' })).outputs.verified).toBe('true');
    expect(failing(await verify(reference, { scope: 'root' }))).toEqual([
      'provenance',
      'sbom',
      'scan-present',
      'verdict-present',
    ]);
  });

  test('that GitHub attested passes by its provenance, of the repository that is asked for and no other', async () => {
    const registry = registryAt(registries[name].address, 'attested');
    const { mediaType, digest, size } = await pushImage(registry, `attested ${name}`);
    const repository = 'https://github.com/octo-org/octo-app';
    const ref = 'refs/heads/main';
    // As actions/attest-build-provenance writes it: actions.github.io/buildtypes/workflow/v1.
    const provenance = makeStatement(PredicateType.provenance, [{ digest, name: 'ghcr.io/octo-org/octo-app' }], {
      buildDefinition: {
        buildType: 'https://actions.github.io/buildtypes/workflow/v1',
        externalParameters: { workflow: { ref, repository, path: '.github/workflows/release.yml' } },
        internalParameters: { github: { event_name: 'push', repository_id: '1', repository_owner_id: '2' } },
        resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: 'c'.repeat(40) } }],
      },
      runDetails: { builder: { id: IDENTITY }, metadata: { invocationId: `${repository}/actions/runs/1/attempts/1` } },
    });
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const bundle = await makeBundle(provenance.bytes, signer, [log, clock]);
    await attach(registry, { mediaType, digest, size }, bundle, PredicateType.provenance);
    const reference = `${registries[name].address}/attested@${digest}`;
    const asked = { require: 'provenance', scope: 'root', builder: IDENTITY };
    expect((await verify(reference, { ...asked, 'source-repository': 'octo-org/octo-app' })).outputs.verified).toBe(
      'true',
    );
    expect((await verify(reference, { ...asked, 'source-repository': 'octo-org/other' })).outputs.verified).toBe(
      'false',
    );
    expect(failing(await verify(reference, { scope: 'root' }))).toEqual([
      'signature',
      'sbom',
      'scan-present',
      'verdict-present',
    ]);
  });

  test("that github-builder built passes: it signs BuildKit's attestation manifests, and nothing else", async () => {
    const registry = registryAt(registries[name].address, 'built');
    const amd64 = await pushImage(registry, `built ${name}`);
    const about = (digest: typeof amd64.digest) =>
      makeStatement(PredicateType.provenance, [{ digest }], {
        buildDefinition: {
          buildType: 'https://mobyproject.org/buildkit@v1',
          externalParameters: {},
          resolvedDependencies: [],
        },
        runDetails: { builder: { id: IDENTITY } },
      }).bytes;
    const build = async (statement: Uint8Array) => {
      const layer = {
        ...(await putBytes(registry, MediaType.inToto, statement)),
        annotations: { 'in-toto.io/predicate-type': PredicateType.provenance },
      };
      const config = await put(registry, MediaType.config, { os: 'unknown', architecture: 'unknown' });
      const attestation = await put(registry, MediaType.manifest, {
        schemaVersion: 2,
        mediaType: MediaType.manifest,
        config,
        layers: [layer],
      });
      const index = await put(registry, MediaType.index, {
        schemaVersion: 2,
        mediaType: MediaType.index,
        manifests: [
          { ...amd64, platform: { os: 'linux', architecture: 'amd64' } },
          {
            ...attestation,
            platform: { os: 'unknown', architecture: 'unknown' },
            annotations: {
              'vnd.docker.reference.type': 'attestation-manifest',
              'vnd.docker.reference.digest': amd64.digest,
            },
          },
        ],
      });
      return { attestation, reference: `${registries[name].address}/built@${index.digest}` };
    };
    const asked = { require: 'provenance', scope: 'platforms', builder: IDENTITY };
    const { attestation, reference } = await build(about(amd64.digest));
    expect((await verify(reference, asked)).outputs.verified).toBe('false');
    const { keyless: signer, log, clock } = await signingWith(sigstore);
    const sign = async (of: typeof attestation) =>
      attach(registry, of, await signImage(of.digest, signer, [log, clock]), PredicateType.signature);
    await sign(attestation);
    expect((await verify(reference, asked)).outputs).toMatchObject({ verified: 'true' });
    // The manifest is signed, and speaks of another image than the one it lies beside.
    const swapped = await build(about(digestOf('another')));
    await sign(swapped.attestation);
    const result = await verify(swapped.reference, asked);
    expect(result.outputs.verified).toBe('false');
    expect(failing(result)).toContain('evidence-readable');
  });
});

/** What is asked does not depend on where the image lies: one registry will do. */
test.each<[string, () => Record<string, string>, readonly string[]]>([
  [
    'another workflow',
    () => ({ workflow: WORKFLOW.replace('release', 'other') }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another ref of it',
    () => ({ workflow: `${WORKFLOW}@refs/tags/*` }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another issuer',
    () => ({ 'certificate-oidc-issuer': 'https://token.actions.githubusercontent.com' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another source repository',
    () => ({ 'source-repository': 'octo-org/other' }),
    ['identity', 'signature', 'provenance', 'provenance-source', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'another repository id',
    () => ({ 'source-repository-id': '1296270' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  [
    'a self-hosted runner',
    () => ({ 'runner-environment': 'self-hosted' }),
    ['identity', 'signature', 'provenance', 'sbom', 'scan-present', 'verdict-present'],
  ],
  ['another builder', () => ({ builder: `${IDENTITY}x` }), ['provenance-builder']],
  ['a younger scan', () => ({ 'max-scan-age': '0s' }), ['scan-recent']],
  ['another digest', () => ({ 'expected-digest': digestOf('another') }), ['digest']],
  ['the verdict of another policy', () => ({ 'verdict-policy': digestOf('another policy') }), ['verdict-present']],
])('an image is refused when asked for %s', async (_, inputs, names) => {
  const result = await verify(images.olareg ?? '', inputs());
  expect(result.exitCode).toBe(1);
  expect(failing(result)).toEqual(names);
  expect(result.outputs).toMatchObject({ verified: 'false', digest: target.image.root.digest });
  expect(result.summary).toContain('Verification failed: do not deploy');
  expect(result.annotations.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('an SBOM of more than 16 MB counts: it is signed by its digest, and read where it lies', async () => {
  const long = await evidenceImage(join(folder, 'long'), 'long', { sbomBytes: 17 * 1024 * 1024 });
  const services = { 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot };
  await succeeded(action('sign-image', { layout: long.layout.name, key: privatePem, ...services }));
  const to = async (repository: string) => {
    const image = `${registries.olareg.address}/${repository}`;
    await published(long, new Registry(parseReference(image), {}), { publicKeys: [parsePublicKey(publicPem)] });
    return { image: `${image}@${long.image.root.digest}`, 'verification-key': publicPem, require: 'sbom' };
  };
  expect((await succeeded(action('verify-image', await to('long')))).outputs.verified).toBe('true');
  // The reference alone is no SBOM.
  for (const { digest } of manifestsOf(long.image)) {
    for (const one of await long.layout.referrers(digest, MediaType.inToto)) await long.layout.unlist(one);
  }
  const result = await action('verify-image', await to('lost'));
  expect(result.exitCode).toBe(1);
  expect(failing(result)).toEqual(['evidence-readable']);
}, 240_000);

test('a layout is verified as a registry is, with no registry at hand', async () => {
  const { outputs } = await succeeded(action('verify-image', { layout: target.layout.name, ...keyless() }));
  expect(outputs).toMatchObject({ verified: 'true', digest: target.image.root.digest, reference: '' });
});

test.each<[string, () => Record<string, string>, string]>([
  ['nobody is named', () => ({ image: images.olareg ?? '' }), 'Input workflow'],
  [
    'somebody is named twice',
    () => ({ image: images.olareg ?? '', ...keyless(), 'certificate-identity': 'x' }),
    'Input certificate-identity',
  ],
  [
    'a shared workflow is named without the repository that calls it',
    () => ({
      ...{ image: images.olareg ?? '', ...keyless() },
      workflow: 'tidegate/tidegate/.github/workflows/commit-to-registry.yml',
    }),
    'source-repository',
  ],
  [
    'a claim of certificates is asked of a key',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'source-ref': 'refs/heads/main' }),
    'Input source-ref',
  ],
  [
    'a policy for a cluster is wanted that no cluster can hold',
    () => ({
      ...{ image: images.olareg ?? '', ...keyless(), 'policy-dir': 'policies' },
      'source-repository': 'octo-org/other',
    }),
    'Input policy-dir',
  ],
  ['a workflow is none', () => ({ image: images.olareg ?? '', ...keyless(), workflow: 'x' }), 'Input workflow'],
  [
    'a pattern is none',
    () => ({ image: images.olareg ?? '', ...keyless(), workflow: '', 'certificate-identity-regexp': '(' }),
    'Input certificate-identity-regexp',
  ],
  [
    'the root is no root',
    () => ({ image: images.olareg ?? '', ...keyless(), 'trusted-root': sigstore.signingConfig }),
    'no trusted root',
  ],
  [
    'the root is not there',
    () => ({ image: images.olareg ?? '', ...keyless(), 'trusted-root': 'nowhere.json' }),
    'Input trusted-root',
  ],
  [
    'the key is none',
    () => ({ image: images.olareg ?? '', 'verification-key': 'nowhere.pub' }),
    'Input verification-key',
  ],
  [
    'the digest is none',
    () => ({ image: images.olareg ?? '', ...keyless(), 'expected-digest': 'v1' }),
    'Input expected-digest',
  ],
  [
    'the policy of the verdict is no digest',
    () => ({ image: images.olareg ?? '', ...keyless(), 'verdict-policy': 'strict' }),
    'Input verdict-policy',
  ],
  [
    'a log is asked for, and no root names one',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'transparency-log': 'required' }),
    'Input transparency-log',
  ],
  [
    'a timestamp is asked for, and no root names an authority',
    () => ({ image: images.olareg ?? '', 'verification-key': publicPem, 'signed-timestamp': 'required' }),
    'Input signed-timestamp',
  ],
  ['the image is not there', () => ({ image: `${registries.olareg.address}/nothing:v1`, ...keyless() }), 'nothing'],
  [
    'evidence has no such name',
    () => ({ image: images.olareg ?? '', ...keyless(), require: 'sboms' }),
    'Input require',
  ],
])('when %s, one error says so', async (_, inputs, why) => {
  const result = await action('verify-image', inputs());
  expect(result.exitCode).toBe(1);
  const errors = result.annotations.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.message).toContain(why);
});

async function put(registry: Registry, mediaType: string, value: object) {
  return putBytes(registry, mediaType, Buffer.from(JSON.stringify(value)));
}

async function putBytes(registry: Registry, mediaType: string, bytes: Uint8Array) {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await registry.push(descriptor, contentOfBytes(bytes));
  return descriptor;
}

/** A line as somebody pastes it, with cosign on the PATH. */
function shell(line: string): Promise<{ code: number; output: string }> {
  const env = developerEnvironment({ HOME: folder });
  const path = `${join(cosignProgram, '..')}:${env.PATH}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { env: { ...env, PATH: path }, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, output: stdout + stderr });
    });
  });
}

function cosign(argv: readonly string[]): Promise<{ code: number; output: string }> {
  const env = developerEnvironment({ HOME: folder });
  return new Promise((resolve) => {
    execFile(cosignProgram, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : -1) : 0, output: stdout + stderr });
    });
  });
}
