import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from '@tidegate/runner';
import { existingLayout, newLayout } from './layout-folder.ts';

let temp = '';
const job = () => ({ temp, workspace: temp }) as unknown as Job;

async function haveLayout(name: string): Promise<string> {
  const folder = join(temp, 'tidegate', name, 'layout');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'oci-layout'), '{}');
  return folder;
}

beforeEach(async () => {
  temp = await mkdtemp(join(tmpdir(), 'layout-folder-'));
});
afterEach(async () => {
  await rm(temp, { recursive: true, force: true });
});

describe('where the layout of a job lies', () => {
  test('steps find the only image of the job without an input', async () => {
    const folder = await haveLayout('image');
    expect(await existingLayout({ layout: '', name: '' }, job())).toBe(folder);
  });

  test('with several images a step must say which one it means', async () => {
    await haveLayout('api');
    const web = await haveLayout('web');
    await expect(existingLayout({ layout: '', name: '' }, job())).rejects.toThrow(/api, web/);
    expect(await existingLayout({ layout: '', name: 'web' }, job())).toBe(web);
  });

  test('without a build before it, a step says so', async () => {
    await expect(existingLayout({ layout: '', name: '' }, job())).rejects.toThrow(/build-image made earlier/);
  });

  test('a second image of the same name is refused, not mixed with the first', async () => {
    expect(await newLayout({ layout: '', name: 'api' }, job())).toBe(join(temp, 'tidegate', 'api', 'layout'));
    await haveLayout('api');
    await expect(newLayout({ layout: '', name: 'api' }, job())).rejects.toThrow(/does not exist yet/);
  });

  test.each(['../x', 'A', '', '.hidden', 'a/b'].filter(Boolean))('the name %j is no name', async (name) => {
    await expect(newLayout({ layout: '', name }, job())).rejects.toThrow(/Input name/);
  });
});
