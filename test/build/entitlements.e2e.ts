/** Privileged steps: granted only where the step and the policy agree, by a BuildKit that was started for it. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import { type BundleResult, runPost } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { content, openRoot } from '../support/surgery.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN --security=insecure ["/bin/busybox", "sh", "-c", "echo capabilities are $(/bin/busybox grep CapEff /proc/self/status | /bin/busybox cut -f 2)"]
`;
const GRANTED = 'version: 1\nbuild:\n  entitlements: [security.insecure]\n';

/** On a BuildKit of its own. */
async function build(policy: string, inputs: Readonly<Record<string, string>>): Promise<BundleResult> {
  const job = await newJob(suite, { files: { Dockerfile: DOCKERFILE, '.github/tidegate.yml': policy } });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  const result = await job.run('build-image', inputs, { env: { BUILDKIT_HOST: '' } });
  expect((await runPost(result))?.exitCode ?? 0).toBe(0);
  return result;
}
const errors = ({ annotations }: BundleResult) =>
  annotations.filter(({ level }) => level === 'error').map(({ message }) => message);

test('a step that the input and the policy allow has every capability, and the provenance says so', async () => {
  const result = await build(GRANTED, { allow: 'security.insecure' });
  expect(errors(result)).toEqual([]);
  const said = result.log.flatMap((line) => /^#\d+ [\d.]+ capabilities are ([0-9a-f]+)$/.exec(line)?.[1] ?? []);
  // CAP_SYS_ADMIN
  expect((BigInt(`0x${said[0]}`) >> 21n) & 1n).toBe(1n);
  const { layout, root } = await openRoot(String(result.outputs.layout));
  const bytes = await content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.provenance);
  const { predicate } = JSON.parse(Buffer.from(bytes).toString());
  expect(predicate.buildDefinition.externalParameters.parameters.allow).toEqual(['security.insecure']);
});

test('the input alone is refused before anything is built', async () => {
  const result = await build('version: 1\n', { allow: 'security.insecure' });
  expect(errors(result)).toEqual([expect.stringMatching(/^Input allow: the policy does not grant security\.insecure/)]);
  expect(result.log.join('\n')).not.toMatch(/^#\d+ /m);
});

test('the policy alone grants nothing: BuildKit refuses the step, at its line', async () => {
  const result = await build(GRANTED, {});
  expect(errors(result)).toEqual([
    expect.stringMatching(/^Dockerfile:3 RUN --security=insecure .*security\.insecure is not allowed/),
  ]);
});
