import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { addImage, scratchFolder } from '../fixture.ts';
import { ImageLayout } from './layout.ts';
import { withLock } from './lock.ts';
import { writerName, writerOf } from './writer.ts';

const base = scratchFolder('lock');
afterAll(() => rmSync(base, { recursive: true, force: true }));
let folder: string;
let count = 0;
beforeEach(() => {
  count += 1;
  folder = join(base, String(count));
  mkdirSync(folder);
});

const ours = () => writerName().split('.');
const put = (name: string) => writeFileSync(join(folder, name), '');
/** Above the highest number that Linux gives to a process. */
const nobody = () => [ours()[0], 4_194_305, 7, ours()[3]].join('.');
const elsewhere = () => ['0'.repeat(12), ...ours().slice(1)].join('.');
const recycled = () => [ours()[0], process.pid, 1, ours()[3]].join('.');

describe('a claim on a layout', () => {
  test.each([
    ['of a dead process', nobody],
    ['of a dead process whose number another has now', recycled],
  ])('%s is taken over', async (_, holder) => {
    put(`.tidegate-lock.${holder()}`);
    await expect(withLock(folder, async () => 'mine', 0)).resolves.toBe('mine');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('of another machine is taken over when it is an hour old', async () => {
    const name = join(folder, `.tidegate-lock.${elsewhere()}`);
    writeFileSync(name, '');
    utimesSync(name, 1, 1);
    await expect(withLock(folder, async () => 'mine', 0)).resolves.toBe('mine');
  });

  test.each([
    ['of a living process', writerName, `process ${process.pid}`],
    ['of another machine', elsewhere, `process ${process.pid} on another machine`],
    ['that nobody of us made', () => 'rubbish', 'owner unknown'],
  ])('%s is waited for, then reported with its owner and its file', async (_, holder, owner) => {
    const name = `.tidegate-lock.${holder()}`;
    put(name);
    await expect(withLock(folder, async () => 'mine', 20)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining(owner),
      next: expect.stringContaining(name),
    });
    expect(readdirSync(folder)).toEqual([name]);
  });

  test('is not read, so a FIFO or a folder in its place does not block', async () => {
    execFileSync('mkfifo', [join(folder, '.tidegate-lock.held')]);
    mkdirSync(join(folder, `.tidegate-lock.${nobody()}`));
    await expect(withLock(folder, async () => {}, 20)).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('goes with the work, however that ends', async () => {
    await expect(withLock(folder, () => Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('is held by one at a time, and by each of many in turn, past a dead one’s', async () => {
    put(`.tidegate-lock.${nobody()}`);
    let inside = 0;
    let most = 0;
    let done = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
      done += 1;
    };
    await Promise.all(Array.from({ length: 12 }, () => withLock(folder, work)));
    expect({ most, done, left: readdirSync(folder) }).toEqual({ most: 1, done: 12, left: [] });
  });
});

test('a writer’s name tells whether it lives', () => {
  expect(writerOf(writerName()).state).toBe('alive');
  expect(writerOf(nobody()).state).toBe('dead');
  expect(writerOf('../../x').state).toBe('unknown');
});

test('the next edit removes temporary files of dead writers, and keeps those of running ones', async () => {
  const layout = await ImageLayout.create(join(folder, 'layout'));
  const image = await addImage(layout, 'linux/amd64');
  const [dead, living] = [nobody(), writerName()];
  writeFileSync(join(layout.folder, `.tidegate-tmp.${dead}`), 'half');
  writeFileSync(join(layout.folder, `.tidegate-tmp.${living}`), 'half');
  await layout.unlist(image);
  expect(readdirSync(layout.folder).sort()).toEqual([`.tidegate-tmp.${living}`, 'blobs', 'index.json', 'oci-layout']);
});
