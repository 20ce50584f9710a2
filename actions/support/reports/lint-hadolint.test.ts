import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { hadolintOf } from './lint.ts';
import { reportLintBeside } from './lint-report.ts';

let folder = '';
let program = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hadolint-'));
  program = join(folder, 'hadolint');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o644 });
});
afterAll(() => rm(folder, { recursive: true }));

const jobOf = (path: string) => ({ env: { PATH: path }, workspace: '/srv/tree' }) as unknown as Job;

test('a file that cannot be executed is no hadolint', async () => {
  await chmod(program, 0o644);
  expect(await hadolintOf('auto', jobOf(folder))).toBeUndefined();
  await expect(hadolintOf(program, jobOf(''))).rejects.toThrow(/executable file/);
});

test('an executable one is found on PATH, and by its path; a folder of the workspace and a relative one are not', async () => {
  await chmod(program, 0o755);
  expect(await hadolintOf('auto', jobOf(`bin:/nowhere:${folder}`))).toBe(program);
  expect(await hadolintOf(program, jobOf(''))).toBe(program);
  expect(await hadolintOf('off', jobOf(folder))).toBeUndefined();
  expect(await hadolintOf('auto', { ...jobOf(folder), workspace: folder })).toBeUndefined();
  const link = join(folder, 'link');
  await symlink(folder, link);
  expect(await hadolintOf('auto', { ...jobOf(link), workspace: folder })).toBeUndefined();
});

test('during a build, sources without findings are not reported', async () => {
  const told: string[] = [];
  const job = {
    redacted: <T>(value: T) => value,
    log: { info: (line: string) => told.push(line) },
    summarise: async () => undefined,
  } as unknown as Job;
  const clean = { findings: [], dockerfiles: 1, others: 0, ignored: 0 } as unknown as Parameters<
    typeof reportLintBeside
  >[0];
  await reportLintBeside(undefined, 'error', job);
  await reportLintBeside(clean, 'error', job);
  expect(told).toEqual([]);
  await reportLintBeside({ ...clean, ignored: 1 } as typeof clean, 'error', job);
  expect(told).toHaveLength(1);
});
