/** Two builds of one commit: equal ones become evidence, others name the file that differs. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { PredicateType } from '@tidegate/core';
import type { BundleResult } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { content, openRoot } from '../support/surgery.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(() => Promise.all(jobs.map(leave)));

const BASE = 'FROM scratch\nCOPY busybox /bin/busybox\nSHELL ["/bin/busybox", "sh", "-c"]\n';

async function build(dockerfile: string, inputs: Readonly<Record<string, string>> = {}): Promise<BundleResult> {
  const job = await newJob(suite, { files: { Dockerfile: BASE + dockerfile } });
  jobs.push(job);
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  return succeeded(job.run('build-image', { ...inputs, reproducible: 'check', lint: 'off' }));
}

const warnings = ({ annotations }: BundleResult) =>
  annotations.flatMap(({ title, file, line, message }) =>
    title === 'not-reproducible' ? [`${file}:${line} ${message}`] : [],
  );

test('an image with the same digest twice has evidence of it', async () => {
  const result = await build('RUN /bin/busybox echo 1 > /version\n', { 'rewrite-timestamp': 'true' });
  expect(warnings(result)).toEqual([]);
  expect(result.summary).toMatch(/^Reproducible: a second build without cache gave the same digest\.$/m);
  const { layout, root } = await openRoot(String(result.outputs.layout));
  const bytes = await content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.reproduced);
  const { predicate, subject } = JSON.parse(Buffer.from(bytes).toString());
  expect(predicate).toMatchObject({ result: 'REPRODUCED', cache: 'NONE', builder: { id: expect.any(String) } });
  expect(`sha256:${subject[0].digest.sha256}`).toBe(result.outputs.digest);
});

test.each([
  [
    'content',
    'RUN /bin/busybox head -c 8 /dev/urandom > /random',
    /layer 2 \(RUN [^)]*urandom > \/random\): \/?random \(other content of the same size\)/,
  ],
  [
    'time',
    'RUN /bin/busybox echo 1 > /version; /bin/busybox sleep 1',
    /layer 2 \(RUN .*\): \/?dev \(modified at .+ and .+\)/,
  ],
  ['presence', 'RUN /bin/busybox mktemp /t.XXXXXX', /layer 2 \(RUN .*\): \/?t\.\w+ \(only in the first build\)/],
])('a difference of %s is a warning at the line that made it, and no evidence', async (_, line, expected) => {
  const rewritten = { 'rewrite-timestamp': String(!line.includes('version')) };
  const result = await build(`USER 0\n${line}\n`, rewritten);
  const warned = warnings(result).filter((warning) => warning.startsWith('Dockerfile:5 '));
  expect(warned).toEqual([expect.stringMatching(expected)]);
  expect(warned[0]).toMatch(/^Dockerfile:5 A second build without cache gave another result\. linux\/\w+, /);
  expect(result.summary).toMatch(/^\*\*Not reproducible\*\*/m);
  const { layout, root } = await openRoot(String(result.outputs.layout));
  await expect(
    content(layout, root.digest, 'application/vnd.in-toto+json', PredicateType.reproduced),
  ).rejects.toThrow();
});
