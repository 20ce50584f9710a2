/** The image is started, and its health URL must answer before it is published. By a docker engine of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTarget, readEvidence, TRUST_NONE } from '@tidegate/pipeline';
import { builtImage } from '../support/built-image.ts';
import { startDockerd } from '../support/dockerd.ts';
import { type Job, newJob, succeeded } from '../support/job.ts';
import type { Server } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const exec = promisify(execFile);
let dockerd: Server;
let job: Job;

beforeAll(async () => {
  dockerd = await startDockerd(join(suite.folder, 'dockerd-health'));
  job = await newJob(suite);
}, 300_000);
afterAll(async () => {
  await dockerd?.[Symbol.asyncDispose]();
});

const docker = async (...argv: string[]) => (await exec('docker', ['--host', dockerd.address, ...argv])).stdout.trim();
const URL_OF_IMAGE = 'http://localhost:8080/cgi-bin/health?a=b';

/** An image that runs this script. */
async function imageThat(script: string): Promise<string> {
  const entrypoint = JSON.stringify(['/bin/busybox', 'sh', '-c', script]);
  const health = `#!/bin/busybox sh\nprintf "Status: \${STATUS:-200}\\r\\n\\r\\n$HTTP_HOST $QUERY_STRING"\n`;
  const dockerfile =
    'FROM scratch\nCOPY busybox /bin/busybox\nCOPY www /www\n' +
    'RUN ["/bin/busybox", "ln", "-s", "/bin/busybox", "/bin/sh"]\nUSER 1000\n' +
    `ENTRYPOINT ${entrypoint}\n`;
  const files = { 'www/cgi-bin/health': { content: health, mode: 0o755 }, 'www/healthz': 'well' };
  return (await builtImage(suite, dockerfile, files, { network: 'none' })).target.layout.folder;
}

const SERVE = '/bin/busybox httpd -f -h /www -p 8080';

async function tested(layout: string, inputs: Readonly<Record<string, string>> = {}) {
  const given = { 'health-url': URL_OF_IMAGE, layout, ...inputs };
  const result = await job.run('test-image', given, { env: { DOCKER_HOST: dockerd.address } });
  // Whatever happened, nothing is left in the engine.
  expect(await docker('ps', '--all', '--quiet')).toBe('');
  expect(await docker('images', '--all', '--quiet')).toBe('');
  expect(await docker('network', 'ls', '--quiet', '--filter=type=custom')).toBe('');
  return result;
}

async function evidenceOf(layout: string) {
  const all = await readEvidence(await openTarget(layout), TRUST_NONE);
  return all.filter(({ kind }) => kind === 'tests');
}

describe('an image whose health URL answers', () => {
  test('passes, also if it needs a while, and the result is evidence', async () => {
    const layout = await imageThat(`/bin/busybox sleep 2; exec ${SERVE}`);
    const result = await succeeded(tested(layout));
    expect(result.outputs).toMatchObject({ passed: '1', failed: '0' });
    expect(await evidenceOf(layout)).toEqual([expect.objectContaining({ passed: true, count: 1 })]);
  }, 120_000);

  test('is published on the loopback of this machine only, in a network that leads nowhere else', async () => {
    const layout = await imageThat(`/bin/busybox sleep 5; exec ${SERVE}`);
    const running = tested(layout);
    let shown = '';
    for (let at = 0; at < 200 && shown === ''; at += 1) {
      shown = await docker('ps', '--format={{.Ports}} {{.Networks}}');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const [ports, network = 'none'] = shown.split(' ');
    const options = await docker('network', 'inspect', '--format={{json .Options}}', network);
    await succeeded(running);
    expect(ports).toMatch(/^127\.0\.0\.1:\d+->8080\/tcp$/);
    expect(JSON.parse(options)).toEqual({ 'com.docker.network.bridge.enable_ip_masquerade': 'false' });
  }, 120_000);
});

describe('an image fails that', () => {
  const LOUD = `echo "::error::forged"; printf '\\033[31mred\\n' >&2`;
  test.each([
    ['answers with an error', `STATUS=503 exec ${SERVE}`, URL_OF_IMAGE, /within 6 s; last: HTTP status 503/],
    ['answers that it moved', `STATUS=302 exec ${SERVE}`, URL_OF_IMAGE, /last: HTTP status 302/],
    ['has no such path', `exec ${SERVE}`, 'http://localhost:8080/none', /last: HTTP status 404/],
    [
      'listens on another port',
      `exec ${SERVE}`,
      'http://localhost:8081/healthz',
      /no answer of 200 to 299 within 6 s; last: /,
    ],
    [
      'listens to itself only',
      'exec /bin/busybox httpd -f -h /www -p 127.0.0.1:8080',
      URL_OF_IMAGE,
      /no answer of 200/,
    ],
    ['hangs', 'trap "" TERM; /bin/busybox sleep 600 & wait', URL_OF_IMAGE, /no answer of 200 to 299 within 6 s/],
    [
      'accepts, and is silent',
      '/bin/busybox nc -ll -p 8080 -e /bin/busybox sleep 600',
      URL_OF_IMAGE,
      /last: no answer in time/,
    ],
    ['speaks no HTTP', '/bin/busybox nc -ll -p 8080 -e /bin/busybox echo hi', URL_OF_IMAGE, /no answer of 200 to 299/],
    ['ends', 'exit 3', URL_OF_IMAGE, /the container does not run: it ended with exit code 3/],
    ['ends well', 'exit 0', URL_OF_IMAGE, /it ended with exit code 0/],
  ])(
    '%s',
    async (_, script, url, says) => {
      const layout = await imageThat(`${LOUD}; ${script}`);
      const result = await tested(layout, { 'health-url': url, timeout: '6s' });
      const log = result.log.join('\n');
      expect(log).toMatch(says);
      expect(log).toMatch(/container: .*::error::forged/);
      expect(log).not.toContain('\u001b[31m');
      expect(result.annotations.map(({ level, message }) => [level, message])).toEqual([
        ['error', expect.stringContaining('1 test of the image failed')],
      ]);
      expect([result.exitCode, result.outputs.failed]).toEqual([1, '1']);
      expect(await evidenceOf(layout)).toEqual([expect.objectContaining({ passed: false })]);
    },
    120_000,
  );

  test('has no such program', async () => {
    const { target } = await builtImage(suite, 'FROM scratch\nCOPY busybox /b\nENTRYPOINT ["/none"]\n', {});
    const result = await tested(target.layout.folder, { timeout: '4s' });
    expect(result.log.join('\n')).toMatch(/it did not start: .*no such file/);
    expect(result.exitCode).toBe(1);
  }, 120_000);

  test('prints without end', async () => {
    const layout = await imageThat('/bin/busybox yes | /bin/busybox tr -d "\\n"');
    const result = await tested(layout, { timeout: '4s' });
    expect(result.log.join('\n')).toMatch(/no answer of 200 to 299/);
    expect(result.log.join('\n').length).toBeLessThan(50_000);
    expect(result.exitCode).toBe(1);
  }, 120_000);

  test('is killed from outside', async () => {
    const layout = await imageThat('/bin/busybox sleep 60');
    const running = tested(layout, { timeout: '60s' });
    let name = '';
    for (let at = 0; at < 200 && name === ''; at += 1) {
      name = await docker('ps', '--quiet');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await docker('kill', name);
    const result = await running;
    expect(result.log.join('\n')).toMatch(/it ended with exit code 137/);
    expect(result.exitCode).toBe(1);
  }, 120_000);
});
