import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ArtifactService, startArtifactService } from './artifacts.ts';

let service: ArtifactService;
beforeAll(async () => {
  service = await startArtifactService();
});
afterAll(async () => service[Symbol.asyncDispose]());

async function call(run: string, method: string, body: object) {
  const response = await fetch(`${service.url}twirp/github.actions.results.api.v1.ArtifactService/${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${service.token(run, 'job')}` },
    body: JSON.stringify({ workflow_run_backend_id: run, workflow_job_run_backend_id: 'job', ...body }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const put = (url: unknown, query: string, body: string) =>
  fetch(`${url}${query}`, { method: 'PUT', body }).then((response) => response.status);
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const block = (id: string) => Buffer.from(id).toString('base64');

async function upload(run: string, name: string, content: string): Promise<string> {
  const { body } = await call(run, 'CreateArtifact', { name });
  const [head, tail] = [content.slice(0, 3), content.slice(3)];
  // Blocks arrive in any order; the list defines their order.
  expect(await put(body.signed_upload_url, `&comp=block&blockid=${encodeURIComponent(block('b'))}`, tail)).toBe(201);
  expect(await put(body.signed_upload_url, `&comp=block&blockid=${encodeURIComponent(block('a'))}`, head)).toBe(201);
  const list = `<BlockList><Latest>${block('a')}</Latest><Latest>${block('b')}</Latest></BlockList>`;
  expect(await put(body.signed_upload_url, '&comp=blocklist', list)).toBe(201);
  const end = { name, size: String(content.length), hash: sha256(content) };
  expect((await call(run, 'FinalizeArtifact', end)).body).toMatchObject({ ok: true });
  return String(body.signed_upload_url);
}

async function download(run: string, name: string): Promise<string> {
  const { body } = await call(run, 'GetSignedArtifactURL', { name });
  return (await fetch(String(body.signed_url))).text();
}

describe('the artifact service', () => {
  test('gives back what was uploaded in blocks', async () => {
    await upload('run-1', 'layout', 'content');
    expect(await download('run-1', 'layout')).toBe('content');
  });

  test('takes a name once in a run', async () => {
    await upload('run-2', 'layout', 'content');
    expect((await call('run-2', 'CreateArtifact', { name: 'layout' })).status).toBe(409);
    await upload('run-3', 'layout', 'other');
    expect(await download('run-2', 'layout')).toBe('content');
  });

  test('changes nothing that is final, even by the URL it was uploaded to', async () => {
    const url = await upload('run-4', 'layout', 'content');
    expect(await put(url, '&comp=blocklist', '<BlockList></BlockList>')).toBe(403);
    expect(await download('run-4', 'layout')).toBe('content');
  });

  test('finalizes only what was uploaded', async () => {
    const { body } = await call('run-5', 'CreateArtifact', { name: 'layout' });
    expect(await put(body.signed_upload_url, '', 'content')).toBe(201);
    const end = { name: 'layout', size: '7', hash: sha256('another') };
    expect((await call('run-5', 'FinalizeArtifact', end)).status).toBe(400);
  });

  test('lists and opens a run to its own tokens only', async () => {
    await upload('run-6', 'layout', 'content');
    expect((await call('run-7', 'ListArtifacts', {})).body).toEqual({ artifacts: [] });
    expect((await call('run-7', 'ListArtifacts', { workflow_run_backend_id: 'run-6' })).status).toBe(401);
    expect((await call('run-7', 'GetSignedArtifactURL', { name: 'layout' })).status).toBe(404);
  });

  test('a name that is deleted and taken again has another id', async () => {
    await upload('run-8', 'layout', 'content');
    const before = await call('run-8', 'ListArtifacts', { name_filter: 'layout' });
    await call('run-8', 'DeleteArtifact', { name: 'layout' });
    await upload('run-8', 'layout', 'forged');
    const after = await call('run-8', 'ListArtifacts', { name_filter: 'layout' });
    const id = ({ body }: typeof after) => (body.artifacts as { database_id: string }[])[0]?.database_id;
    expect(id(after)).not.toBe(id(before));
    expect((await call('run-8', 'ListArtifacts', { id_filter: id(before) })).body).toEqual({ artifacts: [] });
  });

  test('serves the bytes a test puts in place of those that were uploaded', async () => {
    await upload('run-9', 'layout', 'content');
    const stored = service.artifacts().find((artifact) => artifact.run === 'run-9');
    const forged = `${stored?.file}.forged`;
    await writeFile(forged, 'forged');
    await service.replace(stored?.id ?? 0, forged);
    expect(await download('run-9', 'layout')).toBe('forged');
  });
});
