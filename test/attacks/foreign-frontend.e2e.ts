/**
 * The attacker has a program of their own build the image: BuildKit runs the one that the Dockerfile names in the place
 * of its own frontend, and what that puts into the image stands in no Dockerfile.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { BundleResult } from '@tidegate/testkit';
import { type Job, leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const jobs: Job[] = [];
afterAll(async () => {
  for (const job of jobs) await leave(job);
});

const HOST = suite.registries.olareg;
const FOREIGN = `${HOST}/evil/frontend:1`;
const REST = 'FROM scratch\nCOPY app /app\nUSER 65532\n';
const FORMS: readonly (readonly [how: string, dockerfile: string])[] = [
  ['in the first line', `# syntax=${FOREIGN}\n${REST}`],
  ['below a line for a shell', `#!/usr/bin/env docker\n# syntax=${FOREIGN}\n${REST}`],
  ['behind a byte order mark', `\ufeff# syntax=${FOREIGN}\n${REST}`],
  ['as another language has comments', `// syntax=${FOREIGN}\n`],
  ['in JSON', JSON.stringify({ syntax: FOREIGN })],
  ['below another directive', `# escape=\`\n# syntax=${FOREIGN} docker/dockerfile:1\n${REST}`],
];

const said = ({ annotations, log }: BundleResult) => [...annotations.map(({ message }) => message), ...log].join('\n');

async function jobWith(dockerfile: string): Promise<Job> {
  const job = await newJob(suite, { files: { Dockerfile: dockerfile } });
  jobs.push(job);
  return job;
}

describe('a program that is not of Docker, named', () => {
  test.each(FORMS)('%s, builds nothing that is published', async (_, dockerfile) => {
    const job = await jobWith(dockerfile);
    const result = await job.run('ship', { image: `${HOST}/frontend/app` });
    expect(result.exitCode).toBe(1);
    expect(said(result)).toContain(`foreign-frontend`);
    // Nor was it fetched.
    expect(said(result)).not.toMatch(/resolve image config|load metadata|docker-image:/);
  });

  test.each(FORMS)('%s, would be run by BuildKit', async (_, dockerfile) => {
    const job = await jobWith(dockerfile);
    const result = await job.run('build-image', { lint: 'off' });
    expect(result.exitCode).toBe(1);
    expect(said(result)).toMatch(/evil\/frontend:1.*not found/);
  });
});

test.each(['build-image', 'lint-source', 'ship'] as const)('%s takes none as a build argument', async (action) => {
  const job = await jobWith(REST);
  const inputs = action === 'ship' ? { image: `${HOST}/frontend/app` } : {};
  const result = await job.run(action, { 'build-args': `BUILDKIT_SYNTAX=${FOREIGN}`, ...inputs });
  expect(result.exitCode).toBe(1);
  expect(said(result)).toMatch(/Input build-args: got "BUILDKIT_SYNTAX=.*expected docker\/dockerfile/);
});

describe('the Dockerfile that is checked is the one that is built', () => {
  const EVIL = `# syntax=${FOREIGN}\n${REST}`;
  test.each([
    ['whatever blanks the name of its folder has', { context: 'app ' }, 'app'],
    ['though the folder is one of third-party code', { context: 'vendor/app', files: ' ' }, 'vendor/app'],
    ['though another one is named like it', { context: ' ', files: 'app/Dockerfile ' }, 'app'],
  ])('%s', async (_, inputs, folder) => {
    const job = await newJob(suite, {
      files: { 'app/Dockerfile': EVIL, 'app /Dockerfile': REST, 'vendor/app/Dockerfile': EVIL, Dockerfile: REST },
    });
    jobs.push(job);
    const more = { 'as-built': 'true', hadolint: 'off', 'buildkit-checks': 'false' };
    const result = await job.run('lint-source', { ...more, ...inputs });
    expect(result.exitCode).toBe(1);
    expect(said(result)).toContain(` ${folder}/Dockerfile:1 foreign-frontend`);
  });
});
