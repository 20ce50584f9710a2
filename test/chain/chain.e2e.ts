import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, startRegistry } from '@tidegate/testkit';
import { ask } from '../support/client.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { repositoryView } from '../support/registry-view.ts';
import { REGISTRIES, theSuite } from '../support/suite.ts';

const PLATFORMS = [['linux/amd64'], ['linux/amd64', 'linux/arm64']] as const;
const WAYS = ['five actions', 'the root action'] as const;
/** For the tag v1.2.3 of a repository that has no other. */
const TAGS = ['1.2.3', '1.2', '1', 'latest'];

/** cosign's name for each kind of evidence, and the manifests that have it: the index, every platform's, or both. */
const EVIDENCE = [
  { type: 'slsaprovenance1', of: ['root', 'platforms'] },
  { type: 'spdxjson', of: ['platforms'] },
  { type: 'cyclonedx', of: ['platforms'] },
  { type: 'vuln', of: ['platforms'] },
  { type: 'https://slsa.dev/verification_summary/v1', of: ['root', 'platforms'] },
] as const;

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

async function jobOnTag(): Promise<Job> {
  const job = await newJob(suite, { tag: 'v1.2.3' });
  jobs.push(job);
  return job;
}

/** Outputs of all steps of a job together: what a workflow could read of each. */
interface Shipped {
  readonly job: Job;
  readonly outputs: Readonly<Record<string, string>>;
  readonly push: BundleResult;
}

/** The steps before the push do not know the registry: one run of them serves both. */
const signed = new Map<string, Promise<Omit<Shipped, 'push'>>>();

function signedBySteps(platforms: string): Promise<Omit<Shipped, 'push'>> {
  const known = signed.get(platforms);
  if (known) return known;
  const fresh = (async () => {
    const job = await jobOnTag();
    const outputs: Record<string, string> = {};
    for (const [action, inputs] of [
      ['build-image', { platforms }],
      ['generate-sbom', {}],
      ['scan-image', {}],
      ['sign-image', {}],
    ] as const) {
      Object.assign(outputs, (await succeeded(job.run(action, inputs))).outputs);
    }
    return { job, outputs };
  })();
  signed.set(platforms, fresh);
  return fresh;
}

async function shipped(way: (typeof WAYS)[number], platforms: string, image: string): Promise<Shipped> {
  if (way === 'the root action') {
    const job = await jobOnTag();
    // The layer in BuildKit's cache is replaced if another suite builds without cache; without this, so are its times.
    const push = await succeeded(job.run('ship', { image, platforms, 'rewrite-timestamp': 'true' }));
    return { job, outputs: push.outputs, push };
  }
  const { job, outputs } = await signedBySteps(platforms);
  const push = await succeeded(job.run('push-image', { image }));
  return { job, outputs: { ...outputs, ...push.outputs }, push };
}

