/**
 * From a commit to admission at an API server, keyless: `ship` publishes an image, `pin-manifests` pins a manifest to
 * it, and the webhook of sigstore's policy-controller decides with the policy of the examples. No kubelet runs here.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Signer } from '@tidegate/attest';
import {
  type ApiClient,
  type ApiObject,
  type Cluster,
  type Controller,
  collectionOf,
  parseYaml,
  type Sigstore,
  startCluster,
  startPolicyController,
  startSigstore,
} from '@tidegate/testkit';
import { newKeyPair, pushImage, registryAt, type Signing, signingWith } from '../interop/support/signed-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import {
  deploy,
  deploymentsOf,
  eventually,
  imagesOf,
  isReady,
  isStored,
  messageOf,
  startPod,
} from './support/admission.ts';
import { attachVerdict, signedBy } from './support/evidence.ts';
import { trustRootOf } from './support/trust-root.ts';

const suite = await theSuite();
const REPOSITORY = `${suite.registries.olareg}/acme/app`;
const REGISTRY = registryAt(suite.registries.olareg, 'acme/app');
const WORKFLOW = 'acme/app/.github/workflows/image.yml';
const RUN = { repository: 'acme/app', ref: 'refs/tags/v1.2.3', job_workflow_ref: `${WORKFLOW}@refs/tags/v1.2.3` };
const CHECKED = 'shop';
const UNCHECKED = 'elsewhere';

const running = new AsyncDisposableStack();
let cluster: Cluster;
let admin: ApiClient;
let controller: Controller;
let sigstore: Sigstore;
let signing: Signing;
let job: Job;
let digest = '';
beforeAll(async () => {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  sigstore = running.use(await startSigstore({ log }));
  signing = await signingWith(sigstore, RUN);
  cluster = running.use(await startCluster({ log }));
  admin = cluster.as('admin');
  controller = running.use(await startPolicyController(cluster, { log }));
  await cluster.addNamespace(CHECKED, { 'policy.sigstore.dev/include': 'true' });
  await cluster.addNamespace(UNCHECKED);
  await publish();
}, 3_600_000);
afterAll(() => running.disposeAsync());

/** The pipeline's part: publishes, verifies and pins. */
async function publish(): Promise<void> {
  job = await newJob(suite, { tag: 'v1.2.3', files: { 'deployment.yaml': await manifest(`${REPOSITORY}:1.2.3`) } });
  running.defer(() => leave(job));
  sigstore.issuer.claim({ ...RUN, sha: job.sha });
  const env = {
    GITHUB_REPOSITORY: RUN.repository,
    ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
  };
  const trusted = { 'trusted-root': sigstore.trustedRoot };
  const keyless = { key: '', witness: 'timestamp', 'signing-config': sigstore.signingConfig };
  await succeeded(job.run('ship', { image: REPOSITORY, ...keyless, ...trusted }, { env }));
  const identity = { workflow: WORKFLOW, 'source-ref': 'refs/tags/v*', 'certificate-oidc-issuer': sigstore.issuer.url };
  const expected = { ...trusted, ...identity, 'transparency-log': 'optional', 'signed-timestamp': 'required' };
  const verify = { image: `${REPOSITORY}:1.2.3`, 'policy-dir': join(job.temp, 'policies') };
  ({ digest = '' } = (await succeeded(job.run('verify-image', { ...expected, ...verify }))).outputs);
  await succeeded(job.run('pin-manifests', { ...expected, files: 'deployment.yaml' }));
}

const example = (name: string) => readFile(new URL(`../../examples/cluster/${name}`, import.meta.url), 'utf8');
const manifest = async (image: string) => (await example('deployment.yaml')).replace(/image: \S+/, `image: ${image}`);
const pinned = () => readFile(join(job.workspace, 'deployment.yaml'), 'utf8');

/** The policy in the examples, for this repository and this issuer of identities. */
const documented = async () =>
  (await example('cluster-image-policy.yaml'))
    .replaceAll('ghcr.io/acme/app', REPOSITORY)
    .replaceAll('https://token.actions.githubusercontent.com', sigstore.issuer.url);

/** With the TrustRoot that docs/guides/kubernetes.md adds to it. */
async function policyWith(trustRootRef: string): Promise<ApiObject> {
  const { spec, ...rest } = parseYaml(await documented());
  const authorities = spec.authorities.map((authority: { readonly keyless: object }) => ({
    ...authority,
    keyless: { ...authority.keyless, trustRootRef, insecureIgnoreSCT: true },
    rfc3161timestamp: { trustRootRef },
  }));
  return { ...rest, spec: { ...spec, authorities } };
}

const deployed = (text: string, namespace = CHECKED) => deploy(admin, text, namespace);

const REFUSED = /^admission webhook "policy\.sigstore\.dev" denied the request: validation failed: /;

describe('before a policy is applied', () => {
  test('an unsigned image is admitted in a namespace without the label', async () => {
    const { digest: unsigned } = await pushImage(REGISTRY, 'before');
    expect(messageOf(await deployed(await manifest(`${REPOSITORY}@${unsigned}`), UNCHECKED))).toBe('');
  });

  test('every image is refused in a namespace with the label: no policy speaks of it', async () => {
    await eventually(
      async () => deployed(await pinned()),
      ({ status }) => status !== 201,
    );
    expect(messageOf(await deployed(await pinned()))).toMatch(REFUSED);
    expect(messageOf(await deployed(await pinned()))).toContain('no matching policies');
  });
});

