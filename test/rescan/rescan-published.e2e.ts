/** scan-image on what a registry holds, with the real tools: what is published is scanned by the SBOM beside it. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { ownErrors } from '../support/clear-error.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { type RefusingRegistry, startRefusingRegistry } from '../support/refusing-registry.ts';
import { repositoryView } from '../support/registry-view.ts';
import { REGISTRIES, theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

async function jobOn(app: 'sound' | 'vulnerable'): Promise<Job> {
  const job = await newJob(suite, { app });
  jobs.push(job);
  return job;
}

describe.each([
  { app: 'sound', registry: REGISTRIES[0], passes: true },
  { app: 'vulnerable', registry: REGISTRIES[1], passes: false },
] as const)('a published image that is $app, on $registry', ({ app, registry, passes }) => {
  const host = suite.registries[registry];
  const image = `${host}/rescan/${app}`;
  const repository = repositoryView(host, `rescan/${app}`);
  let published: BundleResult;
  let scan: BundleResult;
  let tags: readonly string[];

  beforeAll(async () => {
    // Published when nobody minded: what is found is known, and lets the gate open.
    const lax = { 'fail-on': 'none', 'unknown-severity': 'report' };
    published = await succeeded((await jobOn(app)).run('ship', { image, ...lax }));
    tags = await repository.allTags();
    const key = await readFile(suite.key.private, 'utf8');
    scan = await (await jobOn(app)).run('scan-image', { image: `${image}:main`, key, 'attach-after': '0s' });
  });

  test(`is found ${passes ? 'to pass' : 'not to pass any more'}, by its digest`, () => {
    expect(scan.exitCode).toBe(passes ? 0 : 1);
    expect(scan.outputs).toMatchObject({
      ...{ verdict: passes ? 'pass' : 'fail', high: passes ? '0' : '1' },
      ...{ digest: published.outputs.digest, reference: `${image}@${published.outputs.digest}`, layout: '' },
    });
  });

  test('published under another policy, it is cataloged and judged again', () => {
    expect(scan.log.join('\n')).toContain(
      'under this policy, so the image is cataloged again and its layers are judged.',
    );
  });

  test('is then scanned by its own SBOM, and the image for advisories about its Go code', async () => {
    // An image that failed is judged anew each night, until it is published again.
    if (!passes) return;
    const key = await readFile(suite.key.private, 'utf8');
    const next = await succeeded((await jobOn(app)).run('scan-image', { image: `${image}:main`, key }));
    expect(next.log.join('\n')).toMatch(
      /linux\/amd64: its signed SBOM lists \d+ packages.*the image itself is read to check which advisories about Go code apply/s,
    );
  });

  test('has gained a signed scan and verdict, which verify-image goes by; its tags are where they were', async () => {
    // A scan of the platform, a verdict of it, and of the index where there is one.
    expect(Number(scan.outputs.attached)).toBeGreaterThanOrEqual(2);
    expect(await repository.allTags()).toEqual(expect.arrayContaining([...tags]));
    expect(await repository.digest('main')).toBe(published.outputs.digest);
    const verified = await (await jobOn(app)).run('verify-image', {
      image: `${image}:main`,
      'verification-key': suite.key.public,
    });
    expect(verified.exitCode).toBe(passes ? 0 : 1);
  });

  test('has a summary that says so first, and what became known since', () => {
    const heading = passes ? '✅ Still passes the gate' : '❌ No longer passes the gate';
    expect(scan.summary.split('\n')[0]).toContain(heading);
    expect(scan.summary).toContain('Since the scan of ');
    expect(scan.summary).not.toContain('Not published');
  });

  test('is cataloged again if no signer is trusted, with the same findings and nothing attached', async () => {
    const look = await (await jobOn(app)).run('scan-image', {
      image: published.outputs.reference ?? '',
      attach: 'false',
    });
    expect(look.log.join('\n')).toMatch(/Syft/);
    expect(look.outputs).toMatchObject({ high: scan.outputs.high, verdict: scan.outputs.verdict, attached: '0' });
  });
});

describe('a published image whose registry has no referrers API and takes no more evidence', () => {
  let refuses: (method: string, path: string) => boolean = () => false;
  let registry: RefusingRegistry;
  let image = '';
  let published: BundleResult;
  let key = '';

  beforeAll(async () => {
    const target = suite.registries['docker-registry'];
    registry = await startRefusingRegistry(target, (method, path) => refuses(method, path));
    image = `${registry.host}/rescan/refused`;
    published = await succeeded((await jobOn('vulnerable')).run('ship', { image, 'fail-on': 'none' }));
    key = await readFile(suite.key.private, 'utf8');
  });
  afterAll(async () => registry[Symbol.asyncDispose]());

  test.each([
    [
      'its tags are immutable',
      'pass',
      (method: string, path: string) => method === 'PUT' && /\/sha256-/.test(path),
      'sha256-*',
    ],
    [
      'its tags are immutable',
      'fail',
      (method: string, path: string) => method === 'PUT' && /\/sha256-/.test(path),
      'sha256-*',
    ],
    ['it denies every push', 'pass', (method: string) => method === 'POST', 'attach'],
  ] as const)('because %s: the verdict (%s), outputs and reports come first', async (_why, verdict, rule, named) => {
    refuses = rule;
    const lax = verdict === 'pass' ? { 'fail-on': 'none' } : {};
    const job = await jobOn('vulnerable');
    const scan = await job.run('scan-image', { image: `${image}:main`, key, 'attach-after': '0s', ...lax });
    refuses = () => false;
    expect(scan.exitCode).toBe(1);
    expect(scan.outputs).toMatchObject({ verdict, attached: '0', digest: published.outputs.digest });
    expect(JSON.parse(await readFile(scan.outputs['json-path'] ?? '', 'utf8'))).toBeDefined();
    // An image that passes still fails the step: its report is then below the failure.
    expect(scan.summary.split('\n')[0]).toContain(verdict === 'pass' ? '❌' : 'No longer passes');
    expect(scan.summary).toContain(verdict === 'pass' ? 'Still passes' : 'No longer passes');
    const errors = ownErrors(scan).map(({ message }) => message);
    expect(errors).toHaveLength(1);
    if (verdict === 'fail') expect(errors[0]).toContain('no longer passes');
    else expect(errors[0]).toContain(named);
    expect(scan.log.join('\n')).toContain('could not be attached to the image');
  });
});
