/** The image that a scanned layout is compared with, read from a registry. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Descriptor, digestOf, type Log, MediaType } from '@tidegate/core';
import { contentOfBytes, Registry } from '@tidegate/oci';
import type { Services, Target } from '@tidegate/pipeline';
import type { Job } from '@tidegate/runner';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { liveImage } from './compared.ts';

let server: RegistryServer;
let folder = '';
let closed = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compared-'));
  server = await startRegistry();
  const other = await startRegistry();
  closed = other.host;
  await other.close();
  for (const tag of ['main', 'dev', 'latest']) await push(tag);
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function push(tag: string): Promise<void> {
  const registry = new Registry({ registry: server.host, repository: 'acme/app' });
  const put = async (mediaType: string, content: object): Promise<Descriptor> => {
    const bytes = Buffer.from(JSON.stringify(content));
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
    await registry.push(descriptor, contentOfBytes(bytes));
    return descriptor;
  };
  const rootfs = { type: 'layers' };
  const config = await put(MediaType.config, {
    ...{ os: 'linux', architecture: 'amd64', rootfs },
    config: { Labels: { tag } },
  });
  const manifest = { schemaVersion: 2, mediaType: MediaType.manifest, config, layers: [] };
  await registry.moveTag(await put(MediaType.manifest, manifest), tag);
}

const OURS = { image: { root: { digest: digestOf('this image') } } } as unknown as Target;
const PULL_REQUEST = {
  ...{ GITHUB_EVENT_NAME: 'pull_request', GITHUB_REF: 'refs/pull/7/merge', GITHUB_BASE_REF: 'dev' },
};
const PUSH = { GITHUB_EVENT_NAME: 'push', GITHUB_REF: 'refs/heads/main' };

async function compared(env: Readonly<Record<string, string>>, host = server.host) {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log = {
    ...{ debug: () => {}, info: say('info'), notice: say('notice'), warning: say('warning'), mask: () => {} },
    redact: (text: string) => text,
  } as unknown as Log;
  const signal = new AbortController().signal;
  const clock = () => new Date('2026-11-24T12:00:00Z');
  const job = {
    ...{ log, signal, clock, workspace: folder, temp: folder },
    network: { fetch, certificates: () => undefined },
    event: { repository: { default_branch: 'main' }, head_commit: { timestamp: '2026-11-24T11:00:00Z' } },
    env: { GITHUB_SHA: 'a'.repeat(40), GITHUB_REPOSITORY: 'acme/app', PATH: process.env.PATH ?? '', ...env },
  } as unknown as Job;
  const inputs = {
    ...{ tags: ['auto'], flavor: [], latest: 'auto' as const, token: '', 'insecure-registries': [] },
    // As in a fork's run, whose secrets are empty.
    ...{ 'registry-username': 'ada', 'registry-password': '', 'destination-auths': [], 'registry-identities': [] },
  };
  const services = { log, signal, clock } as unknown as Services;
  const live = await liveImage(OURS, [{ registry: host, repository: 'acme/app' }], inputs, job, services);
  return { tag: live?.tag, lines };
}

test('a pull request is compared with the image of its base branch', async () => {
  expect((await compared(PULL_REQUEST)).tag).toBe('dev');
});

test('of a base branch that is not published, with latest', async () => {
  expect((await compared({ ...PULL_REQUEST, GITHUB_BASE_REF: 'next' })).tag).toBe('latest');
});

test('a push is compared with the tag that it would move', async () => {
  expect((await compared(PUSH)).tag).toBe('main');
});

test('a registry that does not respond is a line of the log, and nothing else', async () => {
  const { tag, lines } = await compared(PULL_REQUEST, closed);
  expect(tag).toBeUndefined();
  expect(lines).toContainEqual(expect.stringMatching(/^info: Changes against .*acme\/app.* are unknown: /));
  expect(lines.filter((line) => !line.startsWith('info: '))).toEqual([]);
}, 30_000);
