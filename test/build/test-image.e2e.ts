/** The image is tested before it is published: by real containers, in a docker engine of its own. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parsePlatform } from '@tidegate/core';
import { openTarget, readEvidence, TRUST_NONE } from '@tidegate/pipeline';
import { builtImage } from '../support/built-image.ts';
import { startDockerd } from '../support/dockerd.ts';
import { type Job, newJob, succeeded } from '../support/job.ts';
import type { Server } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const exec = promisify(execFile);

const DOCKERFILE = `FROM scratch AS base
COPY busybox /bin/busybox
COPY --chown=7:8 --chmod=640 app.conf /etc/app.conf
RUN ["/bin/busybox", "mkdir", "-m", "1777", "/data", "/tmp"]
RUN ["/bin/busybox", "ln", "-s", "/bin/busybox", "/bin/sh"]
RUN ["/bin/busybox", "touch", "/etc/gone"]
RUN ["/bin/busybox", "rm", "/etc/gone"]
ENV PORT=8080 GREETING="hello"
LABEL tier=web
EXPOSE 8080/tcp
VOLUME /data
WORKDIR /data
USER 1000:1000
ENTRYPOINT ["/bin/busybox"]
CMD ["echo", "hello"]
`;

let dockerd: Server;
let job: Job;
let layout: string;

beforeAll(async () => {
  dockerd = await startDockerd(join(suite.folder, 'dockerd'));
  job = await newJob(suite);
  const files = { 'app.conf': 'port = 8080\nname = app\n' };
  ({ folder: layout } = (await builtImage(suite, DOCKERFILE, files, { network: 'none' })).target.layout);
}, 300_000);
afterAll(async () => {
  await dockerd?.[Symbol.asyncDispose]();
});

const docker = async (...argv: string[]) => (await exec('docker', ['--host', dockerd.address, ...argv])).stdout.trim();

async function tested(yaml: string, inputs: Readonly<Record<string, string>> = {}, env = {}) {
  if (yaml !== '') await writeFile(join(job.workspace, 'image.yaml'), `schemaVersion: "2.0.0"\n${yaml}`);
  const given = { ...(yaml === '' ? {} : { tests: 'image.yaml' }), layout, ...inputs };
  const result = await job.run('test-image', given, { env: { DOCKER_HOST: dockerd.address, ...env } });
  // Whatever happened, nothing is left in the engine.
  expect(await docker('ps', '--all', '--quiet')).toBe('');
  expect(await docker('images', '--all', '--quiet')).toBe('');
  return result;
}

const evidence = async () => {
  const all = await readEvidence(await openTarget(layout), TRUST_NONE);
  return all.filter(({ kind }) => kind === 'tests');
};

const SOUND = `
globalEnvVars: [{ key: WHO, value: "$GREETING world" }]
commandTests:
  - { name: says, command: echo, args: [never], expectedOutput: ["x"], exitCode: 127 }
  - name: environment
    command: /bin/sh
    args: [-c, 'env; echo oops >&2; exit 3']
    expectedOutput: ['(?m)^WHO=hello world$']
    excludedOutput: ['(?i)OOPS']
    expectedError: ['oops']
    exitCode: 3
  - { name: user and folder, command: /bin/sh, args: [-c, 'id -u; pwd; ls /sys/class/net'], expectedOutput: ['^1000\\n/data\\nlo\\n$'] }
  - { name: setup, setup: [[/bin/sh, -c, 'echo made > /tmp/made']], command: /bin/busybox, args: [cat, /tmp/made], expectedOutput: [made] }
  - { name: each has its own, command: /bin/sh, args: [-c, 'test ! -e /tmp/made'] }
  - { name: variables, command: /bin/busybox, args: [echo, '\${PORT}'], expectedOutput: ['8080'] }
fileExistenceTests:
  - { name: owner, path: /etc/app.conf, uid: 7, gid: 8, permissions: -rw-r----- }
  - { name: gone, path: /etc/gone, shouldExist: false }
  - { name: link, path: /bin/sh, permissions: Lrwxrwxrwx }
  - { name: program, path: /bin/busybox, isExecutableBy: any }
fileContentTests:
  - { name: content, path: /etc/app.conf, expectedContents: ['port = 8080', '(?m)^name'], excludedContents: [secret] }
metadataTest:
  envVars: [{ key: PORT, value: '80\\d+', isRegex: true }]
  labels: [{ key: tier, value: web }]
  exposedPorts: ["8080"]
  volumes: [/data]
  workdir: /data
  user: "1000:1000"
  entrypoint: [/bin/busybox]
  cmd: [echo, hello]
`.replace('  - { name: says, command: echo, args: [never], expectedOutput: ["x"], exitCode: 127 }\n', '');

test('a sound image passes, its result is evidence, and can be signed', async () => {
  const result = await succeeded(tested(SOUND, { command: 'true' }));
  expect(result.outputs).toMatchObject({ failed: '0', passed: '12' });
  expect(await evidence()).toEqual([expect.objectContaining({ passed: true, count: 12, failed: [] })]);
  const signed = await succeeded(job.run('sign-image', { layout }));
  expect(signed.exitCode).toBe(0);
});

const command = (name: string, script: string, more = '') =>
  `commandTests: [{ name: ${name}, command: /bin/sh, args: [-c, ${JSON.stringify(script)}]${more} }]`;

const failedResults = async () => (await evidence()).filter((one) => one?.kind === 'tests' && !one.passed).length;

describe('an image fails whose', () => {
  test.each([
    ['exit code is another', command('code', 'exit 4'), /code: exit code 4, expected 0/],
    ['output lacks a text', command('out', 'echo no', ', expectedOutput: ["yes"]'), /stdout does not match "yes": "no/],
    ['output has an excluded text', command('out', 'echo no', ', excludedOutput: ["n."]'), /stdout matches "n\."/],
    ['container hangs', command('hang', 'trap "" TERM; sleep 600 & wait'), /did not finish within 3 s/],
    ['container prints without end', command('loud', 'yes'), /printed more than 1048576 bytes/],
    ['program does not exist', 'commandTests: [{ name: none, command: /no/such }]', /did not start|no such file/],
    [
      'setup fails',
      'commandTests: [{ name: s, command: /bin/sh, setup: [[/bin/busybox, "false"]] }]',
      /setup .*exit code 1/,
    ],
    ['file is not there', 'fileExistenceTests: [{ name: f, path: /no }]', /\/no does not exist/],
    ['file is there', 'fileExistenceTests: [{ name: f, path: /bin/sh, shouldExist: false }]', /\/bin\/sh exists/],
    ['owner is another', 'fileExistenceTests: [{ name: f, path: /etc/app.conf, uid: 0 }]', /uid 7, expected 0/],
    [
      'content is another',
      'fileContentTests: [{ name: c, path: /etc/app.conf, expectedContents: [x9] }]',
      /does not match "x9"/,
    ],
    ['label is another', 'metadataTest: { labels: [{ key: tier, value: db }] }', /label tier is "web", expected "db"/],
  ])('%s', async (_, yaml, says) => {
    const before = await failedResults();
    const result = await tested(yaml, { timeout: '3s' });
    expect(result.log.join('\n')).toMatch(says);
    expect(result.exitCode).toBe(1);
    expect(result.annotations[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('1 test of the image failed'),
    });
    expect(result.outputs.failed).toBe('1');
    // Beside the results of other tests of the same layout.
    expect(await failedResults()).toBe(before + 1);
  });

  test('container is killed from outside', async () => {
    const running = tested(command('kill', 'sleep 60'), { timeout: '60s' });
    let name = '';
    for (let at = 0; at < 300 && name === ''; at += 1) {
      name = await docker('ps', '--quiet');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await docker('kill', name);
    const result = await running;
    expect(result.log.join('\n')).toMatch(/kill: exit code 137, expected 0/);
    expect(result.exitCode).toBe(1);
  }, 120_000);

  test('own command ends with another code', async () => {
    const result = await tested('', { command: 'sh\n-c\nexit 5', 'exit-code': '6' });
    expect(result.log.join('\n')).toMatch(/exit code 5, expected 6/);
    expect(result.exitCode).toBe(1);
  });
});

describe('without a docker engine', () => {
  const NONE = { DOCKER_HOST: 'unix:///nonexistent.sock' };
  test('files and metadata are tested all the same', async () => {
    await succeeded(tested('fileExistenceTests: [{ name: f, path: /bin/sh }]', {}, NONE));
  });

  test('commands are an error that says so', async () => {
    const result = await tested(command('any', 'true'), {}, NONE);
    expect(result.exitCode).toBe(1);
    expect(result.annotations[0]?.message).toMatch(/docker engine does not answer/);
  });
});

test('a platform that this machine cannot run gets no result, and the log says why', async () => {
  const platforms = ['linux/amd64', 'linux/s390x'].map((text) => parsePlatform(text));
  const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /bin/busybox\n', {}, { platforms });
  const only = target.layout.folder;
  const yaml = 'commandTests: [{ name: a, command: /bin/busybox, args: ["true"] }]';
  const result = await succeeded(tested(yaml, { layout: only }));
  expect(result.log.join('\n')).toMatch(/linux\/s390x: 1 test did not run/);
  const found = (await readEvidence(await openTarget(only), TRUST_NONE)).filter(({ kind }) => kind === 'tests');
  expect(found).toHaveLength(1);
});
