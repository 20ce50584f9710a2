/** A build on several machines: two real BuildKit daemons with TLS, each for a platform of its own. */

import { createPrivateKey } from 'node:crypto';
import { access, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  authority,
  type BundleResult,
  devTools,
  type Identity,
  type RegistryServer,
  startRegistry,
} from '@tidegate/testkit';
import { type Node, startNode } from '../support/builder-nodes.ts';
import { BUSYBOX } from '../support/built-image.ts';
import { expectOneClearError } from '../support/clear-error.ts';
import { type Job, leave, newJob, succeeded } from '../support/job.ts';
import { recordedTools } from '../support/recorded-tools.ts';
import { secretsBelow, secretsIn, secretsOfKey } from '../support/secret-search.ts';
import { startS3Server } from '../support/servers.ts';
import { theSuite } from '../support/suite.ts';

const suite = await theSuite();
const BOTH = 'linux/amd64,linux/arm64';
/** A step runs on the machine that builds, and says which one that is. */
const DOCKERFILE = `FROM --platform=$BUILDPLATFORM scratch AS tool
COPY busybox /bin/busybox
ARG TARGETARCH
RUN ["/bin/busybox", "sh", "-c", "echo $TARGETARCH is built by $(/bin/busybox sed -n 's/^search //p' /etc/resolv.conf); echo $TARGETARCH > /made"]

FROM scratch
COPY --from=tool /made /made
`;
/** Long enough for a busy machine to show its line and to kill the builder before it ends. */
const LONG = DOCKERFILE.replace(
  'echo $TARGETARCH >',
  'echo long step of $TARGETARCH; /bin/busybox sleep 20; echo $TARGETARCH >',
);

const opened = new AsyncDisposableStack();
afterAll(() => opened.disposeAsync());

let ca: Awaited<ReturnType<typeof authority>>;
let client: Identity;
let server: Identity;
let amd: Node;
let arm: Node;
let registry: RegistryServer;

beforeAll(async () => {
  ca = await authority(suite.folder);
  [server, client] = [await ca.issue('node', 'IP:127.0.0.1'), await ca.issue('client', 'DNS:builder')];
  [amd, arm] = [await node('amd'), await node('arm')];
  registry = await startRegistry();
  opened.defer(() => registry.close());
});

async function node(name: string, more: { readonly server?: Identity } = {}): Promise<Node> {
  const place = { buildkitd: join(suite.tools, 'buildkitd'), folder: join(suite.folder, `node-${name}`) };
  return opened.use(await startNode({ ...place, name: `${name}.example`, server, clientCa: ca.path, ...more }));
}

async function checkout(dockerfile = DOCKERFILE): Promise<Job> {
  const job = await newJob(suite, { files: { Dockerfile: dockerfile } });
  opened.defer(() => leave(job));
  await copyFile(BUSYBOX, join(job.workspace, 'busybox'));
  return job;
}

