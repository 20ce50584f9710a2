/** Signatures of sign-image, as cosign reads them in real registries, keyless and with keys, against a real Sigstore. */
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleReferrer, parsePublicKey, readTrustedRoots, type SigstoreRoots, type Trust } from '@tidegate/attest';
import { type Descriptor, type Digest, exact, MediaType, manifestsOf, parseReference } from '@tidegate/core';
import { contentOfBytes, ImageLayout, Registry } from '@tidegate/oci';
import { openTarget, readEvidence, type Target } from '@tidegate/pipeline';
import {
  type BundleResult,
  devTools,
  ensureDebianPackages,
  GITHUB_CLAIMS,
  runBundle,
  type Sigstore,
  startSigstore,
} from '@tidegate/testkit';
import { actionsFromSource } from '../support/actions.ts';
import { type Server, startDockerRegistry, startOlareg } from '../support/servers.ts';
import { COSIGN_TYPES, evidenceImage, published } from './support/evidence-image.ts';
import { emptyRepository } from './support/repository.ts';

const IDENTITY = 'https://github.com/octo-org/octo-app/.github/workflows/release.yml@refs/heads/main';
const REGISTRIES = ['olareg', 'docker-registry'] as const;

let folder = '';
let cosignProgram = '';
let actions: string | undefined;
let sigstore: Sigstore;
let roots: SigstoreRoots;
const registries = {} as Record<(typeof REGISTRIES)[number], Server>;
const running = new AsyncDisposableStack();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-sign-')));
  running.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureDebianPackages(['docker-registry']);
  const tools = await devTools(['cosign', 'olareg']);
  cosignProgram = tools.cosign;
  sigstore = running.use(await startSigstore());
  roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), sigstore.trustedRoot);
  registries.olareg = running.use(await startOlareg(tools.olareg));
  registries['docker-registry'] = running.use(await startDockerRegistry(join(folder, 'registry')));
  if (process.env.TIDEGATE_E2E_FROM_SOURCE === '1') actions = await actionsFromSource(join(folder, 'actions'));
}, 1_800_000);

afterAll(() => running.disposeAsync());

/** One job on a runner whose workflow may ask for a token. */
async function signImage(target: string, inputs: Record<string, string>, env: Record<string, string> = {}) {
  const temp = await mkdtemp(join(folder, 'job-'));
  return runBundle({
    action: actions ? join(actions, 'sign-image', 'action.yml') : 'sign-image',
    inputs: { layout: target, ...inputs },
    temp,
    workspace: temp,
    env,
  });
}

const tokenService = () => ({
  ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
});

const services = () => ({ 'signing-config': sigstore.signingConfig, 'trusted-root': sigstore.trustedRoot });

function succeeded(result: BundleResult): BundleResult {
  if (result.exitCode !== 0) throw new Error(`sign-image failed:\n${result.log.join('\n')}`);
  return result;
}

interface Way {
  readonly inputs: () => Record<string, string>;
  readonly env: () => Record<string, string>;
  readonly trust: () => Trust;
  /** Flags of a user of cosign: the documented ones, and none that skips a check. */
  readonly flags: () => readonly string[];
  /**
   * Every predicate type in both registries; else one in one. Which witnesses there are is the bundle's own affair, and
   * the same whatever it is about and wherever it lies.
   */
  readonly everywhere: boolean;
}

const key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privatePem = key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const keyFlags = () => ['--key', join(folder, 'key.pub'), '--trusted-root', sigstore.trustedRoot];
const withKey = (witness: string, flags: () => readonly string[], everywhere = false): Way => ({
  everywhere,
  inputs: () => ({ key: privatePem, witness, ...services() }),
  env: () => ({}),
  trust: () => ({ publicKeys: [parsePublicKey(publicPem)] }),
  flags,
});

