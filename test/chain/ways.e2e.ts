/**
 * Labels and tags of an image follow the same decisions in every way of use: labels are part of the digest, so that
 * images of one commit would differ otherwise.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleRun, type RepositoryApi, startRepositoryApi } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const TOKEN = 'ghs_reader';
const ABOUT = { description: 'Says "hello", and more', license: 'Apache-2.0' };
const jobs: Job[] = [];
const apis: RepositoryApi[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
  for (const api of apis) await api[Symbol.asyncDispose]();
});

type Run = Pick<BundleRun, 'token' | 'env' | 'event' | 'eventName'>;
type Inputs = Readonly<Record<string, string>>;

/** A job, and the run that it is a part of: GitHub can be asked, and says where the ref is. */
async function jobFor(
  ref: { tag?: string; branch?: string },
  more: Partial<Run> = {},
): Promise<{ job: Job; run: Run }> {
  const job = await newJob(suite, ref.tag === undefined ? {} : { tag: ref.tag });
  jobs.push(job);
  const { branch = 'main', tag } = ref;
  const [branches, tags] = tag === undefined ? [{ [branch]: job.sha }, {}] : [{}, { [tag]: job.sha }];
  const api = await startRepositoryApi({ repository: 'acme/app', ...ABOUT, branches, tags, releases: [] }, [
    { token: TOKEN, contents: 'read' },
  ]);
  apis.push(api);
  const place = tag === undefined ? { GITHUB_REF: `refs/heads/${branch}`, GITHUB_REF_NAME: branch } : {};
  const env = { ...place, GITHUB_API_URL: api.url.replace(/\/$/, '') };
  const { description, license } = ABOUT;
  const event = { repository: { default_branch: 'main', description, license: { spdx_id: license } } };
  return { job, run: { token: TOKEN, env, event, ...more } };
}

/** Of an image of one platform, as its layout holds it. */
async function labelsOf(layout: string, digest: string): Promise<Readonly<Record<string, string>>> {
  const blob = async (of: string) => JSON.parse(await readFile(join(layout, 'blobs', of.replace(':', '/')), 'utf8'));
  const manifest = await blob(digest);
  return (await blob(manifest.config.digest)).config.Labels;
}

const OCI = 'org.opencontainers.image.';

describe.each<[string, { tag?: string }, Partial<Run>, string, string]>([
  ['a git tag of a monorepo', { tag: 'app/v1.2.3' }, {}, 'semver,match=app/v(.*)\nlatest', '1.2.3'],
  ['a git tag that no rule reads as a version', { tag: 'app/v1.2.3' }, {}, '', 'app-v1.2.3-e16b00ee416b'],
  ['a push, by a rule', {}, {}, 'branch,prefix=branch-', 'branch-main'],
  // The event says nothing about the repository.
  ['a schedule', {}, { eventName: 'schedule', event: { schedule: '0 4 * * *' } }, 'branch', 'main'],
])('the image of %s', (_, ref, event, tags, version) => {
  const images: { labels: Readonly<Record<string, string>>; digest: string }[] = [];
  beforeAll(async () => {
    const { job, run } = await jobFor(ref, event);
    const usual: Inputs = { platforms: 'linux/amd64', ...(tags === '' ? {} : { tags }) };
    const image = `${host}/ways/${version}`;
    const built = async (action: 'build-image' | 'ship', inputs: Inputs, more = run) => {
      const { outputs } = await succeeded(job.run(action, { ...usual, ...inputs }, more));
      const { layout = '', digest = '' } = outputs;
      images.push({ labels: await labelsOf(layout, digest), digest });
    };
    await built('ship', { image, name: 'root' });
    await built('build-image', { name: 'steps' });
    // As the reusable workflow does it: `plan` asks, and the job that builds asks nobody.
    const { outputs } = await succeeded(job.run('plan', { image, ...usual }, run));
    const { labels = '', matrix = '', 'source-date-epoch': epoch = '' } = outputs;
    const { annotations } = JSON.parse(matrix).include[0];
    await built('build-image', { name: 'workflow', labels, annotations, 'source-date-epoch': epoch, token: '' });
  });

  test('has the same labels and the same digest in all three ways', () => {
    const [root, ...others] = images;
    expect(others).toHaveLength(2);
    for (const { labels, digest } of others) {
      expect(labels).toEqual(root?.labels);
      expect(digest).toBe(root?.digest);
    }
  });

  test('says its version by the rules, and what GitHub says about the repository', () => {
    for (const { labels } of images) {
      expect(labels).toMatchObject({
        [`${OCI}version`]: version,
        [`${OCI}description`]: ABOUT.description,
        [`${OCI}licenses`]: ABOUT.license,
      });
    }
  });
});

describe('a push to another branch', () => {
  test.each([
    ['is published by none', {}, 'false'],
    ['is published by all where that is said', { 'publish-branches': 'dev' }, 'true'],
  ] as const)('%s', async (_, inputs: Inputs, published) => {
    const { job, run } = await jobFor({ branch: 'dev' });
    const image = (way: string) => `${host}/ways/dev-${published}-${way}`;
    const plan = await succeeded(job.run('plan', { image: image('plan'), ...inputs }, run));
    expect(plan.outputs.publish).toBe(published);
    const root = await succeeded(job.run('ship', { image: image('root'), name: 'root', ...inputs }, run));
    expect(root.outputs.published).toBe(published);
    for (const action of ['build-image', 'generate-sbom', 'scan-image', 'sign-image'] as const) {
      await succeeded(job.run(action, { name: 'steps' }, run));
    }
    const push = { image: image('steps'), name: 'steps', ...inputs };
    const steps = await succeeded(job.run('push-image', push, run));
    expect(steps.outputs.published).toBe(published);
  });
});