describe.each(
  WAYS.flatMap((way) => REGISTRIES.flatMap((registry) => PLATFORMS.map((platforms) => ({ way, registry, platforms })))),
)('$way, $platforms to $registry', ({ way, registry, platforms }) => {
  const host = suite.registries[registry];
  const name = `chain/${way.replaceAll(' ', '-')}-${platforms.length}`;
  const image = `${host}/${name}`;
  const repository = repositoryView(host, name);
  let outputs: Shipped['outputs'];
  let digests: Readonly<Record<string, string>>;

  beforeAll(async () => {
    ({ outputs } = await shipped(way, platforms.join(','), image));
    digests = JSON.parse(outputs.platforms ?? '');
  });

  test('every tag resolves to the one digest that was built', async () => {
    expect(await repository.tags()).toEqual(TAGS.toSorted());
    for (const tag of TAGS) expect([tag, await repository.digest(tag)]).toEqual([tag, outputs.digest]);
  });

  test('tags are set from the most specific to the least', () => {
    expect(JSON.parse(outputs.references ?? '')).toEqual(TAGS.map((tag) => `${image}:${tag}`));
    expect(outputs.reference).toBe(`${image}@${outputs.digest}`);
  });

  test('the index lists the requested platforms and nothing else', async () => {
    const root = await repository.manifest('1.2.3');
    if (platforms.length === 1) {
      expect(root.layers).toHaveLength(1);
      expect(digests).toEqual({ [platforms[0]]: outputs.digest });
    } else {
      const listed = root.manifests?.map(({ platform, digest }) => [
        `${platform?.os}/${platform?.architecture}`,
        digest,
      ]);
      expect(Object.fromEntries(listed ?? [])).toEqual(digests);
      expect(Object.keys(digests)).toEqual(platforms);
    }
  });

  test('the cataloged and scanned images are those in the index', async () => {
    const syft: Record<string, string> = JSON.parse(outputs['syft-paths'] ?? '');
    const grype: Record<string, string> = JSON.parse(outputs['report-paths'] ?? '');
    for (const platform of platforms) {
      const catalog = JSON.parse(await readFile(syft[platform] ?? '', 'utf8'));
      const report = JSON.parse(await readFile(grype[platform] ?? '', 'utf8'));
      expect(catalog.source.metadata.manifestDigest).toBe(digests[platform]);
      expect(report.source.target.manifestDigest).toBe(digests[platform]);
    }
  });

  test('crane and skopeo are content with it', async () => {
    expect(await ask(suite.clients.crane, 'validate', '--remote', `${image}:1.2.3`)).toMatchObject({ code: 0 });
    const inspected = await ask('skopeo', 'inspect', '--tls-verify=false', `docker://${image}:latest`);
    expect(inspected).toMatchObject({ code: 0 });
    expect(JSON.parse(inspected.stdout)).toMatchObject({ Os: 'linux', Architecture: 'amd64' });
  });

  test('oras discovers the evidence of the image and of every platform, each once', async () => {
    for (const digest of new Set([outputs.digest, ...Object.values(digests)])) {
      const found = await ask(suite.clients.oras, 'discover', '--plain-http', '--format', 'json', `${image}@${digest}`);
      expect(found).toMatchObject({ code: 0 });
      const { referrers } = JSON.parse(found.stdout);
      const is = [
        ...(digest === outputs.digest ? ['root'] : []),
        ...(Object.values(digests).includes(digest ?? '') ? ['platforms'] : []),
      ];
      // Besides the evidence, the signature of the image itself.
      expect(referrers).toHaveLength(1 + EVIDENCE.filter(({ of }) => of.some((one) => is.includes(one))).length);
    }
  });

  test('cosign verifies the signature over the very digest that the tags resolve to', async () => {
    for (const reference of [`${image}:1.2.3`, ...Object.values(digests).map((digest) => `${image}@${digest}`)]) {
      const verified = await cosign('verify', [], reference);
      expect(verified).toMatchObject({ code: 0 });
      // cosign prints every bundle that verifies, in whatever order the registry lists them.
      const payloads: { critical: { type: string; image: Record<string, string> } }[] = JSON.parse(verified.stdout);
      const payload = payloads.find(({ critical }) => critical.type === 'https://sigstore.dev/cosign/sign/v1');
      const digest = reference.includes('@') ? reference.split('@')[1] : outputs.digest;
      expect(payload?.critical.image['docker-manifest-digest']).toBe(digest);
    }
  });

  test.each(EVIDENCE)('cosign verifies $type of the $of', async ({ type, of }) => {
    const subjects = of.flatMap((one) => (one === 'root' ? [outputs.digest] : Object.values(digests)));
    for (const digest of new Set(subjects)) {
      expect(await cosign('verify-attestation', ['--type', type], `${image}@${digest}`)).toMatchObject({ code: 0 });
    }
  });
});

