/** Policies for clusters, decided by policy-controller's own engine. Its tester takes long to build the first time. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { makeBundle, makeStatement } from '@tidegate/attest';
import {
  type Admission,
  clusterImagePolicy,
  clusterPolicies,
  type Descriptor,
  exact,
  PredicateType,
} from '@tidegate/core';
import { developerEnvironment, devTools, type Sigstore, startSigstore } from '@tidegate/testkit';
import {
  attach,
  pushImage,
  registryAt,
  type Signing,
  signImage,
  signingWith,
} from '../interop/support/signed-image.ts';
import { type Server, startOlareg } from '../support/servers.ts';
import { trustRootOf } from './support/trust-root.ts';

/** Bundles here have a timestamp and no entry in a log, which this controller could not read: see `trustRootOf`. */
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
    await writeFile(join(folder, 'root.json'), JSON.stringify(await trustRootOf(sigstore, 'loopback')));
  }, 1_800_000);

  afterAll(() => running.disposeAsync());

  const DAY = 24 * 3_600_000;
  interface Said {
    readonly result: 'PASSED' | 'FAILED';
    /** How long ago. */
    readonly age?: number;
    /** Default: where the image is. */
    readonly destination?: string;
  }
  const verdictOf = ({ digest }: Descriptor, { result, age = 0, destination }: Said) =>
    makeStatement(PredicateType.verdict, [{ digest }], {
      verificationResult: result,
      resourceUri: destination ?? `${olareg.address}/app`,
      timeVerified: new Date(Date.now() - age).toISOString(),
    });

  test.each<[string, readonly Said[], string, boolean, number, string]>([
    ['a signature and a verdict of yes', [{ result: 'PASSED' }], IDENTITY, true, 0, ''],
    ['a verdict of no', [{ result: 'FAILED' }], IDENTITY, true, 1, 'not compliant'],
    ['no verdict', [], IDENTITY, true, 1, 'no matching attestations'],
    ['no signature', [{ result: 'PASSED' }], IDENTITY, false, 1, 'no matching attestations'],
    ['another identity', [{ result: 'PASSED' }], `${IDENTITY}2`, true, 1, 'certificate identity'],
    [
      'a verdict for another repository',
      [{ result: 'PASSED', destination: 'ghcr.io/acme/lax' }],
      IDENTITY,
      true,
      1,
      'not compliant',
    ],
    ['a verdict of yes that is too old', [{ result: 'PASSED', age: 8 * DAY }], IDENTITY, true, 1, 'not compliant'],
    ['a verdict from the future', [{ result: 'PASSED', age: -2 * DAY }], IDENTITY, true, 1, 'not compliant'],
    [
      'an old verdict of yes beside a new one of no',
      [{ result: 'PASSED', age: 2 * DAY }, { result: 'FAILED' }],
      IDENTITY,
      true,
      1,
      'not compliant',
    ],
    [
      'a verdict of no beside it that is for another repository, or older than verdicts may be',
      [
        { result: 'PASSED' },
        { result: 'FAILED', destination: 'ghcr.io/acme/other' },
        { result: 'FAILED', age: 8 * DAY },
      ],
      IDENTITY,
      true,
      0,
      '',
    ],
  ])('on %s', async (name, said, subject, signed, code, why) => {
    const registry = registryAt(olareg.address, 'app');
    const image = await pushImage(registry, name);
    const { keyless, clock } = signing;
    if (signed) await attach(registry, image, await signImage(image.digest, keyless, [clock]), PredicateType.signature);
    for (const one of said) {
      const { bytes } = verdictOf(image, one);
      await attach(registry, image, await makeBundle(bytes, keyless, [clock]), PredicateType.verdict);
    }
    const identity = { issuer: exact(sigstore.issuer.url), subject: exact(subject) };
    const answer = await decided(image, { signer: { kind: 'keyless', identity } });
    expect(answer.output).toContain(why);
    expect(answer.code).toBe(code);
  });

  test('cannot tell the callers of a workflow from each other, so no policy is written that names one', async () => {
    const shared = 'tidegate/tidegate/.github/workflows/commit-to-registry.yml@refs/tags/v1';
    const evil = await signingWith(sigstore, { repository: 'evil/app', job_workflow_ref: shared });
    const registry = registryAt(olareg.address, 'app');
    const image = await pushImage(registry, 'hostile');
    // Under the identity that all callers share, a statement may claim any of them.
    const claim = makeStatement(PredicateType.provenance, [{ digest: image.digest }], {
      buildDefinition: { externalParameters: { workflow: { repository: 'https://github.com/octo-org/octo-app' } } },
    });
    for (const [bytes, type] of [
      [claim.bytes, PredicateType.provenance],
      [verdictOf(image, { result: 'PASSED' }).bytes, PredicateType.verdict],
    ] as const) {
      await attach(registry, image, await makeBundle(bytes, evil.keyless, [evil.clock]), type);
    }
    await attach(registry, image, await signImage(image.digest, evil.keyless, [evil.clock]), PredicateType.signature);
    const subject = exact(`https://github.com/${shared}`);
    const issuer = exact(sigstore.issuer.url);
    // The engine has issuer and subject, and admits what evil/app has built.
    expect((await decided(image, { signer: { kind: 'keyless', identity: { issuer, subject } } })).code).toBe(0);
    const sourceRepository = exact('https://github.com/octo-org/octo-app');
    const admission: Admission = {
      repository: `${olareg.address}/app`,
      signer: { kind: 'keyless', identity: { issuer, subject, sourceRepository } },
    };
    expect(() => clusterImagePolicy(admission)).toThrow('every repository that calls');
    expect(clusterPolicies(admission).written).toEqual([]);
    // A workflow of the repository itself is told from it.
    const own = { issuer, subject: exact(IDENTITY), sourceRepository };
    expect((await decided(image, { signer: { kind: 'keyless', identity: own } })).code).toBe(1);
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

  function ask(argv: readonly string[]): Promise<{ code: unknown; output: string }> {
    const env = developerEnvironment({ HOME: folder });
    return new Promise((resolve) => {
      execFile(tester, argv, { env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, output: stdout + stderr });
      });
    });
  }
});
