/** Real BuildKit fails, and the error says where, why and what to do. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TidegateError } from '@tidegate/core';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { BUSYBOX, builtImage } from '../support/built-image.ts';
import { leave, newJob } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';
import { FAILING_BUILDS, type Hosts } from './failures.ts';

const suite = await theSuite();
const login = { username: 'u', password: 'p' } as const;
const answer = (status: number, code: string) => ({
  onRequest: () => ({
    kind: 'answer' as const,
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ code, message: 'no' }] }),
  }),
});

let hosts: Hosts;
const servers: RegistryServer[] = [];
beforeAll(async () => {
  const start = async (options: Parameters<typeof startRegistry>[0] = {}) => {
    const server = await startRegistry(options);
    servers.push(server);
    return server.host;
  };
  hosts = {
    open: await start(),
    basic: await start({ auth: { kind: 'basic', ...login } }),
    token: await start({ auth: { kind: 'token', ...login } }),
    denied: await start(answer(403, 'DENIED')),
    limited: await start(answer(429, 'TOOMANYREQUESTS')),
  };
});
afterAll(() => Promise.all(servers.map((server) => server.close())));

test.each(FAILING_BUILDS)('$what', async ({ dockerfile, files, options, message, next, line }) => {
  const built = builtImage(suite, dockerfile(hosts), files, { network: 'default', ...options?.(hosts) });
  const error: TidegateError = await built.then(
    () => Promise.reject(new Error('The build succeeded.')),
    (thrown) => thrown,
  );
  const expected = message(hosts);
  if (typeof expected === 'string') expect(error.message).toBe(expected);
  else expect(error.message).toMatch(expected);
  expect(error.next).toMatch(next);
  expect(error.place).toEqual(line === undefined ? undefined : { file: 'Dockerfile', line });
});

test('the annotation is on the line of the Dockerfile, and the summary says the same', async () => {
  const dockerfile = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox", "foo"]\n';
  const job = await newJob(suite, { files: { 'web/Dockerfile': dockerfile } });
  try {
    await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
    const result = await job.run('build-image', { file: 'web/Dockerfile' });
    const sentence = 'web/Dockerfile:3 RUN ["/bin/busybox", "foo"]: foo: applet not found';
    expect(result.exitCode).toBe(1);
    expect(result.annotations.filter(({ level }) => level === 'error')).toEqual([
      expect.objectContaining({ message: expect.stringContaining(sentence), file: 'web/Dockerfile', line: 3 }),
    ]);
    expect(result.summary).toContain('applet not found');
  } finally {
    await leave(job);
  }
});