const WAYS: Readonly<Record<string, Way>> = {
  keyless: {
    everywhere: true,
    inputs: services,
    env: tokenService,
    trust: () => ({
      publicKeys: [],
      identities: [{ issuer: exact(sigstore.issuer.url), subject: exact(IDENTITY) }],
      roots,
    }),
    flags: () => [
      ...['--trusted-root', sigstore.trustedRoot, '--certificate-identity', IDENTITY],
      ...['--certificate-oidc-issuer', sigstore.issuer.url],
    ],
  },
  'a key, in the log and with a timestamp': withKey('rekor, timestamp', keyFlags, true),
  'a key, in the log': withKey('rekor', keyFlags),
  'a key and a timestamp': withKey('timestamp', () => [
    ...keyFlags(),
    '--use-signed-timestamps',
    '--insecure-ignore-tlog=true',
  ]),
  'a key alone': withKey('none', () => [...keyFlags(), '--insecure-ignore-tlog=true']),
};

describe.each(Object.entries(WAYS))('signed with %s', (name, way) => {
  let target: Target;
  let signed: BundleResult;
  beforeAll(async () => {
    await writeFile(join(folder, 'key.pub'), publicPem);
    target = await evidenceImage(join(folder, `layout ${name}`), name);
    signed = succeeded(await signImage(target.layout.name, way.inputs(), way.env()));
  }, 120_000);

  test('every statement about the index and each platform has one bundle', async () => {
    expect(signed.outputs.signatures).toBe('18');
    const layout = await ImageLayout.open(target.layout.name);
    for (const { digest } of manifestsOf(target.image)) {
      expect(await layout.referrers(digest, MediaType.bundle)).toHaveLength(6);
    }
  });

  const types = Object.keys(COSIGN_TYPES);
  describe.each(way.everywhere ? REGISTRIES : REGISTRIES.slice(0, 1))('and published to %s', (registryName) => {
    let references: readonly string[];
    beforeAll(async () => {
      const image = `${registries[registryName].address}/sign/${name.replaceAll(/[^a-z]+/g, '-')}`;
      const registry = new Registry(parseReference(image), {});
      await published(target, registry, way.trust());
      references = manifestsOf(target.image).map(({ digest }) => `${image}@${digest}`);
    }, 60_000);

    test('cosign verify accepts the index and a platform', async () => {
      const answers = references.slice(0, 2).map((reference) => cosign('verify', ...way.flags(), reference));
      for (const { code, stdout, stderr } of await Promise.all(answers)) {
        expect(stderr).toContain('cosign claims were validated');
        expect(code).toBe(0);
        expect(stdout).toContain('https://sigstore.dev/cosign/sign/v1');
      }
    }, 120_000);

    test.each(way.everywhere ? types : types.slice(0, 1))(
      'cosign verify-attestation --type %s accepts ours',
      async (type) => {
        const reference = references[0] ?? '';
        const { code, stdout, stderr } = await cosign('verify-attestation', ...way.flags(), '--type', type, reference);
        expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
        const [line = ''] = stdout.trim().split('\n');
        const statement = JSON.parse(Buffer.from(JSON.parse(line).payload, 'base64').toString());
        expect(statement.predicateType).toBe(COSIGN_TYPES[type]);
        expect(`sha256:${statement.subject[0].digest.sha256}` as Digest).toBe(reference.split('@')[1]);
      },
      60_000,
    );
  });
});

test('signing again with the same identity leaves what is there', async () => {
  const target = await evidenceImage(join(folder, 'twice'), 'twice');
  succeeded(await signImage(target.layout.name, services(), tokenService()));
  const before = await readFile(join(target.layout.name, 'index.json'), 'utf8');
  succeeded(await signImage(target.layout.name, services(), tokenService()));
  expect(await readFile(join(target.layout.name, 'index.json'), 'utf8')).toBe(before);
}, 120_000);

