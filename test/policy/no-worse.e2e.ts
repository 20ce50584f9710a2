/** The preset no-worse: what the live image has already is a warning, and everything else fails. */
import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const host = suite.registries.olareg;
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const FOUND = 'GO-2022-1059';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKey = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

async function commit(app: 'sound' | 'vulnerable'): Promise<Job> {
  const job = await newJob(suite, { app });
  jobs.push(job);
  return job;
}

interface Way {
  readonly name: string;
  /** @returns the step that judges first, and the last one */
  readonly take: (
    job: Job,
    image: string,
    inputs: { readonly preset: string; readonly labels: string; readonly key?: string },
  ) => Promise<{ readonly scan: BundleResult; readonly last: BundleResult }>;
}

const root: Way = {
  name: 'the root action',
  take: async (job, image, inputs) => {
    const last = await job.run('ship', { image, ...inputs });
    return { scan: last, last };
  },
};

/** The scan knows the signer by the key, as a job has it that does everything. */
const steps: Way = {
  name: 'the five steps',
  take: async (job, image, { preset, labels, key = '' }) => {
    const signing = { key: key || (await readFile(suite.key.private, 'utf8')) };
    await succeeded(job.run('build-image', { preset, labels }));
    await succeeded(job.run('generate-sbom'));
    const scan = await job.run('scan-image', { preset, destination: image, ...signing });
    if (scan.exitCode !== 0) return { scan, last: scan };
    await succeeded(job.run('sign-image', signing));
    return { scan, last: await job.run('push-image', { image, preset }) };
  },
};

/** As the reusable workflow has it: the job that scans has neither the key nor the registry. */
const split: Way = {
  name: 'jobs that are split',
  take: async (job, image, { preset, labels, key = '' }) => {
    const signing = { key: key || (await readFile(suite.key.private, 'utf8')) };
    await succeeded(job.run('build-image', { preset, labels }));
    await succeeded(job.run('generate-sbom'));
    const { baseline, annotations } = preset === 'no-worse' ? await readBaseline(job, image, signing) : NOTHING_READ;
    const judged = await job.run('scan-image', { preset, destination: image, ...baseline });
    const scan = { ...judged, annotations: [...annotations, ...judged.annotations] };
    if (scan.exitCode !== 0) return { scan, last: scan };
    await succeeded(job.run('sign-image', signing));
    return { scan, last: await job.run('push-image', { image, preset }) };
  },
};

const NOTHING_READ = { baseline: {}, annotations: [] };

async function readBaseline(job: Job, image: string, signing: Readonly<Record<string, string>>) {
  const { annotations, outputs } = await succeeded(job.run('read-baseline', { image, ...signing }));
  const { 'baseline-path': baseline = '', 'baseline-sha256': sha256 = '' } = outputs;
  return { baseline: { baseline, 'baseline-sha256': sha256 }, annotations };
}

const messagesOf = ({ annotations }: BundleResult, level: string) =>
  annotations.filter((each) => each.level === level && each.file === undefined).map(({ message }) => message);

/** The rule, as the verdict in the layout has it. */
async function ruleOf(job: Job, rule: string): Promise<{ readonly outcome: string; readonly why: string } | undefined> {
  const blobs = join(job.temp, 'tidegate/image/layout/blobs/sha256');
  for (const blob of await readdir(blobs)) {
    const text = await readFile(join(blobs, blob), 'utf8');
    if (!text.includes('"tidegate_rules"')) continue;
    const { predicate } = JSON.parse(text);
    return predicate.tidegate_rules.find((each: { rule: string }) => each.rule === rule);
  }
  return undefined;
}

let count = 0;

