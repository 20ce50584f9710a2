import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { buildOutputsOf } from './outputs.ts';

const DOCKERFILE = 'FROM scratch AS Binaries\nCOPY a /a\nFROM scratch AS docs\nCOPY b /b\nFROM docs\n';

let folder: string;
let job: Job;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'outputs-')));
  for (const name of ['workspace/full', 'workspace/empty', 'temp', 'elsewhere']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  await writeFile(join(folder, 'workspace/full/file'), '');
  await symlink(join(folder, 'elsewhere'), join(folder, 'workspace/link'));
  await symlink('/nowhere/at/all', join(folder, 'workspace/broken'));
  await symlink('empty', join(folder, 'workspace/inner'));
  job = { workspace: join(folder, 'workspace'), temp: join(folder, 'temp') } as Job;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = (lines: readonly string[], more: { platforms?: number; dockerfile?: string | undefined } = {}) =>
  buildOutputsOf(lines, { dockerfile: DOCKERFILE, platforms: 1, layout: join(folder, 'temp/layout'), ...more }, job);

test('a line names a stage, its form and its place', async () => {
  const temp = join(folder, 'temp', 'docs.tar');
  expect(
    await read([
      'target=Binaries,dest=out/bin/',
      `type=tar,target=docs,dest=${temp}`,
      'type=local,target=docs,dest=empty',
    ]),
  ).toEqual([
    {
      ...{ name: 'binaries', target: 'Binaries', type: 'local', fileName: 'bin' },
      ...{ dest: join(folder, 'workspace/out/bin'), shown: 'out/bin' },
    },
    { name: 'docs.tar', target: 'docs', type: 'tar', fileName: 'docs.tar', dest: temp, shown: temp },
    expect.objectContaining({ name: 'docs', shown: 'empty' }),
  ]);
  expect(await read([])).toEqual([]);
  expect(await read(['target=other,dest=x'], { dockerfile: undefined })).toHaveLength(1);
  expect(await read(['target=docs,dest=inner/x'])).toHaveLength(1);
});

describe('refused:', () => {
  test.each<[readonly string[], RegExp, number?]>([
    [['out'], /type=, target= and dest=, each once/],
    [['target=docs,dest=a,dest=b'], /each once/],
    [['target=docs,dest=a,tar=false'], /each once/],
    [['type=image,target=docs,dest=a'], /type=local or type=tar/],
    [['dest=a'], /target= with the name of a stage/],
    [['target=../x,dest=a'], /target= with the name of a stage/],
    [['target=docs'], /dest= with a path/],
    [['target=docs,dest=-'], /dest= with a path/],
    [['target=other,dest=a'], /got "other", expected names of stages/],
    [['target=docs,dest=.'], /inside the workspace/],
    [['target=docs,dest=../elsewhere/x'], /inside the workspace/],
    [['target=docs,dest=link/x'], /without links out of it/],
    [['target=docs,dest=link'], /without links out of it/],
    [['target=docs,dest=broken/x'], /without links out of it/],
    [['target=docs,dest=broken'], /without links out of it/],
    [['target=docs,dest=.git/x'], /inside the workspace/],
    [['target=docs,dest=full'], /a dest that does not exist/],
    [['target=docs,dest=inner'], /a dest that does not exist/],
    [['type=tar,target=docs,dest=empty'], /a dest that does not exist/],
    [['target=docs,dest=a', 'target=binaries,dest=a/b'], /a dest of its own/],
    [['target=docs,dest=a', 'target=DOCS,dest=b'], /each stage and type once/],
    [['type=tar,target=docs,dest=a'], /type=local for several platforms/, 2],
  ])('%j', async (lines, says, platforms = 1) => {
    await expect(read(lines, { platforms })).rejects.toMatchObject({
      message: expect.stringMatching(/^Input outputs: got /),
      kind: 'bad-input',
    });
    await expect(read(lines, { platforms })).rejects.toThrow(says);
  });

  test('several machines: each of them would export its own', async () => {
    const around = { platforms: 1, layout: join(folder, 'temp/layout'), hasNodes: true };
    await expect(buildOutputsOf(['target=docs,dest=a'], around, job)).rejects.toThrow(/no builder-endpoints beside it/);
    expect(await buildOutputsOf([], around, job)).toEqual([]);
  });

  test('the folder of the image itself', async () => {
    await expect(read([`target=docs,dest=${join(folder, 'temp/layout/x')}`])).rejects.toThrow(/a dest of its own/);
  });
});