describe('with the policy of the examples', () => {
  beforeAll(async () => {
    await eventually(async () => admin.create(await trustRootOf(sigstore, 'my-trust-root')), isStored);
    const policy = await policyWith('my-trust-root');
    await eventually(() => admin.create(policy), isStored);
    await eventually(() => admin.request('GET', `${collectionOf(policy)}/${policy.metadata?.name}`), isReady);
    const known = async () => deployed(await pinned());
    await eventually(known, (answer) => !messageOf(answer).includes('no matching policies'));
  });

  test('it is the one that verify-image wrote, but for its name', async () => {
    const written = parseYaml(await readFile(join(job.temp, 'policies', 'cluster-image-policy.yaml'), 'utf8'));
    const { authorities, ...spec } = parseYaml(await documented()).spec;
    const inAnyOrder = ({ attestations, ...authority }: { readonly attestations: readonly object[] }) => ({
      ...authority,
      attestations: new Set(attestations),
    });
    expect(written.spec).toMatchObject(spec);
    expect(written.spec.authorities.map(inAnyOrder)).toEqual(authorities.map(inAnyOrder));
  });

  test('the manifest that pin-manifests pinned is admitted as it is written, and so is its pod', async () => {
    const text = await pinned();
    const image = `${REPOSITORY}:1.2.3@${digest}`;
    expect(text).toBe(await manifest(image));
    for (const answer of [await deployed(text), await startPod(admin, text, CHECKED)]) {
      expect(messageOf(answer)).toBe('');
      expect(imagesOf(answer)).toEqual([image]);
    }
    expect(messageOf(await admin.request('POST', deploymentsOf(CHECKED), text))).toBe('');
    expect(await admin.request('DELETE', `${deploymentsOf(CHECKED)}/app`)).toMatchObject({ status: 200 });
  });

  test('an unsigned image of the same repository is refused, in a deployment and in a pod', async () => {
    const { digest: unsigned } = await pushImage(REGISTRY, 'unsigned');
    const text = await manifest(`${REPOSITORY}:1.2.3@${unsigned}`);
    for (const answer of [await deployed(text), await startPod(admin, text, CHECKED)]) {
      expect(messageOf(answer)).toMatch(REFUSED);
      expect(messageOf(answer)).toContain('no valid bundles exist in registry');
    }
  });

  test('a tag is admitted as the digest that it has; after it was moved to an unsigned image, it is refused', async () => {
    const tag = await manifest(`${REPOSITORY}:1.2.3`);
    const answer = await deployed(tag);
    expect(imagesOf(answer)).toEqual([`${REPOSITORY}:1.2.3@${digest}`]);
    await REGISTRY.moveTag(await pushImage(REGISTRY, 'moved'), '1.2.3');
    expect(messageOf(await deployed(tag))).toMatch(REFUSED);
    expect(messageOf(await deployed(await pinned()))).toBe('');
  });

  const maker = () => ({ registry: REGISTRY, destination: REPOSITORY, witnesses: [signing.clock] });
  const runOf = async (claims: Readonly<Record<string, string>>) => (await signingWith(sigstore, claims)).keyless;
  const OTHER = WORKFLOW.replace('acme', 'evil');

  test.each<[string, () => Promise<Signer>, string]>([
    [
      'the workflow of another repository',
      () => runOf({ repository: 'evil/app', job_workflow_ref: `${OTHER}@refs/tags/v1.2.3` }),
      'certificate identity',
    ],
    [
      'the same workflow on a branch',
      () => runOf({ job_workflow_ref: `${WORKFLOW}@refs/heads/main` }),
      'certificate identity',
    ],
    ['a key', async () => (await newKeyPair()).signer, 'no matching attestations'],
  ])('an image signed by %s is refused', async (name, signer, why) => {
    const image = await signedBy(await signer(), name, maker());
    const answer = await deployed(await manifest(`${REPOSITORY}@${image.digest}`));
    expect(messageOf(answer)).toMatch(REFUSED);
    expect(messageOf(answer)).toContain(why);
  });

  test('an image signed by the workflow is admitted until a scan fails', async () => {
    const image = await signedBy(signing.keyless, 'signed', maker());
    const text = await manifest(`${REPOSITORY}@${image.digest}`);
    expect(messageOf(await deployed(text))).toBe('');
    await attachVerdict(signing.keyless, image, 'FAILED', maker());
    expect(messageOf(await deployed(text))).toMatch(REFUSED);
  });
});

test('without its controller, the API server refuses in the namespace with the label, and there alone', async () => {
  await controller[Symbol.asyncDispose]();
  const answer = await deployed(await pinned());
  expect(answer.status).toBe(500);
  expect(messageOf(answer)).toMatch(/failed calling webhook "policy\.sigstore\.dev": .*connection refused/);
  expect(messageOf(await deployed(await pinned(), UNCHECKED))).toBe('');
});
