import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { programPath } from './program-path.ts';

let base: string;
let workspace: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'tidegate-programs-'));
  workspace = join(base, 'workspace');
  await mkdir(join(workspace, 'tools'), { recursive: true });
  await mkdir(join(base, 'workspace-tools'));
  await symlink(join(workspace, 'tools'), join(base, 'link'));
  await symlink(base, join(base, 'round'));
  await symlink(workspace, join(base, 'linked-workspace'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

test.each([
  ['a relative path', 'tools'],
  ['a path with dots', './tools'],
  ['a path that leads out and in again', '../workspace/tools'],
  ['the workspace', 'WORKSPACE'],
  ['a folder of it', 'WORKSPACE/tools'],
  ['a folder of it, with dots', 'BASE/workspace-tools/../workspace/tools'],
  ['a link into it', 'BASE/link'],
  ['a way through a link', 'BASE/round/workspace/tools'],
  ['a folder of it that is not there', 'WORKSPACE/none'],
])('%s is refused', async (_, path) => {
  const given = path.replace('WORKSPACE', workspace).replace('BASE', base);
  await expect(programPath('tools', given, { workspace })).rejects.toMatchObject({
    kind: 'bad-input',
    message: expect.stringContaining('an absolute path outside of the workspace'),
  });
});

test('a folder of a workspace that is named by a link is refused', async () => {
  const given = join(workspace, 'tools');
  await expect(programPath('tools', given, { workspace: join(base, 'linked-workspace') })).rejects.toMatchObject({
    kind: 'bad-input',
  });
});

test.each(['BASE/workspace-tools', 'BASE/none', '/opt/tidegate'])('%s is accepted', async (path) => {
  const given = path.replace('BASE', base);
  expect(await programPath('tools', given, { workspace })).toBe(given);
});
