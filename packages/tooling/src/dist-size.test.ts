import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { complaintAboutSize } from './dist-size.ts';

let dist = '';
beforeEach(async () => {
  dist = await mkdtemp(join(tmpdir(), 'size-'));
});
afterEach(() => rm(dist, { recursive: true }));

async function bundle(name: string, content: string | Buffer): Promise<void> {
  await mkdir(join(dist, name));
  await writeFile(join(dist, name, 'index.js'), content);
}

test('the packed size counts, and the exact budget passes', async () => {
  await bundle('plan', 'a'.repeat(1_000_000));
  expect(await complaintAboutSize(dist, 2000)).toBeUndefined();
  expect(await complaintAboutSize(dist, 500)).toMatch(/^dist\/ takes \d{3,4} bytes .* its budget of 500 bytes\. Find /);
});

test('equal files of two actions both count, as they do in an archive', async () => {
  const content = randomBytes(100_000);
  await bundle('plan', content);
  await bundle('ship', content);
  expect(await complaintAboutSize(dist, 150_000)).toContain('takes 200');
});
