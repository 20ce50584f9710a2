import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { pemOf } from './key.ts';

let workspace = '';
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'tidegate-key-'));
});
afterAll(() => rm(workspace, { recursive: true }));

const read = (input: 'key' | 'verification-key', value: string) => pemOf(input, value, { workspace } as Job);

test('PEM text is taken as it is, and a path is read', async () => {
  await writeFile(join(workspace, 'cosign.pub'), 'the key');
  expect(await read('verification-key', '-----BEGIN PUBLIC KEY-----')).toBe('-----BEGIN PUBLIC KEY-----');
  expect(await read('verification-key', 'cosign.pub')).toBe('the key');
});

test('a public key that does not exist is named with its path, as other files of inputs are', async () => {
  await expect(read('verification-key', 'keys/cosign.pub')).rejects.toMatchObject({
    ...{ id: 'input-path-unusable', message: expect.stringContaining('got "keys/cosign.pub"') },
    next: expect.stringContaining(join(workspace, 'keys/cosign.pub')),
  });
});

test('a private key that cannot be read is not shown', async () => {
  const thrown = await read('key', 'MC4CAQAwBQYDK2Vw').catch((error: unknown) => error);
  expect(thrown).toMatchObject({ id: 'key-unreadable' });
  expect(JSON.stringify(Object.assign({}, thrown, { cause: '', said: String(thrown) }))).not.toContain('MC4CAQ');
});
