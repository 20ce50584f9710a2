/** Manifests pinned to images that were signed and published; an unsigned one and a moved tag are refused. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parsePublicKey } from '@tidegate/attest';
import { Registry } from '@tidegate/oci';
import { sign } from '@tidegate/pipeline';
import { type RegistryServer, startDeploymentRecords, startGitDatabase, startRegistry } from '@tidegate/testkit';
import { silentServices } from '../support/silent.ts';
import { evidenceImage, published } from './support/evidence-image.ts';
import { type Pinning, startPinning, statesOf } from './support/pinning.ts';
import { newKeyPair } from './support/signed-image.ts';

const running = new AsyncDisposableStack();
const key = await newKeyPair();
const trust = { publicKeys: [parsePublicKey(key.publicPem)] };
let pinning: Pinning;
let server: RegistryServer;
const digests: string[] = [];

beforeAll(async () => {
  pinning = await startPinning(running);
  server = await startRegistry();
  running.defer(() => server.close());
  for (const tag of ['1', '2', 'unsigned']) {
    const repository = 'acme/app';
    const destination = `${server.host}/${repository}`;
    const target = await evidenceImage(join(pinning.folder, `layout ${tag}`), `image ${tag}`, { destination });
    const registry = new Registry({ registry: server.host, repository });
    if (tag !== 'unsigned') {
      await sign(target, { signer: key.signer, witnesses: [], trust }, silentServices());
      await published(target, registry, trust);
    } else await published(target, registry, trust);
    await registry.moveTag(target.image.root, tag);
    registry.close();
    digests.push(target.image.root.digest);
  }
}, 300_000);
afterAll(() => running.disposeAsync());

const deployment = (tag: string) =>
  `# ours\r\napiVersion: apps/v1\r\nkind: Deployment\r\nspec:\r\n  template:\r\n    spec:\r\n      containers:\r\n      - {name: a, image: "${server.host}/acme/app:${tag}"} # kept\r\n`;

const workspaceWith = (files: Readonly<Record<string, string>>) => pinning.workspaceWith(files);
const pin = (workspace: string, more: Readonly<Record<string, string>> = {}, env?: Record<string, string>) =>
  pinning.pin(workspace, { files: 'deploy', 'verification-key': key.publicPem, ...more }, env);

test('a verified digest is written, nothing else changes, and the check passes; then the tag moves', async () => {
  const text = deployment('1');
  const workspace = await workspaceWith({
    'deploy/app.yaml': text,
    'deploy/chart/Chart.yaml': 'name: a\n',
    'deploy/chart/templates/t.yaml': '{{- if .x }}\na: {{ .b }}\n{{- end }}\n',
  });
  expect(await pin(workspace, { check: 'true' })).toMatchObject({ exitCode: 1 });
  expect(await pin(workspace)).toMatchObject({ exitCode: 0, outputs: { 'changed-files': 'deploy/app.yaml' } });
  const pinned = text.replace(':1"', `:1@${digests[0]}"`);
  expect(await readFile(join(workspace, 'deploy/app.yaml'), 'utf8')).toBe(pinned);
  const checked = await pin(workspace, { check: 'true' });
  expect(checked).toMatchObject({ exitCode: 0, outputs: { 'changed-files': '' } });
  expect(checked.summary).toMatch(/^## ✅ 1 image pinned and verified/);
  expect(await pin(workspace)).toMatchObject({ exitCode: 0, outputs: { 'changed-files': '' } });

  const stale = await workspaceWith({ 'deploy/app.yaml': pinned.replace(':1@', ':2@') });
  const moved = await pin(stale, { check: 'true' });
  expect([moved.exitCode, statesOf(moved)]).toEqual([1, ['moved']]);
  expect(moved.log.join('\n')).toContain('The tag 2 points to');
  expect(await pin(stale)).toMatchObject({ exitCode: 0 });
  expect(await readFile(join(stale, 'deploy/app.yaml'), 'utf8')).toContain(`:2@${digests[1]}"`);
});

test('an image without a signature is refused, and no file is changed', async () => {
  const files = { 'deploy/a.yaml': deployment('1'), 'deploy/b.yaml': deployment('unsigned') };
  const workspace = await workspaceWith(files);
  const result = await pin(workspace);
  expect([result.exitCode, statesOf(result)]).toEqual([1, ['unpinned', 'refused']]);
  expect(result.log.join('\n')).toMatch(/TG1902|1 of 2 images cannot be pinned/);
  for (const [name, text] of Object.entries(files)) expect(await readFile(join(workspace, name), 'utf8')).toBe(text);
  // The image was found, and its missing signature is the reason.
  expect(result.log.join('\n')).toMatch(/acme\/app:unsigned {2}.*signature/);
  const forged = await workspaceWith({ 'deploy/a.yaml': deployment(`unsigned@${digests[2]}`) });
  expect(statesOf(await pin(forged, { check: 'true' }))).toEqual(['refused']);
});

test('with pull-request, the files stay and one pull request has the change', async () => {
  await using api = await startGitDatabase({
    repository: 'acme/app',
    tokens: { writer: { contents: 'write', pulls: 'write' } },
  });
  const text = deployment('1');
  const workspace = await workspaceWith({ 'deploy/app.yaml': text });
  const env = {
    GITHUB_API_URL: api.url.replace(/\/$/, ''),
    GITHUB_REPOSITORY: 'acme/app',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: api.commit('main', { 'deploy/app.yaml': text, README: 'r' }),
  };
  for (const _ of ['opened', 'kept']) {
    const result = await pin(workspace, { 'pull-request': 'true', token: 'writer' }, env);
    expect(result).toMatchObject({
      exitCode: 0,
      outputs: { 'pull-request-url': 'https://github.com/acme/app/pull/1' },
    });
  }
  expect(api.pulls).toHaveLength(1);
  expect(api.filesOf(api.branches.get('tidegate/pin-manifests') ?? '')).toEqual({
    'deploy/app.yaml': text.replace(':1"', `:1@${digests[0]}"`),
    README: 'r',
  });
  expect(await readFile(join(workspace, 'deploy/app.yaml'), 'utf8')).toBe(text);
  // The same API has no organisation.
  const pinned = await workspaceWith({ 'deploy/app.yaml': text.replace(':1"', `:1@${digests[0]}"`) });
  const record = { deployment: 'production', token: 'writer' };
  expect((await pin(pinned, record, env)).log.join('\n')).toContain('expected check: true as well');
  const recorded = await pin(pinned, { ...record, check: 'true' }, env);
  expect(recorded.exitCode).toBe(1);
  expect(recorded.log.join('\n')).toContain('GitHub did not record the deployment to production: Not Found');
});

test('with deployment, each place is recorded with the digest that was verified; an image that is refused, nowhere', async () => {
  await using api = await startDeploymentRecords({
    ...{ owner: 'acme', repositories: ['app'], tokens: { writer: 'write', reader: 'read' } },
  });
  const env = { GITHUB_API_URL: api.url.replace(/\/$/, ''), GITHUB_REPOSITORY: 'acme/app' };
  const inputs = { check: 'true', deployment: 'production', token: 'writer' };
  const at = (tag: string, digest = '') => deployment(tag).replace(`:${tag}"`, `:${tag}@${digest}"`);
  const good = { 'deploy/a.yaml': at('1', digests[0]), 'deploy/b.yaml': at('2', digests[1]) };
  const path = 'spec.template.spec.containers';
  const workspace = await workspaceWith(good);
  const refused = await pin(workspace, { ...inputs, token: 'reader' }, env);
  expect(refused.log.join('\n')).toContain('Resource not accessible by integration');
  expect(api.taken).toEqual([]);
  expect(await pin(workspace, inputs, env)).toMatchObject({ exitCode: 0 });
  const name = `${server.host}/acme/app`;
  expect(api.taken).toMatchObject([
    { name, digest: digests[0], version: '1', deployment_name: expect.stringMatching(`^deploy/a.yaml .*${path}`) },
    { name, digest: digests[1], version: '2', deployment_name: expect.stringMatching(`^deploy/b.yaml .*${path}`) },
  ]);
  for (const record of api.taken) {
    expect(record).toMatchObject({ status: 'deployed', logical_environment: 'production', github_repository: 'app' });
  }
  const recorded = [...api.taken];
  const bad = { ...good, 'deploy/c.yaml': at('unsigned', digests[2]) };
  expect(await pin(await workspaceWith(bad), inputs, env)).toMatchObject({ exitCode: 1 });
  expect(api.taken).toEqual(recorded);
  expect(api.records).toHaveLength(2);
});