function cosign(verb: 'verify' | 'verify-attestation', flags: readonly string[], reference: string) {
  const trust = ['--key', suite.key.public, '--insecure-ignore-tlog=true', '--allow-http-registry'];
  return ask(suite.clients.cosign, verb, ...trust, ...flags, reference);
}

describe('the same push again', () => {
  test.each([true, false])('sends no byte of a blob and doubles nothing (referrers API: %p)', async (referrers) => {
    const { job } = await signedBySteps('linux/amd64,linux/arm64');
    const registry = await startRegistry({ referrers });
    try {
      const image = `${registry.host}/again/app`;
      const repository = repositoryView(registry.host, 'again/app');
      const first = await succeeded(job.run('push-image', { image }));
      const before = await everything(repository, first.outputs);
      registry.requests.length = 0;

      const second = await succeeded(job.run('push-image', { image }));
      expect(await everything(repository, second.outputs)).toEqual(before);
      const uploads = registry.requests.filter(({ url }) => url.includes('/blobs/'));
      expect(uploads.reduce((sum, { received }) => sum + received, 0)).toBe(0);
      const report = JSON.parse(second.outputs.report ?? '');
      expect(report.blobs).toMatchObject({ sent: 0, bytes: 0 });
      expect(report.tags.map(({ outcome }: { outcome: string }) => outcome)).toEqual(TAGS.map(() => 'unchanged'));
    } finally {
      await registry.close();
    }
  });

  test('the root action on the same commit builds the same digest and leaves the tags where they are', async () => {
    const host = suite.registries['docker-registry'];
    const image = `${host}/again/root`;
    const first = await shipped('the root action', 'linux/amd64', image);
    const second = await shipped('the root action', 'linux/amd64', image);
    expect(second.outputs.digest).toBe(first.outputs.digest);
    const report = JSON.parse(second.outputs.report ?? '');
    expect(report.blobs).toMatchObject({ sent: 0, bytes: 0 });
    expect(report.tags.map(({ outcome }: { outcome: string }) => outcome)).toEqual(TAGS.map(() => 'unchanged'));
  });
});

async function everything(repository: ReturnType<typeof repositoryView>, outputs: Shipped['outputs']) {
  const subjects = [outputs.digest, ...Object.values<string>(JSON.parse(outputs.platforms ?? ''))];
  const tags = await Promise.all((await repository.tags()).map(async (tag) => [tag, await repository.digest(tag)]));
  const referrers = subjects.map(async (digest) => {
    const listed = await repository.referrers(digest ?? '');
    return listed.map((one) => one.digest).toSorted();
  });
  return { tags, referrers: await Promise.all(referrers) };
}

describe('several images in one job', () => {
  test('each goes its own way: own layout, own evidence, own tags', async () => {
    const job = await jobOnTag();
    const host = suite.registries.olareg;
    const digests: Record<string, string | undefined> = {};
    for (const name of ['api', 'web']) {
      const built = await succeeded(job.run('build-image', { name, labels: `org.example.name=${name}` }));
      expect(built.outputs.layout).toBe(join(job.temp, 'tidegate', name, 'layout'));
      digests[name] = built.outputs.digest;
    }
    expect(digests.api).not.toBe(digests.web);

    const unnamed = await job.run('generate-sbom');
    expect(unnamed.exitCode).toBe(1);
    expect(unnamed.annotations.map(({ message }) => message).join()).toContain('api, web');

    for (const action of ['generate-sbom', 'scan-image', 'sign-image'] as const) {
      for (const name of ['api', 'web']) await succeeded(job.run(action, { name }));
    }
    for (const name of ['api', 'web']) {
      await succeeded(job.run('push-image', { name, image: `${host}/several/${name}` }));
      const repository = repositoryView(host, `several/${name}`);
      expect(await repository.digest('1.2.3')).toBe(digests[name]);
      expect(await repository.tags()).toEqual(TAGS.toSorted());
      const other = digests[name === 'api' ? 'web' : 'api'];
      expect(await repository.digest(other ?? '')).toBeUndefined();
    }
  });
});
