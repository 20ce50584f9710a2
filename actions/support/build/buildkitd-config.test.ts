import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { assertMirrors, buildkitdConfig, mirrorsOf } from './buildkitd-config.ts';

/** A self-signed certificate of no one. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBgTCCASegAwIBAgIUGHLTct/plQujo/NPfp86znu1QNowCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKY2EuZXhhbXBsZTAgFw0yNjExMjkxNjMxNDlaGA8yMTI2MTEw
NTE2MzE0OVowFTETMBEGA1UEAwwKY2EuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABFvbTUT7XGVcjvPuCUV/bSvEJK6yZCAFBPSxlogcF+Mudo70YzKz
zADHjm7h52Lxc3gkWBex1yLVHd9De+QHLlmjUzBRMB0GA1UdDgQWBBT9NCzUz8Gx
T8RxiM6taWvo7D0yGjAfBgNVHSMEGDAWgBT9NCzUz8GxT8RxiM6taWvo7D0yGjAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIFk/J84fFFxyUQvCAPVN
oYthkszoJtkN7G3af9bQkAItAiEAmguSnGccdb8tjgYdd00kOIi93staV4D9vxMJ
y5qmRp4=
-----END CERTIFICATE-----`;
const TOML = '[registry."docker.io"]\nmirrors = ["mirror.example/hub", "localhost:5000"]\n';

let folder: string;
let job: Job;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
  job = { workspace: folder, env: {} } as Job;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const chosen = (more: Partial<Parameters<typeof buildkitdConfig>[0]>, env: Readonly<Record<string, string>> = {}) =>
  buildkitdConfig({ 'buildkitd-config': '', 'buildkitd-config-inline': '', builder: '', ...more }, { ...job, env });

test('settings come from a file of the workspace or from the input itself', async () => {
  await writeFile(join(folder, 'buildkitd.toml'), TOML);
  const [file, inline] = [
    await chosen({ 'buildkitd-config': 'buildkitd.toml' }),
    await chosen({ 'buildkitd-config-inline': TOML }),
  ];
  expect(file?.config).toEqual(inline?.config);
  expect(file?.files).toEqual([join(folder, 'buildkitd.toml')]);
  expect(mirrorsOf(file)).toEqual({ 'docker.io': ['mirror.example/hub', 'localhost:5000'] });
  expect(await chosen({})).toBeUndefined();
  expect(mirrorsOf(await chosen({ 'buildkitd-config-inline': '[worker.oci]\nmax-parallelism = 1' }))).toBeUndefined();
});

test('of a file with certificates, the builder gets these alone', async () => {
  await writeFile(
    join(folder, 'ca.pem'),
    `${CERTIFICATE}\n-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n`,
  );
  const inline = '[registry."a.example"]\nca = ["ca.pem"]';
  const read = await chosen({ 'buildkitd-config-inline': inline });
  expect(read?.config.registries[0]?.ca).toEqual([`${CERTIFICATE}\n`]);
  expect(read?.files).toEqual([join(folder, 'ca.pem')]);
  for (const [content, says] of [
    ['nothing', /it has none/],
    ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /Check the file/],
  ] as const) {
    await writeFile(join(folder, 'ca.pem'), content);
    await expect(chosen({ 'buildkitd-config-inline': inline })).rejects.toMatchObject({
      message: expect.stringMatching(
        /^Input buildkitd-config-inline: got "ca\.pem", expected a file with certificates/,
      ),
      next: expect.stringMatching(says),
    });
  }
});

test('a setting that can have no effect is an error', async () => {
  const both = { 'buildkitd-config': 'a', 'buildkitd-config-inline': TOML };
  await expect(chosen(both)).rejects.toMatchObject({ code: 'TG1004' });
  const inline = { 'buildkitd-config-inline': TOML };
  await expect(chosen({ ...inline, builder: 'mine' })).rejects.toThrow(/not mine/);
  await expect(chosen(inline, { BUILDKIT_HOST: 'tcp://b.example:1234' })).rejects.toThrow(/not tcp:/);
  await expect(chosen({ 'buildkitd-config': 'none.toml' })).rejects.toMatchObject({ code: 'TG1005' });
  await expect(chosen({ 'buildkitd-config': '.' })).rejects.toMatchObject({ code: 'TG1005' });
});

test('a mirror needs the policy, host and path', async () => {
  const config = await chosen({ 'buildkitd-config-inline': TOML });
  const levels = {};
  expect(() => assertMirrors(config, { levels, mirrors: ['localhost:5000', 'mirror.example/hub'] })).not.toThrow();
  expect(() => assertMirrors(undefined, { levels })).not.toThrow();
  for (const mirrors of [undefined, [], ['localhost:5000'], ['localhost:5000', 'mirror.example']]) {
    expect(() => assertMirrors(config, { levels, mirrors })).toThrow(
      expect.objectContaining({
        code: 'TG2310',
        message: expect.stringMatching(/the policy does not allow mirror\.example\/hub as a mirror of docker\.io/),
      }),
    );
  }
});
