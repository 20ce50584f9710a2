/** Evidence of a user's own: signed with the image, pushed with the other evidence, and required by the policy. */
import { afterAll, expect, test } from '@jest/globals';
import { ask } from '../support/client.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const REVIEW = 'https://example.com/review/v1';
const SAST = 'urn:acme:sast';
const PREDICATE = { reviewers: ['alice', 'bob'], approved: true };
const FILES = {
  '.github/tidegate.yml': `version: 1
evidence:
  require: [provenance, sbom, scan, verdict, signature, { predicate: ${REVIEW} }]
`,
  'review.json': JSON.stringify(PREDICATE),
  'sast.json': '{"findings":[]}',
};
const OWN = { 'predicate-type': REVIEW, 'predicate-path': 'review.json' };
const PLATFORMS = 'linux/amd64,linux/arm64';
const host = suite.registries.olareg;

async function checkout(): Promise<Job> {
  const job = await newJob(suite, { tag: 'v1.2.3', files: FILES });
  jobs.push(job);
  return job;
}

async function bundlesOf(name: string, digest: string): Promise<readonly string[]> {
  const listed = await repositoryView(host, name).referrers(digest);
  return listed.flatMap(({ annotations }) => annotations?.['dev.sigstore.bundle.predicateType'] ?? []);
}

test('step by step: nothing is tagged without it; with it, cosign and verify-image find it on every manifest', async () => {
  const name = 'own-evidence/steps';
  const image = `${host}/${name}`;
  const job = await checkout();
  await succeeded(job.run('build-image', { platforms: PLATFORMS }));
  await succeeded(job.run('generate-sbom'));
  await succeeded(job.run('scan-image', { destination: image }));
  await succeeded(job.run('sign-image'));

  const without = await job.run('push-image', { image });
  expect(without.exitCode).toBe(1);
  expect(without.annotations[0]?.message).toContain(
    `predicates-present: index, linux/amd64, linux/arm64: there is no evidence of type ${REVIEW}.`,
  );
  expect(await repositoryView(host, name).allTags()).toEqual([]);

  await succeeded(job.run('sign-image', OWN));
  const { outputs } = await succeeded(job.run('push-image', { image }));
  const manifests = [outputs.digest ?? '', ...Object.values<string>(JSON.parse(outputs.platforms ?? '{}'))];
  expect(manifests).toHaveLength(3);
  for (const digest of manifests) {
    expect((await bundlesOf(name, digest)).filter((type) => type === REVIEW)).toHaveLength(1);
    const found = await ask(
      ...([suite.clients.cosign, 'verify-attestation', '--key', suite.key.public] as const),
      ...['--insecure-ignore-tlog=true', '--allow-http-registry', '--type', REVIEW, `${image}@${digest}`],
    );
    expect(found).toMatchObject({ code: 0 });
    const statement = JSON.parse(Buffer.from(JSON.parse(found.stdout).payload, 'base64').toString());
    expect(statement).toMatchObject({ predicateType: REVIEW, predicate: PREDICATE });
    expect(`sha256:${statement.subject[0].digest.sha256}`).toBe(digest);
  }

  const verify = (require: string, key = suite.key.public) =>
    job.run('verify-image', { image: `${image}:1.2.3`, require, 'verification-key': key });
  await succeeded(verify(`signature, verdict, ${REVIEW}`));
  const other = await verify(`signature, ${REVIEW}.1`);
  expect(other.annotations[0]?.message).toContain(
    `predicate: No evidence of type ${REVIEW}.1 by a trusted signer: index, linux/amd64, linux/arm64.`,
  );
});

test('the root action signs several; a run that repeats them publishes nothing again', async () => {
  const name = 'own-evidence/ship';
  const image = `${host}/${name}`;
  const job = await checkout();
  const inputs = {
    image,
    'predicate-type': `${REVIEW}\n${SAST}`,
    'predicate-path': 'review.json\nsast.json',
    'keep-scans': '0',
    // A suite that builds without cache replaces the layer between the two runs.
    'rewrite-timestamp': 'true',
  };
  const first = await succeeded(job.run('ship', inputs));
  const types = await bundlesOf(name, first.outputs.digest ?? '');
  expect(types).toEqual(expect.arrayContaining([REVIEW, SAST]));
  const again = await checkout();
  const second = await succeeded(again.run('ship', inputs));
  expect(second.outputs.digest).toBe(first.outputs.digest);
  expect((await bundlesOf(name, first.outputs.digest ?? '')).toSorted()).toEqual(types.toSorted());
});

test.each([
  [{ ...OWN, 'predicate-path': 'nowhere.json' }, /Input predicate-path: got "nowhere.json", expected a readable file/],
  [{ ...OWN, 'predicate-path': '.' }, /expected a readable file/],
  [{ 'predicate-type': REVIEW }, /Input predicate-path: got "", expected one file for each of 1 lines/],
  [{ 'predicate-path': 'review.json' }, /expected one file for each of 0 lines/],
  [{ ...OWN, signing: 'none', key: '' }, /Input signing: got "none", expected a signature/],
  [
    { ...OWN, 'predicate-type': 'https://slsa.dev/provenance/v1' },
    /expected a type that Tidegate does not write itself/,
  ],
  [{ 'predicate-type': `${SAST}\n${SAST}`, 'predicate-path': 'review.json\nsast.json' }, /expected each type once/],
])('sign-image refuses %j', async (inputs, says) => {
  const [job] = jobs;
  const result = await job?.run('sign-image', inputs);
  expect(result?.exitCode).toBe(1);
  expect(result?.annotations[0]?.message).toMatch(says);
});
