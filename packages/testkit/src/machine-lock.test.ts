import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { oneAtATime } from './machine-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'machine-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('one goes on when the other has ended, well or not', async () => {
  const seen: string[] = [];
  const step = (name: string, fails: boolean) =>
    oneAtATime(
      'build',
      async () => {
        seen.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      },
      folder,
    );
  const [first, second, third] = await Promise.allSettled([step('a', true), step('b', false), step('c', false)]);
  expect(first).toMatchObject({ status: 'rejected', reason: { message: 'a' } });
  expect([second, third]).toEqual([
    { status: 'fulfilled', value: 'b' },
    { status: 'fulfilled', value: 'c' },
  ]);
  const order = seen.filter((line) => line.endsWith('begins')).map((line) => line[0]);
  expect(seen).toEqual(order.flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('other work is not held up', async () => {
  const inner = await oneAtATime('one', () => oneAtATime('other', async () => 'done', folder), folder);
  expect(inner).toBe('done');
});

test('a process that is killed lets go', async () => {
  const script = join(folder, 'holder.mjs');
  const source = JSON.stringify(new URL('machine-lock.ts', import.meta.url).href);
  await writeFile(
    script,
    `import { oneAtATime } from ${source};
await oneAtATime('build', () => { console.log('held'); return new Promise((done) => setTimeout(done, 60_000)); }, ${JSON.stringify(folder)});
`,
  );
  const other = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script]);
  await once(other.stdout, 'data');
  const waiting = oneAtATime('build', async () => 'mine', folder);
  other.kill('SIGKILL');
  expect(await waiting).toBe('mine');
});