const tls = () => ({ 'builder-ca': ca.pem, 'builder-cert': client.cert, 'builder-key': client.key });
const nodes = (more: Readonly<Record<string, string>> = {}) => ({
  platforms: BOTH,
  'builder-endpoints': `linux/amd64=${amd.address}\nlinux/arm64=${arm.address}`,
  ...tls(),
  ...more,
});
const builders = ({ log }: BundleResult) =>
  log.flatMap((line) => /^#\d+ [\d.]+ (\w+ is built by .*)$/.exec(line)?.[1] ?? []).toSorted();

test('two machines share the platforms of one build, and nothing of it stays here', async () => {
  const recorder = await recordedTools(suite);
  const job = await checkout();
  const result = await succeeded(
    job.run('build-image', nodes({ tools: recorder.tools }), {
      env: { PATH: `${recorder.path}:${process.env.PATH}`, BUILDKIT_HOST: 'unix:///nowhere/buildkitd.sock' },
    }),
  );
  expect(builders(result)).toEqual(['amd64 is built by amd.example', 'arm64 is built by arm.example']);
  const index = JSON.parse(
    await readFile(join(String(result.outputs.layout), 'blobs/sha256', String(result.outputs.digest).slice(7)), 'utf8'),
  );
  expect(index.manifests.map(({ platform }: { platform: object }) => platform)).toEqual([
    { architecture: 'amd64', os: 'linux' },
    { architecture: 'arm64', os: 'linux' },
  ]);
  expect(Object.keys(JSON.parse(String(result.outputs.platforms)))).toEqual(BOTH.split(','));

  const secrets = secretsOfKey(createPrivateKey(client.key), 'client');
  const started = await recorder.started();
  expect(started.flatMap(({ argv }) => secretsIn(argv.join('\0'), secrets))).toEqual([]);
  expect(started.flatMap(({ env }) => secretsIn(Object.values(env).join('\0'), secrets))).toEqual([]);
  expect(await secretsBelow(job.temp, secrets)).toEqual([]);
  expect(secretsIn(result.log.join('\n'), secrets)).toEqual([]);
  const config = started.find(({ argv }) => argv[0] === 'build')?.env.BUILDX_CONFIG ?? '';
  expect(config).toMatch(/\/nodes-/);
  await expect(access(config)).rejects.toThrow(/ENOENT/);
  expect(await readdir(job.temp)).not.toContain('buildx');
});

test('a line for one of several platforms is enough where only that one is built', async () => {
  const job = await checkout();
  const result = await succeeded(job.run('build-image', nodes({ platforms: 'linux/arm64', 'no-cache': 'true' })));
  expect(builders(result)).toEqual(['arm64 is built by arm.example']);
});

describe('a machine that dies in the middle of a build', () => {
  const IMAGE = 'nodes/app';
  /** Kills the second machine when its step runs. @param again starts it when the build is repeated */
  async function shipped(retries: string, again: boolean) {
    const job = await checkout(LONG);
    const inputs = nodes({
      platforms: 'linux/arm64,linux/amd64',
      image: `${registry.host}/${IMAGE}`,
      tags: `raw=retries-${retries}`,
      lint: 'off',
      retries,
      'no-cache': 'true',
      'allow-empty-sbom': 'true',
    });
    let [work, isKilled]: [Promise<void>, boolean] = [Promise.resolve(), false];
    const result = await job.run('ship', inputs, {
      onLine: (line) => {
        // The log shows one step at a time, mostly the first one. The other runs then, or is about to.
        if (/long step of a(?:rm|md)64$/.test(line) && !isKilled) {
          isKilled = true;
          work = work.then(() => setTimeout(line.endsWith('arm64') ? 0 : 3000)).then(() => arm.kill());
        }
        if (again && line.includes('is repeated in')) work = work.then(() => arm.start());
      },
    });
    await work;
    return result;
  }

  test('fails the build with one error that names it, and leaves no tag', async () => {
    const result = await shipped('0', false);
    await arm.start();
    expect(expectOneClearError(result)).toMatch(
      /^The builder for linux\/arm64 \(tcp:\/\/127\.0\.0\.1:\d+\) no longer responds: .*ECONNREFUSED/,
    );
    expect([...registry.tags(IMAGE).keys()]).toEqual([]);
  });

  test('is asked again with retries, and the build ends well when it is back', async () => {
    const result = await succeeded(shipped('1', true));
    const notices = result.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);
    expect(notices.filter((notice) => notice.startsWith('The build failed'))).toEqual([
      expect.stringMatching(/^The build failed because of a builder, and is repeated in 5 s: /),
    ]);
    expect([...registry.tags(IMAGE).keys()]).toEqual(['retries-1']);
  });

  test('stays away: the last error names it, and there is no tag', async () => {
    const result = await shipped('1', false);
    await arm.start();
    expect(expectOneClearError(result)).toMatch(/^The builder for linux\/arm64 .* no longer responds/);
    expect([...registry.tags(IMAGE).keys()]).toEqual(['retries-1']);
  });
});

describe('certificates', () => {
  const refusal = async (more: Readonly<Record<string, string>>, address = amd.address) => {
    const job = await checkout();
    const one = { platforms: 'linux/amd64', 'builder-endpoints': `linux/amd64=${address}` };
    const result = await job.run('build-image', nodes({ ...one, ...more }));
    expect(result.log.join('\n')).not.toMatch(/BEGIN (?:EC )?PRIVATE KEY/);
    return expectOneClearError(result);
  };

  test('of another authority are refused', async () => {
    const other = await authority(join(suite.folder, 'node-amd'));
    expect(await refusal({ 'builder-ca': other.pem })).toMatch(
      /no BuildKit responds for linux\/amd64 \(tcp:.*\): its certificate is not signed by the authority in builder-ca\./,
    );
    const stranger = await other.issue('stranger', 'DNS:builder');
    expect(await refusal({ 'builder-cert': stranger.cert, 'builder-key': stranger.key })).toMatch(
      /it rejects the certificate in builder-cert\./,
    );
  });

  test('of a client that has none are required', async () => {
    expect(await refusal({ 'builder-cert': '', 'builder-key': '' })).toMatch(/it requires a client certificate\./);
  });

  test('that have expired are refused, on either side', async () => {
    const old = await ca.issue('old', 'IP:127.0.0.1', 0);
    const expired = await node('expired', { server: old });
    expect(await refusal({}, expired.address)).toMatch(/its certificate has expired\./);
    expect(await refusal({ 'builder-cert': old.cert, 'builder-key': old.key })).toMatch(
      /^Input builder-cert: the certificate has expired on .*\. Its content is not shown\./,
    );
  });

  test('for another name are refused', async () => {
    const foreign = await node('foreign', { server: await ca.issue('foreign', 'DNS:builder.example') });
    expect(await refusal({}, foreign.address)).toMatch(/its certificate is not for 127\.0\.0\.1\./);
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['that are no PEM', { 'builder-ca': 'x' }, /^Input builder-ca: it is not a certificate in PEM format/],
    ['without a key', { 'builder-key': '' }, /^Input builder-key: .* because builder-cert is set/],
    ['without an authority', { 'builder-ca': '' }, /^Input builder-cert: .* because builder-ca is empty/],
  ])('%s are refused', async (_, more, says) => {
    expect(await refusal(more)).toMatch(says);
  });

  test('with the key of another certificate are refused', async () => {
    const { key } = await ca.issue('other', 'DNS:builder');
    expect(await refusal({ 'builder-key': key })).toMatch(/^Input builder-key: it does not belong to the certificate/);
  });
});

