/** Provenance and SBOMs of a keyless image in GitHub's attestation store: after the push is read back, before any tag. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readTrustedRoots, verifyBundle } from '@tidegate/attest';
import { type Digest, exactIdentity, PredicateType } from '@tidegate/core';
import {
  type AttestationStore,
  type BundleResult,
  type Sigstore,
  startAttestationStore,
  startSigstore,
} from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const WORKFLOW = 'acme/app/.github/workflows/release.yml@refs/heads/main';
const PLATFORMS = 'linux/amd64,linux/arm64';
const running = new AsyncDisposableStack();
let sigstore: Sigstore;
let store: AttestationStore;
let job: Job;
/** Tags in the repository at the time of each request to the store. */
let tagsMeanwhile: (readonly string[])[] = [];
let status: number | undefined;
let watched = '';

beforeAll(async () => {
  sigstore = running.use(await startSigstore());
  store = running.use(
    await startAttestationStore({
      repository: 'acme/app',
      tokens: { writer: 'write', reader: 'read' },
      onStore: async () => {
        tagsMeanwhile.push(await repositoryView(host, watched).tags());
        return status;
      },
    }),
  );
  job = await newJob(suite);
  running.defer(() => leave(job));
  sigstore.issuer.claim({
    ...{ repository: 'acme/app', repository_owner: 'acme', sub: 'repo:acme/app:ref:refs/heads/main', sha: job.sha },
    ...{ workflow_ref: WORKFLOW, workflow_sha: job.sha },
    ...{ job_workflow_ref: WORKFLOW, job_workflow_sha: job.sha },
  });
}, 1_800_000);
afterAll(() => running.disposeAsync());

const env = () => ({
  GITHUB_API_URL: store.url.replace(/\/$/, ''),
  GITHUB_REPOSITORY: 'acme/app',
  ACTIONS_ID_TOKEN_REQUEST_URL: sigstore.issuer.requestUrl,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: sigstore.issuer.requestToken,
});
const keyless = () => ({
  key: '',
  'signing-config': sigstore.signingConfig,
  'trusted-root': sigstore.trustedRoot,
});
const ship = (name: string, inputs: Readonly<Record<string, string>> = {}) => {
  watched = name;
  const given = {
    image: `${host}/${name}`,
    name: name.replace('/', '-'),
    platforms: PLATFORMS,
    'github-attestations': 'true',
    token: 'writer',
  };
  return job.run('ship', { ...keyless(), ...given, ...inputs }, { env: env() });
};

const errorOf = ({ annotations }: BundleResult) => annotations.find(({ level }) => level === 'error')?.message ?? '';

test('the store has what the registry has, before the first tag', async () => {
  const name = 'seen/app';
  tagsMeanwhile = [];
  const { outputs, log } = await succeeded(ship(name));
  const platforms = Object.values<string>(JSON.parse(outputs.platforms ?? '{}'));
  const of = (type: string) =>
    store.stored.filter(({ predicateType }) => predicateType === type).flatMap(({ subjects }) => subjects);
  expect(of(PredicateType.provenance).toSorted()).toEqual([outputs.digest, ...platforms].toSorted());
  expect(of(PredicateType.spdx).toSorted()).toEqual(platforms.toSorted());
  expect(of(PredicateType.cyclonedx).toSorted()).toEqual(platforms.toSorted());
  expect(tagsMeanwhile).toEqual(Array.from({ length: 7 }, () => []));
  expect(await repositoryView(host, name).tags()).toContain('main');
  expect(log.join('\n')).toMatch(
    /Stored 7 attestations on GitHub.*https:\/\/github\.com\/acme\/app\/attestations\/\d+/,
  );

  // As gh reads them: format 0.3 (or 0.2), a certificate, the workflow as its subject, one subject in the statement.
  const roots = await readTrustedRoots(await readFile(sigstore.trustedRoot), 'root');
  const subject = `https://github.com/${WORKFLOW}`;
  const identities = [
    exactIdentity({ issuer: sigstore.issuer.url, subject, sourceRepository: 'https://github.com/acme/app' }),
  ];
  for (const { bundle, subjects } of store.stored) {
    const bytes = Buffer.from(JSON.stringify(bundle));
    expect(verifyBundle(bytes, { publicKeys: [], identities, roots }, subjects[0] as Digest).signer.name).toContain(
      subject,
    );
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
  }
});

test.each([
  [
    'a token without the permission',
    { token: 'reader' },
    undefined,
    /`permissions: attestations: write`. No tag was set/,
  ],
  ['a bundle that the store rejects', {}, 422, /GitHub did not store an attestation of acme\/app: Server Error/],
])('%s leaves no tag', async (what, inputs, answer, says) => {
  status = answer;
  const name = `seen/${what.replaceAll(' ', '-')}`;
  const result = await ship(name, inputs);
  status = undefined;
  expect(result.exitCode).toBe(1);
  expect(errorOf(result)).toMatch(says);
  expect(await repositoryView(host, name).allTags()).toEqual([]);
});

test('with a key, it is refused before anything is built', async () => {
  const result = await ship('seen/key', { key: await readFile(suite.key.private, 'utf8') });
  expect(result.exitCode).toBe(1);
  expect(errorOf(result)).toContain('Input github-attestations: got "true", expected an image that is signed keyless');
});
