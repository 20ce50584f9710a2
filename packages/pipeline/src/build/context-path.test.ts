import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { contextPath } from './context-path.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'tidegate-context-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(['приложение', 'Größe', '東京 app', 'tab\there'])(
  '%j is handed over by a link with an ASCII name',
  async (name) => {
    const [context, work] = [join(folder, name), await mkdtemp(join(folder, 'work-'))];
    await mkdir(context, { recursive: true });
    const path = await contextPath(context, work);
    expect(basename(path)).toMatch(/^context-[0-9a-f]{12}$/);
    expect(await realpath(path)).toBe(context);
  },
);

test('two folders have two names, and one folder the same each time', async () => {
  const names = ['é', 'è', 'é'].map(async (name) =>
    basename(await contextPath(join(folder, name), await mkdtemp(join(folder, 'work-')))),
  );
  const [one, other, again] = await Promise.all(names);
  expect(one).toBe(again);
  expect(one).not.toBe(other);
});

test.each(['app', 'my app', '.'])('%j is taken as it is', async (name) => {
  expect(await contextPath(join(folder, name), folder)).toBe(join(folder, name));
});