test('the machines share a cache in a registry: one reads what the other has written', async () => {
  const cache = { cache: 'registry', 'cache-image': `${registry.host}/nodes/cache` };
  const first = await succeeded((await checkout()).run('build-image', nodes({ ...cache, 'no-cache': 'true' })));
  expect([...registry.tags('nodes/cache').keys()].length).toBe(2);
  const fresh = await node('fresh');
  const swapped = `linux/amd64=${fresh.address}\nlinux/arm64=${fresh.address}`;
  const second = await succeeded(
    (await checkout()).run('build-image', nodes({ ...cache, 'builder-endpoints': swapped })),
  );
  expect(builders(second)).toEqual([]);
  expect(second.outputs.digest).toBe(first.outputs.digest);
});

test('the machines share a cache in S3: a new one reads what both have written', async () => {
  const { gofakes3 } = await devTools(['gofakes3']);
  const s3 = opened.use(await startS3Server(gofakes3, 'caches'));
  const cache = `type=s3,bucket=caches,use_path_style=true,endpoint_url=http://${s3.address}`;
  const env = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-central-1' };
  const write = nodes({ 'cache-to': `${cache},mode=max`, 'no-cache': 'true' });
  const first = await succeeded((await checkout()).run('build-image', write, { env }));
  expect(builders(first)).toEqual(['amd64 is built by amd.example', 'arm64 is built by arm.example']);
  const listed = await (await fetch(`http://${s3.address}/caches?prefix=manifests/`)).text();
  expect([...listed.matchAll(/<Key>/g)]).toHaveLength(2);
  const fresh = await node('fresh-s3');
  const swapped = `linux/amd64=${fresh.address}\nlinux/arm64=${fresh.address}`;
  const read = nodes({ 'cache-from': cache, 'builder-endpoints': swapped });
  const second = await succeeded((await checkout()).run('build-image', read, { env }));
  expect(builders(second)).toEqual([]);
  expect(second.outputs.digest).toBe(first.outputs.digest);
}, 300_000);

describe('a login', () => {
  const LOGIN = { username: 'ada', password: 'push-password-4711' };
  let secured: RegistryServer;
  beforeAll(async () => {
    secured = await startRegistry({ auth: { kind: 'basic', ...LOGIN } });
    opened.defer(() => secured.close());
    // The base image is one that the login has pushed.
    await succeeded((await checkout()).run('ship', { ...shipInputs('base/app'), 'builder-endpoints': '' }));
  });
  const shipInputs = (repository: string) => ({
    ...{ platforms: 'linux/amd64', image: `${secured.host}/${repository}`, tags: 'raw=one', lint: 'off' },
    ...{ 'registry-username': LOGIN.username, 'registry-password': LOGIN.password, 'allow-empty-sbom': 'true' },
  });

  test('that pushes the image, and those of docker, are not for a node; registry-auths is', async () => {
    const job = await checkout(`FROM ${secured.host}/base/app:one\nCOPY busybox /busybox\n`);
    const docker = join(job.temp, '..', 'docker');
    await mkdir(docker);
    const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64');
    const config = JSON.stringify({ auths: { [secured.host]: { auth } } });
    await writeFile(join(docker, 'config.json'), config);
    const inputs = { ...shipInputs('team/app'), 'builder-endpoints': `linux/amd64=${amd.address}`, ...tls() };
    const env = { DOCKER_CONFIG: docker, DOCKER_AUTH_CONFIG: config };
    const refused = await job.run('ship', inputs, { env });
    expect(refused.exitCode).toBe(1);
    expect(refused.annotations.map(({ message }) => message).join()).toMatch(/401|unauthorized|authoriz|login/i);
    const named = `${secured.host},${LOGIN.username},${LOGIN.password}`;
    await succeeded(job.run('ship', { ...inputs, 'registry-auths': named }, { env }));
    expect([...secured.tags('team/app').keys()]).toEqual(['one']);
  });
});
