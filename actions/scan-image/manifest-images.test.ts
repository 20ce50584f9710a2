import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import { type Job, readNetwork } from '@tidegate/runner';
import { type RegistryServer, startRegistry } from '@tidegate/testkit';
import { linesOfManifests } from './manifest-images.ts';

let server: RegistryServer;
let workspace = '';
beforeEach(async () => {
  server = await startRegistry();
  workspace = await mkdtemp(join(tmpdir(), 'tidegate-lines-'));
});
afterEach(async () => {
  await server.close();
  await rm(workspace, { recursive: true, force: true });
});

const TYPE = 'application/vnd.oci.image.index.v1+json';
async function push(tag: string, note: string): Promise<string> {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: TYPE, manifests: [], annotations: { note } });
  const url = `${server.url}/v2/acme/app/manifests/${tag}`;
  expect((await fetch(url, { method: 'PUT', body, headers: { 'content-type': TYPE } })).status).toBe(201);
  return digestOf(body);
}

test('a tag is resolved once, to the digest that is scanned: it may move meanwhile', async () => {
  const digest = await push('1', 'old');
  const image = `${server.host}/acme/app`;
  const pod = (name: string) => `apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a, image: "${name}"}]}\n`;
  await writeFile(
    join(workspace, 'a.yaml'),
    [`${image}:1`, `${image}@${digest}`, `${image}:gone`].map(pod).join('---\n'),
  );
  const inputs = {
    ...{ image: [], manifests: ['a.yaml'], 'registry-username': '', 'registry-password': '', token: '' },
    ...{ 'insecure-registries': [] },
  } as unknown as Parameters<typeof linesOfManifests>[0];
  const job = {
    ...{ workspace, temp: workspace, env: {}, network: readNetwork({}), signal: new AbortController().signal },
    log: { info: () => {}, notice: () => {}, warning: () => {}, debug: () => {}, mask: () => {} },
  } as unknown as Job;
  const lines = await linesOfManifests(inputs, 100, job);
  expect(lines.map(({ text, reference }) => [text, reference])).toMatchObject([
    [`${image}:1`, { tag: '1', digest }],
    [`${image}:gone`, { tag: 'gone', digest: undefined }],
  ]);
  const asked = server.requests.filter(({ url }) => url.endsWith('/manifests/1'));
  expect(asked.map(({ method }) => method)).toEqual(['PUT', 'HEAD']);
});
