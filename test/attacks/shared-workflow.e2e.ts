/**
 * Somebody else calls the reusable workflow that signs our images, and so has our identity; or takes an image that a lax
 * policy let into one repository to another one.
 */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  keylessSigner,
  makeBundle,
  makeStatement,
  parseSigningConfig,
  readTrustedRoots,
  type Signer,
  type SigstoreRoots,
  signatureStatement,
} from '@tidegate/attest';
import { type Descriptor, type Policy, PredicateType, parseReference, workflowIdentity } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import { verifyImage } from '@tidegate/pipeline';
import { type RegistryServer, type Sigstore, startRegistry, startSigstore } from '@tidegate/testkit';
import { attach, pushImage, type Signing, signingWith } from '../interop/support/signed-image.ts';

const SHARED = 'tidegate/tidegate/.github/workflows/commit-to-registry.yml';
let sigstore: Sigstore;
let server: RegistryServer;
let roots: SigstoreRoots;
let signing: Signing;
const running = new AsyncDisposableStack();

beforeAll(async () => {
  server = await startRegistry();
  running.defer(() => server.close());
  sigstore = running.use(await startSigstore());
  roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), 'root');
  signing = await signingWith(sigstore);
}, 1_800_000);
afterAll(() => running.disposeAsync());

/** A run of the shared workflow that this repository has called. */
async function calledBy(repository: string, claims: Record<string, string> = {}): Promise<Signer> {
  const { fulcio } = parseSigningConfig(await readFile(sigstore.signingConfig), new Date(), 'config');
  const ours = {
    repository,
    sub: `repo:${repository}:ref:refs/heads/main`,
    job_workflow_ref: `${SHARED}@refs/tags/v1`,
  };
  return keylessSigner({
    ...{ fulcio, outage: { kind: 'fail' }, signal: new AbortController().signal, clock: () => new Date() },
    ...{ notice: () => {}, pause: async () => {}, fetch },
    tokens: async (audience) => sigstore.issuer.token(audience, { ...ours, ...claims }),
  });
}

let images = 0;
/** An image in acme's repository with a signature and a verdict by this run; the verdict says what its maker likes. */
async function signedBy(signer: Signer, destination = `${server.host}/acme/app`) {
  images += 1;
  const registry = new Registry(parseReference(`${server.host}/acme/app`), {});
  const image = await pushImage(registry, `image ${images}`);
  const witnesses = [signing.log, signing.clock];
  const subjects = [{ digest: image.digest }];
  const verdict = makeStatement(PredicateType.verdict, subjects, {
    verifier: { id: `https://github.com/${SHARED}` },
    timeVerified: new Date().toISOString(),
    resourceUri: destination,
    policy: { digest: { sha256: 'a'.repeat(64) } },
    verificationResult: 'PASSED',
    verifiedLevels: [],
  });
  const statements = [signatureStatement(image.digest), verdict] as const;
  for (const { bytes, statement } of statements) {
    await attach(registry, image, await makeBundle(bytes, signer, witnesses), statement.predicateType);
  }
  return { registry, image };
}

async function verified({ registry, image }: { registry: Registry; image: Descriptor }, more: object = {}) {
  const require = ['signature', 'verdict'] as const;
  const policy = {
    ...{ require, failOn: 'high', unknownSeverity: 'fail', onlyFixed: false },
    ...{ maxDatabaseAge: 1e9, maxScanAge: 1e9 },
    // Signatures and verdicts alone are asked for.
  } as unknown as Policy;
  const identity = workflowIdentity({
    workflow: SHARED,
    ...{ repository: 'acme/app', issuer: sigstore.issuer.url, ...more },
  });
  const { checks, passed } = await verifyImage(
    registry,
    image,
    {
      trust: { publicKeys: [], identities: [identity], roots, log: 'required' },
      expectations: { require, scope: 'root', policy, identity, destination: registry },
    },
    { clock: () => new Date(), signal: new AbortController().signal, log: {} as never },
  );
  return { passed, why: checks.filter(({ outcome }) => outcome === 'fail').map(({ why }) => why) };
}

test('the repository that calls the workflow is accepted', async () => {
  expect(await verified(await signedBy(await calledBy('acme/app')), { repositoryId: '1296269' })).toEqual({
    passed: true,
    why: [],
  });
}, 60_000);

describe('refused is', () => {
  test.each<[string, () => Promise<Signer>, object, string]>([
    ['another repository that calls the same workflow', () => calledBy('evil/app'), {}, 'evil/app'],
    [
      'a repository that was made again under our name',
      () => calledBy('acme/app', { repository_id: '666' }),
      { repositoryId: '1296269' },
      'source repository id is 666',
    ],
    [
      'a branch of ours',
      () => calledBy('acme/app', { ref: 'refs/heads/feature' }),
      { ref: 'refs/tags/v*' },
      'source ref is refs/heads/feature',
    ],
    [
      'a runner of somebody',
      () => calledBy('acme/app', { runner_environment: 'self-hosted' }),
      {},
      'runner environment is self-hosted',
    ],
  ])(
    '%s',
    async (_, signer, asked, why) => {
      const result = await verified(await signedBy(await signer()), asked);
      expect(result.passed).toBe(false);
      expect(result.why.join()).toContain(why);
    },
    60_000,
  );

  test('an image with a verdict for another repository, whose policy is laxer', async () => {
    const result = await verified(await signedBy(await calledBy('acme/app'), `${server.host}/acme/sandbox`));
    expect(result).toEqual({
      passed: false,
      why: [expect.stringContaining(`the verdict is for ${server.host}/acme/sandbox`)],
    });
  }, 60_000);
});