describe.each([root, steps, split])('with $name', ({ take }) => {
  const repository = () => {
    count += 1;
    return { image: `${host}/no-worse/app-${count}`, view: repositoryView(host, `no-worse/app-${count}`) };
  };
  const first = async (app: 'sound' | 'vulnerable', image: string, more: { readonly key?: string } = {}) =>
    succeeded(take(await commit(app), image, { preset: 'observe', labels: 'n=1', ...more }).then(({ last }) => last));

  test('a finding that the live image has is a warning, and the verdict names that image', async () => {
    const { image, view } = repository();
    const live = await first('vulnerable', image);
    const job = await commit('vulnerable');
    const { scan, last } = await take(job, image, { preset: 'no-worse', labels: 'n=2' });
    await succeeded(Promise.resolve(last));
    expect(scan.outputs).toMatchObject({ verdict: 'pass', high: '1' });
    expect(messagesOf(scan, 'warning')).toContainEqual(
      expect.stringMatching(new RegExp(`1 finding would fail the gate, but .*:main already has it. Worst: ${FOUND}`)),
    );
    expect(await ruleOf(job, 'live-image-compared')).toEqual({
      ...{ rule: 'live-image-compared', outcome: 'pass' },
      why: `linux/amd64: ${image}:main (${live.outputs.digest}) already has 1 finding of this image.`,
    });
    // The jobs that are split have no access to the registry where they scan, but here it is open to everybody.
    const report = JSON.parse(await readFile(scan.outputs['json-path'] ?? '', 'utf8'));
    expect(report.changes).toMatchObject([{ digest: live.outputs.digest, platform: 'linux/amd64' }]);
    expect(last.annotations).toContainEqual(
      expect.objectContaining({
        ...{ level: 'notice', title: 'Published' },
        message: expect.stringMatching(new RegExp(`^${image}@${last.outputs.digest}, tags .*\\bmain\\b`)),
      }),
    );
    expect(last.outputs.digest).not.toBe(live.outputs.digest);
    expect(await view.digest('main')).toBe(last.outputs.digest);
  });

  test('a finding that it has not fails', async () => {
    const { image, view } = repository();
    const live = await first('sound', image);
    const { scan } = await take(await commit('vulnerable'), image, { preset: 'no-worse', labels: 'n=2' });
    expect([scan.exitCode, scan.outputs.verdict]).toEqual([1, 'fail']);
    expect(messagesOf(scan, 'error')[0]).toMatch(new RegExp(`severity-threshold: .*${FOUND}`));
    expect(await view.digest('main')).toBe(live.outputs.digest);
  });

  test('a baseline signed with another key does not count, and the log says so', async () => {
    const { image, view } = repository();
    const live = await first('vulnerable', image, { key: otherKey });
    const { scan } = await take(await commit('vulnerable'), image, { preset: 'no-worse', labels: 'n=2' });
    expect([scan.exitCode, scan.outputs.verdict]).toEqual([1, 'fail']);
    expect(messagesOf(scan, 'warning').join('\n')).toMatch(
      /every finding counts\. .*:main \(sha256:\w+\) has no scan signed by key sha256:\w+\./,
    );
    expect(await view.digest('main')).toBe(live.outputs.digest);
  });

  test('a finding that the live image of one destination has not fails, also where that of the first one has it', async () => {
    const [old, own] = [repository(), repository()];
    await first('vulnerable', old.image);
    const live = await first('sound', own.image);
    const image = `${old.image}\n${own.image}`;
    const { scan } = await take(await commit('vulnerable'), image, { preset: 'no-worse', labels: 'n=2' });
    expect([scan.exitCode, scan.outputs.verdict]).toEqual([1, 'fail']);
    expect(messagesOf(scan, 'error')[0]).toMatch(new RegExp(`severity-threshold: .*${FOUND}`));
    expect(await own.view.digest('main')).toBe(live.outputs.digest);
    await first('vulnerable', own.image);
    const job = await commit('vulnerable');
    const { last } = await take(job, image, { preset: 'no-worse', labels: 'n=3' });
    await succeeded(Promise.resolve(last));
    expect((await ruleOf(job, 'live-image-compared'))?.why).toMatch(/ and .* already have 1 finding of this image\.$/);
    for (const { view } of [old, own]) expect(await view.digest('main')).toBe(last.outputs.digest);
  });

  test('without a live image every finding counts', async () => {
    const { image } = repository();
    const { scan } = await take(await commit('vulnerable'), image, { preset: 'no-worse', labels: 'n=2' });
    expect([scan.exitCode, scan.outputs.verdict]).toEqual([1, 'fail']);
  });
});

test('a comparison that was made for another signer does not pass the gate before the push', async () => {
  count += 1;
  const image = `${host}/no-worse/app-${count}`;
  await succeeded(
    root
      .take(await commit('vulnerable'), image, { preset: 'observe', labels: 'n=1', key: otherKey })
      .then(({ last }) => last),
  );
  const job = await commit('vulnerable');
  await succeeded(job.run('build-image', { preset: 'no-worse', labels: 'n=2' }));
  await succeeded(job.run('generate-sbom'));
  await succeeded(job.run('scan-image', { preset: 'no-worse', destination: image, key: otherKey }));
  await succeeded(job.run('sign-image'));
  const push = await job.run('push-image', { image, preset: 'no-worse' });
  expect(push.exitCode).toBe(1);
  expect(messagesOf(push, 'error')[0]).toMatch(
    /live-image-compared: linux\/amd64: the live image was verified with the signer key sha256:\w+, which has not signed this image\./,
  );
});
