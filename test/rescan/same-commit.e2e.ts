/** The same commit shipped again, with the real tools: their documents differ in each run, what they say does not. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { REGISTRIES, theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

describe.each(REGISTRIES)('a commit that is shipped to %s again', (registry) => {
  const host = suite.registries[registry];
  const image = `${host}/rescan/same-commit`;
  const view = repositoryView(host, 'rescan/same-commit');
  let first: BundleResult;
  let second: BundleResult;
  let before: readonly string[];
  let after: readonly string[];

  /** Predicate types of everything beside the image and its platforms. */
  async function beside(): Promise<readonly string[]> {
    const platforms = Object.values(JSON.parse(first.outputs.platforms ?? '{}') as Record<string, string>);
    const found = await Promise.all(
      [...new Set([first.outputs.digest ?? '', ...platforms])].map((digest) => view.referrers(digest)),
    );
    return found
      .flat()
      .map(({ digest, annotations }) => `${annotations?.['dev.sigstore.bundle.predicateType']} ${digest}`)
      .toSorted();
  }
  const ship = async (inputs: Readonly<Record<string, string>> = {}) => {
    const job = await newJob(suite, { app: 'sound' });
    jobs.push(job);
    // BuildKit's cache may be another by then: a suite that builds without it replaces the layer, and the times in it.
    return succeeded(job.run('ship', { image, 'rewrite-timestamp': 'true', ...inputs }));
  };

  beforeAll(async () => {
    first = await ship();
    before = await beside();
    second = await ship();
    after = await beside();
  });

  test('has the same digest, and nothing more beside it', () => {
    expect(second.outputs.digest).toBe(first.outputs.digest);
    expect(before.length).toBeGreaterThanOrEqual(6);
    expect(after).toEqual(before);
    expect(second.log.join('\n')).toMatch(/\d+ statements published before say the same/);
  });

  test('passes verification', async () => {
    const job = await newJob(suite, { app: 'sound' });
    jobs.push(job);
    await succeeded(job.run('verify-image', { image: `${image}:main`, 'verification-key': suite.key.public }));
  });

  test('keeps as many scans as keep-scans says when it is scanned again and again', async () => {
    const key = await readFile(suite.key.private, 'utf8');
    const job = await newJob(suite, { app: 'sound' });
    jobs.push(job);
    const scan = { image: `${image}:main`, key, 'attach-after': '0s', 'keep-scans': '2' };
    for (let night = 0; night < 3; night += 1) await succeeded(job.run('scan-image', scan));
    const scans = (await beside()).filter((one) => one.includes('cosign.sigstore.dev/attestation/vuln'));
    expect(scans).toHaveLength(2);
    await succeeded(job.run('verify-image', { image: `${image}:main`, 'verification-key': suite.key.public }));
  });
});