test("the log's entry for a key is checked before a tag is set", async () => {
  const target = await evidenceImage(join(folder, 'witnessed'), 'witnessed');
  const temp = await mkdtemp(join(folder, 'job-'));
  const env = { GITHUB_SHA: await emptyRepository(temp) };
  const step = (action: string, inputs: Record<string, string>) =>
    runBundle({
      action: actions ? join(actions, action, 'action.yml') : action,
      inputs: { layout: target.layout.name, ...inputs },
      ...{ temp, workspace: temp, event: { repository: { default_branch: 'main' } }, env },
    });
  succeeded(await step('sign-image', { key: privatePem, witness: 'rekor', ...services() }));
  const push = (name: string) =>
    step('push-image', { image: `${registries.olareg.address}/sign/${name}`, require: 'signature', preset: 'observe' });
  const pushed = succeeded(await push('witnessed'));
  expect(pushed.summary).toContain('cosign verify --key cosign.pub ');
  expect(pushed.summary).not.toContain('--insecure-ignore-tlog');
  // Two entries that hold, each beside the other's signature.
  const layout = await ImageLayout.open(target.layout.name);
  const [one, two] = await layout.referrers(target.image.root.digest, MediaType.bundle);
  if (!one || !two) throw new Error('nothing was signed');
  const [mine, others] = await Promise.all([one, two].map((referrer) => bundleIn(layout, referrer)));
  mine.verificationMaterial.tlogEntries = others.verificationMaterial.tlogEntries;
  const predicateType = one.annotations?.['dev.sigstore.bundle.predicateType'] ?? '';
  const spoilt = bundleReferrer(target.image.root, Buffer.from(JSON.stringify(mine)), predicateType);
  for (const blob of spoilt.blobs) await layout.push(blob.descriptor, contentOfBytes(blob.bytes));
  await layout.push(spoilt.descriptor, contentOfBytes(spoilt.manifest));
  await layout.unlist(one);
  const refused = await push('swapped');
  expect(refused.exitCode).toBe(1);
  expect(refused.log.join('\n')).toContain('log entry');
  const there = await fetch(`http://${registries.olareg.address}/v2/sign/swapped/tags/list`);
  expect(there.ok ? (((await there.json()) as { tags?: unknown[] }).tags ?? []) : []).toEqual([]);
}, 120_000);

// biome-ignore lint/suspicious/noExplicitAny: a bundle is spoilt in ways its type does not allow
async function bundleIn(layout: ImageLayout, referrer: Descriptor): Promise<any> {
  const { layers } = JSON.parse((await layout.fetchBytes(referrer)).toString());
  return JSON.parse((await layout.fetchBytes(layers[0])).toString());
}

test('an RSA key signs one image into the log once: the second time fails with the reason', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const inputs = { key: pem, witness: 'rekor', ...services() };
  const layouts = ['first', 'again'].map((name) => evidenceImage(join(folder, `rsa ${name}`), 'rsa'));
  const [first, again] = await Promise.all(layouts);
  succeeded(await signImage(first?.layout.name ?? '', inputs));
  const second = await signImage(again?.layout.name ?? '', inputs);
  expect(second.exitCode).toBe(1);
  expect(second.annotations.map(({ message }) => message)).toEqual([
    expect.stringContaining('RSA signatures of the same statement are identical'),
  ]);
}, 120_000);

test('an SBOM of more than 16 MB is signed by its digest, and cosign accepts that', async () => {
  const target = await evidenceImage(join(folder, 'long'), 'long', { sbomBytes: 17 * 1024 * 1024 });
  succeeded(await signImage(target.layout.name, services(), tokenService()));
  const image = `${registries.olareg.address}/sign/long`;
  const trust = WAYS.keyless?.trust() ?? { publicKeys: [] };
  await published(target, new Registry(parseReference(image), {}), trust);
  const { digest } = target.image.root;
  const flags = WAYS.keyless?.flags() ?? [];
  const type = 'https://in-toto.io/attestation/reference/v0.1';
  const { code, stdout } = await cosign('verify-attestation', ...flags, '--type', type, `${image}@${digest}`);
  expect(code).toBe(0);
  const { predicate } = JSON.parse(Buffer.from(JSON.parse(stdout.trim()).payload, 'base64').toString());
  // The image that it names can be fetched, as a referrer.
  const registry = new Registry(parseReference(image), {});
  const layers = await Promise.all(
    (await registry.referrers(digest, MediaType.inToto)).map(async (one) => {
      const {
        layers: [layer],
      } = JSON.parse((await registry.fetchBytes(one)).toString());
      return layer.digest;
    }),
  );
  expect(layers).toEqual([`sha256:${predicate.references[0].digest.sha256}`]);
  const evidence = await readEvidence(await openTarget(target.layout.name), trust);
  const covered = evidence.filter((one) => one.kind === 'signature' && one.predicateType === COSIGN_TYPES.spdxjson);
  expect(covered.map((one) => one.kind === 'signature' && one.payload)).toContain(layers[0]);
}, 240_000);

