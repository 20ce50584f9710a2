/** Digests of base images in Dockerfiles follow their tags, and nothing else in the file changes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { digestOf } from '@tidegate/core';
import {
  type Fault,
  type RecordedRequest,
  type RegistryServer,
  startGitDatabase,
  startRegistry,
} from '@tidegate/testkit';
import { type Pinning, startPinning, statesOf } from './support/pinning.ts';

const running = new AsyncDisposableStack();
let pinning: Pinning;
let server: RegistryServer;
let fault: ((request: RecordedRequest) => Fault | undefined) | undefined;
let old = '';
let current = '';

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY = 'application/vnd.oci.empty.v1+json';

/** Push an image without layers. @returns its digest */
async function push(repository: string, tag: string, note: string): Promise<string> {
  const begun = await fetch(`${server.url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const config = digestOf('{}');
  const location = new URL(begun.headers.get('location') ?? '', server.url);
  await fetch(`${location}?digest=${config}`, { method: 'PUT', body: '{}' });
  const body = JSON.stringify({
    ...{ schemaVersion: 2, mediaType: MANIFEST, layers: [], annotations: { note } },
    config: { mediaType: EMPTY, digest: config, size: 2 },
  });
  const url = `${server.url}/v2/${repository}/manifests/${tag}`;
  const { status } = await fetch(url, { method: 'PUT', body, headers: { 'content-type': MANIFEST } });
  expect(status).toBe(201);
  return digestOf(body);
}

beforeAll(async () => {
  pinning = await startPinning(running);
  server = await startRegistry({ onRequest: (request) => fault?.(request) });
  running.defer(() => server.close());
  old = await push('library/node', '22', 'old');
  current = await push('library/node', '22', 'current');
}, 300_000);
afterAll(() => running.disposeAsync());

const dockerfile = (digest: string) =>
  [
    `# FROM ${server.host}/library/node:22@${old}`,
    `ARG BASE=${server.host}/library/node:22@${digest}`,
    `FROM --platform=linux/amd64 ${server.host}/library/node:22@${digest} AS build  `,
    `FROM $BASE\t`,
    `COPY --from=${server.host}/library/node:22@${digest} --chown=1 /a /`,
    `COPY --from=build /b /`,
    `RUN echo ${server.host}/library/node:22@${old}`,
    `FROM ${server.host}/library/node:22`,
    '',
  ].join('\r\n');

const workspaceWith = (files: Readonly<Record<string, string>>) => pinning.workspaceWith(files);
const pin = (workspace: string, more: Readonly<Record<string, string>> = {}, env?: Record<string, string>) =>
  pinning.pin(workspace, { bases: 'true', ...more }, env);
const MOVED = ['moved', 'moved', 'moved', 'unpinned'];
const CURRENT = ['pinned', 'pinned', 'pinned', 'unpinned'];

test('the check fails while a base has moved; the update changes its digests only, in every Dockerfile', async () => {
  const files = {
    Dockerfile: dockerfile(old),
    'api/prod.Dockerfile': `FROM ${server.host}/library/node:22@${old}`,
    'api/app.yaml': `image: ${server.host}/library/node:22@${old}`,
  };
  const workspace = await workspaceWith(files);
  const checked = await pin(workspace, { check: 'true' });
  expect([checked.exitCode, statesOf(checked)]).toEqual([1, [...MOVED, 'moved']]);
  expect(checked.log.join('\n')).toMatch(/TG1903/);
  expect(checked.log.join('\n')).toContain(`The tag 22 points to ${current} now, not to ${old}.`);
  expect(await readFile(join(workspace, 'Dockerfile'), 'utf8')).toBe(files.Dockerfile);

  await mkdir(join(workspace, 'template'));
  await writeFile(join(workspace, 'template/Dockerfile'), 'FROM a:1\nCOPY <<EOF /\n{{ file }}\n');
  expect((await pin(workspace, { check: 'true' })).log.join('\n')).toContain('unterminated heredoc');
  const updated = await pin(workspace);
  expect([updated.exitCode, statesOf(updated)]).toEqual([0, [...MOVED, 'moved']]);
  expect(updated.outputs['changed-files']).toBe('Dockerfile\napi/prod.Dockerfile');
  expect(await readFile(join(workspace, 'Dockerfile'), 'utf8')).toBe(dockerfile(current));
  expect(await readFile(join(workspace, 'api/app.yaml'), 'utf8')).toBe(files['api/app.yaml']);

  const again = await pin(workspace, { check: 'true', files: 'Dockerfile\napi' });
  expect([again.exitCode, statesOf(again)]).toEqual([0, [...CURRENT, 'pinned']]);
});

test('a registry whose digest is not that of the content changes nothing', async () => {
  const workspace = await workspaceWith({ Dockerfile: dockerfile(old) });
  fault = ({ method, url }) =>
    method === 'GET' && url.endsWith(`/manifests/${current}`) ? { kind: 'flip-bit', at: 9 } : undefined;
  const result = await pin(workspace);
  fault = undefined;
  expect([result.exitCode, statesOf(result)]).toEqual([1, ['refused', 'refused', 'refused', 'unpinned']]);
  expect(result.log.join('\n')).toContain(`${current} failed verification: the bytes hash to`);
  expect(await readFile(join(workspace, 'Dockerfile'), 'utf8')).toBe(dockerfile(old));
});

test('a tag that is gone, and inputs that have no effect, are errors', async () => {
  const workspace = await workspaceWith({ Dockerfile: `FROM ${server.host}/library/node:gone@${old}` });
  const gone = await pin(workspace, { files: 'Dockerfile' });
  expect([gone.exitCode, statesOf(gone)]).toEqual([1, ['refused']]);
  const signer = await pin(workspace, { workflow: 'acme/app/.github/workflows/image.yml' });
  expect(signer.log.join('\n')).toContain('no value, because bases is true: base images are not verified');
  const none = await pin(workspace, { images: 'ghcr.io/acme/*' });
  expect(none.log.join('\n')).toContain('expected a repository that a Dockerfile uses');
  const manifests = await pin(workspace, { bases: 'false', 'verification-key': 'x' });
  expect(manifests.log.join('\n')).toContain('Input files is empty: no manifest is named.');
  const broken = await workspaceWith({ Dockerfile: 'FROM a:1\nCOPY <<EOF /\n' });
  expect((await pin(broken, { files: 'Dockerfile' })).log.join('\n')).toMatch(/unterminated heredoc.*TG2531/);
});

test('one login is sent only to the registry that images names, whatever a Dockerfile names', async () => {
  const text = `FROM ${server.host}/library/node:22@${old}\nFROM localhost:1/node:22@${old}`;
  const workspace = await workspaceWith({ Dockerfile: text });
  const before = server.requests.length;
  const result = await pin(workspace, { 'registry-username': 'me', 'registry-password': 'hunter22' });
  expect(result.exitCode).toBe(1);
  expect(result.log.join('\n')).toContain('unless images names repositories of one registry');
  expect(server.requests).toHaveLength(before);
  const login = { 'registry-username': 'me', 'registry-password': 'hunter22' };
  const bound = await pin(workspace, { ...login, images: `${server.host}/**` });
  expect(bound).toMatchObject({ exitCode: 0, outputs: { 'changed-files': 'Dockerfile' } });
  expect(server.requests.length).toBeGreaterThan(before);
});

test('with pull-request, one pull request has the new digests, and says that the images are not verified', async () => {
  await using api = await startGitDatabase({
    repository: 'acme/app',
    tokens: { writer: { contents: 'write', pulls: 'write' } },
  });
  const workspace = await workspaceWith({ Dockerfile: dockerfile(old) });
  const env = {
    GITHUB_API_URL: api.url.replace(/\/$/, ''),
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: api.commit('main', { Dockerfile: dockerfile(old), README: 'r' }),
  };
  for (const _ of ['opened', 'kept']) {
    const result = await pin(workspace, { 'pull-request': 'true', token: 'writer' }, env);
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { 'pull-request-url': 'https://github.com/acme/app/pull/1', 'changed-files': 'Dockerfile' },
    });
  }
  expect(api.pulls).toHaveLength(1);
  expect(api.pulls[0]).toMatchObject({ title: 'Update base images in 1 Dockerfile' });
  expect(JSON.stringify(api.pulls[0])).toContain('did not verify the images');
  const head = api.branches.get('tidegate/pin-bases') ?? '';
  expect(api.filesOf(head)).toEqual({ Dockerfile: dockerfile(current), README: 'r' });
  expect(await readFile(join(workspace, 'Dockerfile'), 'utf8')).toBe(dockerfile(old));
});
