import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { scratchFolder } from '../fixture.ts';
import { writerName } from './writer.ts';

const folder = scratchFolder('lock-processes');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('four processes that start upon a dead one’s claim count to sixty without losing one', async () => {
  const [machine, , , nonce] = writerName().split('.');
  // A number above the highest that Linux gives to a process.
  writeFileSync(join(folder, `.tidegate-lock.${[machine, 4_194_305, 7, nonce].join('.')}`), '');
  const counter = join(folder, 'counter');
  writeFileSync(counter, '0');
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { withLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    for (let n = 0; n < 15; n += 1) await withLock(${JSON.stringify(folder)}, async () => {
      const now = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
      await new Promise(setImmediate);
      writeFileSync(${JSON.stringify(counter)}, String(now + 1));
    });`;
  const writers = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { PATH: process.env.PATH },
    }),
  );
  expect(await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]))).toEqual([0, 0, 0, 0]);
  expect(readFileSync(counter, 'utf8')).toBe('60');
  expect(readdirSync(folder)).toEqual(['counter']);
}, 30_000);
