import { spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { killWithUs, processesNaming } from './processes.ts';

test.each(['cmdline', 'environ'] as const)(
  'a process is found by its %s, and by nothing that is not there',
  async (where) => {
    const text = where === 'cmdline' ? 'jest' : 'PATH=';
    expect(await processesNaming(text, where)).toContainEqual({
      pid: process.pid,
      line: expect.stringContaining('jest'),
    });
    expect(await processesNaming(randomUUID(), where)).toEqual([]);
  },
);

test('a process that ends takes along those that are to end with it', async () => {
  const seconds = String(1e6 + randomInt(1e6));
  const code = `
    import { spawn } from 'node:child_process';
    import { killWithUs } from ${JSON.stringify(new URL('./processes.ts', import.meta.url).href)};
    const children = [0, 1].map(() => spawn('sleep', [${JSON.stringify(seconds)}]));
    children.forEach(killWithUs);
    process.stdin.once('data', () => process.exit());
    console.log(children.length);`;
  const parent = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', code]);
  await once(parent.stdout, 'data');
  expect(await processesNaming(`sleep\0${seconds}`)).toHaveLength(2);
  parent.stdin.end('go');
  await once(parent, 'exit');
  while ((await processesNaming(`sleep\0${seconds}`)).length > 0) await wait(5);
});

test('however many are to end with us, one listener sees to it', async () => {
  const before = process.listenerCount('exit');
  const children = Array.from({ length: 12 }, () => spawn('sleep', ['100']));
  for (const child of children) killWithUs(child);
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const child of children) child.kill();
  await Promise.all(children.map((child) => once(child, 'exit')));
  expect(process.listenerCount('exit')).toBe(before);
});
