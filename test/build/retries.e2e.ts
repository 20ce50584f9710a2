/** A registry that breaks in the middle of a build: what is repeated, and what is not. */
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { copy, Registry } from '@tidegate/oci';
import { type RecordedRequest, type RegistryServer, startRegistry } from '@tidegate/testkit';
import { builtImage } from '../support/built-image.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const opened: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of opened) await close();
});

type Broken = (request: RecordedRequest) => { readonly kind: 'answer'; readonly status: number } | undefined;

let registry: RegistryServer;
let broken: Broken | undefined;
let failed = 0;

/** A registry with a base image that this BuildKit has never seen. */
beforeEach(async () => {
  broken = undefined;
  registry = await startRegistry({
    onRequest: (request) => broken?.(request),
  });
  opened.push(() => registry.close());
  const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /bin/busybox\n');
  const store = new Registry({ registry: registry.host, repository: 'bases/os' });
  await copy(target.layout, store, [target.image.root]);
  await store.moveTag(target.image.root, '12', { bytes: await target.layout.fetchBytes(target.image.root) });
  store.close();
});

async function build(inputs: Readonly<Record<string, string>> = {}) {
  const dockerfile = `FROM ${registry.host}/bases/os:12\nRUN ["/bin/busybox", "true"]\n`;
  const job: Job = await newJob(suite, { files: { Dockerfile: dockerfile } });
  opened.push(() => leave(job));
  return job.run('build-image', inputs);
}

/** Answers requests for a manifest with this status, at most so many times. BuildKit itself asks more than once. */
function failing(status: number, times = Number.POSITIVE_INFINITY): void {
  failed = 0;
  broken = ({ url }) => {
    if (!url.includes('/manifests/') || failed >= times) return undefined;
    failed += 1;
    return { kind: 'answer', status };
  };
}

const notices = ({ annotations }: Awaited<ReturnType<typeof build>>) =>
  annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);

test('a registry that fails for a moment costs a notice', async () => {
  failing(503);
  expect((await build({ retries: '0' })).exitCode).toBe(1);
  failing(503, failed);
  const result = await build();
  expect(notices(result)).toEqual([expect.stringMatching(/^The build failed because of a registry .*5 s: .*503/s)]);
  expect(result.exitCode).toBe(0);
});

test('a registry that goes on failing fails the build, with the error of the last attempt', async () => {
  failing(503);
  const result = await build();
  expect(result.exitCode).toBe(1);
  expect(notices(result)).toHaveLength(1);
  expect(result.annotations.map(({ message }) => message).join()).toMatch(/failed with 503/);
});

test('nothing is repeated where the caller wants none', async () => {
  failing(503);
  const result = await build({ retries: '0' });
  expect([result.exitCode, notices(result)]).toEqual([1, []]);
});

test.each([404, 403, 429])('an answer that would be the same again is not asked for again: %i', async (status) => {
  failing(status);
  const result = await build();
  expect([result.exitCode, notices(result)]).toEqual([1, []]);
  expect(failed).toBeGreaterThan(0);
});

test('a step that fails by itself runs once', async () => {
  const job = await newJob(suite, {
    files: {
      Dockerfile: `FROM ${registry.host}/bases/os:12\nRUN ["/bin/busybox", "sh", "-c", "echo 503 Service Unavailable; echo ran; exit 1"]\n`,
    },
  });
  opened.push(() => leave(job));
  const result = await job.run('build-image');
  expect([result.exitCode, notices(result)]).toEqual([1, []]);
  expect(result.log.filter((line) => /^#\d+ [\d.]+ ran$/.test(line))).toHaveLength(1);
});
