/**
 * The attacker writes a RUN step. It looks for what listens on the runner's loopback address: a service of the job, a
 * proxy that adds credentials, an agent of the machine.
 */
import { execFile } from 'node:child_process';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type BundleResult, runPost } from '@tidegate/testkit';
import { BUSYBOX } from '../support/built-image.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const exec = promisify(execFile);
const SECRET = 'credentials-of-the-runner';
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.end(SECRET);
});
const jobs: Job[] = [];
let before: readonly string[];
/** On this machine, of what a step of ours may leave. */
const bridges = async () => (await readdir('/sys/class/net')).filter((name) => name.startsWith('tidegate-'));

beforeAll(async () => {
  before = await bridges();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  server.close();
  await Promise.all(jobs.map(leave));
});

/** Names that are nobody's (RFC 2606): what is answered, or not, is told by whom the question reaches. */
const QUESTION = ['nslookup', 'name.invalid'];
const script = (port: number) => `
b=/bin/busybox
echo "said: $($b nc 127.0.0.1 ${port} </dev/null 2>&1)"
gateway=$($b ip route 2>/dev/null | $b sed -n 's/^default via \\([0-9.]*\\).*/\\1/p')
echo "gateway: $($b ping -c 1 -w 3 "$gateway" >/dev/null 2>&1 && echo answers)"
echo "mtu: $($b cat /sys/class/net/eth*/mtu 2>/dev/null | $b head -n 1)"
echo "devices: $($b ls /sys/class/net | $b tr '\\n' ' ')"
$b ${QUESTION.join(' ')} 2>&1 | $b sed 's/^/names: /'
`;

async function checkout(): Promise<Job> {
  const Dockerfile =
    'FROM scratch\nCOPY busybox /bin/busybox\nCOPY look.sh /\nRUN ["/bin/busybox", "sh", "/look.sh"]\n';
  const job = await newJob(suite, { files: { Dockerfile } });
  jobs.push(job);
  const { port } = server.address() as AddressInfo;
  await writeFile(join(job.workspace, 'look.sh'), script(port));
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  return job;
}

const build = (job: Job, inputs: Readonly<Record<string, string>> = {}) =>
  succeeded(job.run('build-image', { lint: 'off', ...inputs }, { env: { BUILDKIT_HOST: '' } }));

function told({ log }: BundleResult, what: string): string {
  const said = new RegExp(`^#\\d+ [\\d.]+ ${what}: ?(.*?)\\s*$`);
  return log.flatMap((line) => said.exec(line)?.[1] ?? []).join('\n');
}

/** The content of the provenance in the layout. */
async function networksIn({ outputs }: BundleResult): Promise<readonly unknown[]> {
  const folder = join(String(outputs.layout), 'blobs', 'sha256');
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1')));
  return texts
    .filter((text) => text.includes('https://slsa.dev/provenance/v1') && text.includes('"_type"'))
    .map((text) => JSON.parse(text).predicate.buildDefinition.internalParameters.tidegate);
}

describe('a RUN step on the BuildKit that Tidegate starts', () => {
  test("reaches nothing on the runner's 127.0.0.1, and what is outside as the runner does", async () => {
    const job = await checkout();
    const result = await build(job);
    expect(result.log.join('\n')).not.toContain(SECRET);
    expect(told(result, 'said')).toMatch(/refused/);
    expect(told(result, 'devices')).toMatch(/^eth\d lo$/);
    expect(told(result, 'gateway')).toBe('answers');
    const answered = await exec(BUSYBOX, QUESTION).catch((error: { stdout: string; stderr: string }) => error);
    const outcome = (text: string) => /NXDOMAIN|timed out|SERVFAIL|REFUSED/.exec(text)?.[0];
    expect(outcome(told(result, 'names'))).toBe(outcome(answered.stdout + answered.stderr));
    expect(await networksIn(result)).toEqual([{ runNetwork: 'bridge' }]);
    expect(result.annotations).toEqual([]);

    // Another image of the job, on the daemon that is there already.
    const second = await build(job, { name: 'second', 'no-cache': 'true' });
    expect(told(second, 'said')).toMatch(/refused/);
    expect(await networksIn(second)).toEqual([{ runNetwork: 'bridge' }]);
    expect((await runPost(result))?.exitCode).toBe(0);
    expect(await bridges()).toEqual(before);
  }, 120_000);

  test('has packets of the size that the way out takes', async () => {
    const [, device = ''] = /default .* dev (\S+)/.exec((await exec(BUSYBOX, ['ip', 'route'])).stdout) ?? [];
    const mtu = Number(await readFile(`/sys/class/net/${device}/mtu`, 'utf8').catch(() => '1500'));
    const result = await build(await checkout());
    expect(Number(told(result, 'mtu'))).toBe(Math.min(1500, mtu));
    expect((await runPost(result))?.exitCode).toBe(0);
  }, 120_000);

  test('reaches it where the workflow says so, and the provenance says it too', async () => {
    const result = await build(await checkout(), { network: 'host' });
    expect(told(result, 'said')).toBe(SECRET);
    expect(await networksIn(result)).toEqual([{ runNetwork: 'host' }]);
    expect((await runPost(result))?.exitCode).toBe(0);
  }, 120_000);

  test('has no network at all where the workflow says so', async () => {
    const result = await build(await checkout(), { network: 'none' });
    expect(told(result, 'devices')).toBe('lo');
    expect(await networksIn(result)).toEqual([{ runNetwork: 'none' }]);
    expect((await runPost(result))?.exitCode).toBe(0);
  }, 120_000);
});
