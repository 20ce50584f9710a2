/** What is written for clusters, decided by policy-controller's own engine. Its tester takes long to build the first time. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeBundle, makeStatement } from '@tidegate/attest';
import {
  type Admission,
  clusterImagePolicy,
  type Descriptor,
  exact,
  PredicateType,
  workflowIdentity,
} from '@tidegate/core';
import { developerEnvironment, devTools, type Sigstore, startSigstore } from '@tidegate/testkit';
import { type Server, startOlareg } from '../e2e/support/servers.ts';
import {
  attach,
  pushImage,
  registryAt,
  type Signing,
  signImage,
  signingWith,
} from '../interop/support/signed-image.ts';

/**
 * policy-controller v0.13.1 cannot parse entries of Rekor v2, nor take an Ed25519 log or our certificate log from a
 * TrustRoot: so bundles here have a timestamp and no entry, and it is told to look at no SCT.
 */
describe("policy-controller's own engine", () => {
  const IDENTITY = 'https://github.com/octo-org/octo-app/.github/workflows/release.yml@refs/heads/main';
  const running = new AsyncDisposableStack();
  let folder = '';
  let tester = '';
  let sigstore: Sigstore;
  let olareg: Server;
  let signing: Signing;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidegate-cluster-'));
    running.defer(() => rm(folder, { recursive: true, force: true }));
    const tools = await devTools(['olareg', 'policy-tester']);
    tester = tools['policy-tester'];
    sigstore = running.use(await startSigstore());
    olareg = running.use(await startOlareg(tools.olareg));
    signing = await signingWith(sigstore);
    await writeFile(join(folder, 'root.json'), JSON.stringify(await trustRoot()));
  }, 1_800_000);

  afterAll(() => running.disposeAsync());

  test.each<[string, 'PASSED' | 'FAILED' | undefined, string, boolean, number, string]>([
    ['a signature and a verdict of yes', 'PASSED', IDENTITY, true, 0, ''],
    ['a verdict of no', 'FAILED', IDENTITY, true, 1, 'conflicting values'],
    ['no verdict', undefined, IDENTITY, true, 1, 'no matching attestations'],
    ['no signature', 'PASSED', IDENTITY, false, 1, 'no matching attestations'],
    ['another identity', 'PASSED', `${IDENTITY}2`, true, 1, 'certificate identity'],
  ])('on %s', async (name, result, subject, signed, code, why) => {
    const registry = registryAt(olareg.address, 'app');
    const image = await pushImage(registry, name);
    const { keyless, clock } = signing;
    if (signed) await attach(registry, image, await signImage(image.digest, keyless, [clock]), PredicateType.signature);
    if (result) {
      const verdict = makeStatement(PredicateType.verdict, [{ digest: image.digest }], { verificationResult: result });
      await attach(registry, image, await makeBundle(verdict.bytes, keyless, [clock]), PredicateType.verdict);
    }
    const identity = { issuer: exact(sigstore.issuer.url), subject: exact(subject) };
    const answer = await decided(image, { signer: { kind: 'keyless', identity } });
    expect(answer.output).toContain(why);
    expect(answer.code).toBe(code);
  });

  test.each<[string, string, string, number, string]>([
    ['the source that is asked for', 'https://github.com/octo-org/octo-app', 'refs/tags/v1.2.3', 0, ''],
    [
      'another repository that calls the same workflow',
      'https://github.com/evil/app',
      'refs/tags/v1.2.3',
      1,
      'workflow',
    ],
    ['another ref', 'https://github.com/octo-org/octo-app', 'refs/heads/main', 1, 'workflow'],
  ])('on provenance of %s', async (name, repository, ref, code, why) => {
    const registry = registryAt(olareg.address, 'app');
    const image = await pushImage(registry, name);
    const { keyless, clock } = signing;
    const commit = 'c'.repeat(40);
    const provenance = makeStatement(PredicateType.provenance, [{ digest: image.digest }], {
      buildDefinition: {
        externalParameters: { workflow: { repository, ref, path: '.github/workflows/release.yml' } },
        resolvedDependencies: [
          { uri: `git+${repository}@${ref}`, digest: { gitCommit: commit } },
          { uri: 'pkg:docker/x' },
        ],
      },
    });
    await attach(registry, image, await makeBundle(provenance.bytes, keyless, [clock]), PredicateType.provenance);
    const source = workflowIdentity({
      workflow: 'any/any/.github/workflows/any.yml',
      ...{ repository: 'octo-org/octo-app', ref: 'refs/tags/v*', commit },
    });
    const identity = { ...source, issuer: exact(sigstore.issuer.url), subject: exact(IDENTITY) };
    const answer = await decided(image, { signer: { kind: 'keyless', identity }, predicateTypes: [] });
    expect(answer.output).toContain(why);
    expect(answer.code).toBe(code);
  });

  async function decided({ digest }: Descriptor, admission: Omit<Admission, 'repository'>) {
    const repository = `${olareg.address}/app`;
    const policy = clusterImagePolicy({ repository, ...admission }, 'loopback').replace(
      '        trustRootRef: loopback',
      '        insecureIgnoreSCT: true\n        trustRootRef: loopback',
    );
    const at = (file: string) => join(folder, file);
    await writeFile(at('policy.yaml'), policy);
    return ask(['-policy', at('policy.yaml'), '-trustroot', at('root.json'), '-image', `${repository}@${digest}`]);
  }

  async function trustRoot(): Promise<object> {
    const { certificateAuthorities, timestampAuthorities } = JSON.parse(await readFile(sigstore.trustedRoot, 'utf8'));
    interface Authority {
      readonly uri: string;
      readonly certChain: { readonly certificates: readonly { readonly rawBytes: string }[] };
    }
    const pem = ({ rawBytes }: { rawBytes: string }) =>
      `-----BEGIN CERTIFICATE-----\n${rawBytes.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
    const authority = ({ uri, certChain }: Authority) => ({
      subject: { organization: 'Tidegate tests', commonName: 'loopback' },
      uri,
      certChain: Buffer.from(certChain.certificates.map(pem).join('')).toString('base64'),
    });
    return {
      apiVersion: 'policy.sigstore.dev/v1alpha1',
      kind: 'TrustRoot',
      metadata: { name: 'loopback' },
      spec: {
        sigstoreKeys: {
          certificateAuthorities: certificateAuthorities.map(authority),
          timestampAuthorities: timestampAuthorities.map(authority),
        },
      },
    };
  }

  function ask(argv: readonly string[]): Promise<{ code: unknown; output: string }> {
    const env = developerEnvironment({ HOME: folder });
    return new Promise((resolve) => {
      execFile(tester, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, output: stdout + stderr });
      });
    });
  }
});