test("provenance says what the run's certificate says, and cosign hands it out so", async () => {
  const target = await evidenceImage(join(folder, 'certified'), 'certified');
  succeeded(await signImage(target.layout.name, services(), tokenService()));
  const image = `${registries.olareg.address}/sign/certified`;
  await published(target, new Registry(parseReference(image), {}), WAYS.keyless?.trust() ?? { publicKeys: [] });
  const flags = WAYS.keyless?.flags() ?? [];
  const reference = `${image}@${target.image.root.digest}`;
  const { stdout } = await cosign('verify-attestation', ...flags, '--type', 'slsaprovenance1', reference);
  const { predicate } = JSON.parse(Buffer.from(JSON.parse(stdout.trim()).payload, 'base64').toString());
  expect(predicate).toMatchObject({
    buildDefinition: {
      externalParameters: {
        workflow: {
          repository: 'https://github.com/octo-org/octo-app',
          ref: 'refs/heads/main',
          path: '.github/workflows/release.yml',
        },
      },
      internalParameters: { github: { event_name: 'push', runner_environment: 'github-hosted' } },
      resolvedDependencies: [
        {
          uri: 'git+https://github.com/octo-org/octo-app@refs/heads/main',
          digest: { gitCommit: GITHUB_CLAIMS.sha },
        },
      ],
    },
    runDetails: {
      builder: { id: IDENTITY },
      metadata: { invocationId: 'https://github.com/octo-org/octo-app/actions/runs/7000000001/attempts/1' },
    },
  });
}, 120_000);

test('another identity replaces them: none of the first one is left', async () => {
  const target = await evidenceImage(join(folder, 'replaced'), 'replaced');
  succeeded(await signImage(target.layout.name, services(), tokenService()));
  const workflow = 'octo-org/octo-app/.github/workflows/other.yml@refs/heads/main';
  const token = sigstore.issuer.token('sigstore', { job_workflow_ref: workflow });
  const result = succeeded(await signImage(target.layout.name, { ...services(), 'identity-token': token }));
  expect(result.outputs.signer).toBe(`https://github.com/${workflow} (${sigstore.issuer.url})`);
  const layout = await ImageLayout.open(target.layout.name);
  expect(await layout.referrers(target.image.root.digest, MediaType.bundle)).toHaveLength(6);
}, 120_000);

test.each<[string, () => Promise<{ inputs: Record<string, string>; env: Record<string, string> }>]>([
  ['SIGSTORE_ID_TOKEN', async () => ({ inputs: {}, env: { SIGSTORE_ID_TOKEN: sigstore.issuer.token('sigstore') } })],
  [
    'a file',
    async () => {
      const file = join(folder, 'token');
      await writeFile(file, `${sigstore.issuer.token('sigstore')}\n`);
      return { inputs: { 'identity-token': file }, env: {} };
    },
  ],
])(
  'a token from %s signs',
  async (name, given) => {
    const target = await evidenceImage(join(folder, `from ${name}`), name);
    const { inputs, env } = await given();
    const result = succeeded(await signImage(target.layout.name, { ...services(), ...inputs }, env));
    expect(result.outputs.signer).toBe(`${IDENTITY} (${sigstore.issuer.url})`);
  },
  120_000,
);

/** Nothing of this machine's configuration reaches cosign. */
function cosign(...argv: readonly string[]) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve, reject) => {
    const env = { HOME: folder, PATH: '' };
    execFile(cosignProgram, argv, { cwd: folder, env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}
