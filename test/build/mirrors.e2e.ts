/** Settings of our own BuildKit: a base image comes through a mirror, where the step and the policy agree. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Digest, PredicateType } from '@tidegate/core';
import { copy, Registry } from '@tidegate/oci';
import { type BundleResult, type RegistryServer, runPost, startRegistry } from '@tidegate/testkit';
import { BUSYBOX, builtImage } from '../support/built-image.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { content, openRoot } from '../support/surgery.ts';

const suite = await theSuite();
const jobs: Job[] = [];
let registry: RegistryServer;
let digest: Digest;
/** Its manifests differ from those that were requested. */
let lies = false;

beforeAll(async () => {
  registry = await startRegistry({
    onRequest: ({ method, url }) =>
      lies && method === 'GET' && url.includes('/manifests/') ? { kind: 'flip-bit', at: 20 } : undefined,
  });
  const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /base\n');
  const store = new Registry({ registry: registry.host, repository: 'hub/bases/os' });
  const { root } = target.image;
  await copy(target.layout, store, [root]);
  await store.moveTag(root, '12', { bytes: await target.layout.fetchBytes(root) });
  store.close();
  digest = root.digest;
});
afterAll(async () => {
  await registry.close();
  await Promise.all(jobs.map(leave));
});

/** This host does not exist: only a mirror has its images. */
const BASE = 'registry.invalid/bases/os';
const config = () => `[worker.oci]
max-parallelism = 1
[registry."registry.invalid"]
mirrors = ["${registry.host}/hub"]
[registry."${registry.host}"]
http = true
`;
const allowing = () => `version: 1\nbuild:\n  mirrors: ["${registry.host}/hub"]\n`;

/** On a BuildKit of its own. */
async function build(policy: string, from: string, inputs: Readonly<Record<string, string>>): Promise<BundleResult> {
  const files = {
    Dockerfile: `FROM ${from}\nCOPY busybox /app\n`,
    'ci/buildkitd.toml': config(),
    '.github/tidegate.yml': policy,
  };
  const job = await newJob(suite, { files });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  const result = await job.run('build-image', inputs, { env: { BUILDKIT_HOST: '' } });
  expect((await runPost(result))?.exitCode ?? 0).toBe(0);
  return result;
}
const errors = ({ annotations }: BundleResult) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
const CONFIG = { 'buildkitd-config': 'ci/buildkitd.toml' };

test('a base image comes through a mirror that the policy allows, and the provenance names both', async () => {
  const result = await build(allowing(), `${BASE}:12`, CONFIG);
  expect(errors(result)).toEqual([]);
  const { layout, root } = await openRoot(String(result.outputs.layout));
  const bytes = await content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.provenance);
  const { buildDefinition } = JSON.parse(Buffer.from(bytes).toString()).predicate;
  expect(buildDefinition.externalParameters.parameters.mirrors).toEqual({
    'registry.invalid': [`${registry.host}/hub`],
  });
  const uris = buildDefinition.resolvedDependencies.map(({ uri }: { uri: string }) => uri);
  expect(uris).toContainEqual(expect.stringContaining(`pkg:docker/${BASE}@12`));
});

test('a base that is pinned by digest is the same from a mirror, and a mirror cannot replace it', async () => {
  const pinned = `${BASE}@${digest}`;
  expect(errors(await build(allowing(), pinned, { 'buildkitd-config-inline': config() }))).toEqual([]);
  lies = true;
  const result = await build(allowing(), pinned, CONFIG).finally(() => {
    lies = false;
  });
  expect(errors(result)).toHaveLength(1);
});

test('a mirror that the policy does not list, or a setting that is not supported, is refused before anything is built', async () => {
  const cases = [
    [
      'version: 1\n',
      CONFIG,
      /^Input buildkitd-config: the policy does not allow .*\/hub as a mirror of registry\.invalid/,
    ],
    [
      allowing(),
      { 'buildkitd-config-inline': '[worker.oci]\nnoProcessSandbox = true\n' },
      /^Input buildkitd-config-inline: worker\.oci\.noProcessSandbox cannot be set/,
    ],
  ] as const;
  for (const [policy, inputs, says] of cases) {
    const result = await build(policy, `${BASE}:12`, inputs);
    expect(errors(result)).toEqual([expect.stringMatching(says)]);
    expect(result.log.join('\n')).not.toMatch(/^#\d+ /m);
  }
});
