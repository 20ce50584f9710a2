import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { foldersOf, homeOf, publicEnvironment, readEvent } from './environment.ts';

test('inputs and tokens of the runner are not in the environment of stages', () => {
  const env = publicEnvironment({
    PATH: '/bin',
    INPUT_KEY: 'k',
    'INPUT_REGISTRY-PASSWORD': 'p',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't',
    ACTIONS_RUNTIME_TOKEN: 't',
    SIGSTORE_ID_TOKEN: 't',
    ACTIONS_ID_TOKEN_REQUEST_URL: 'u',
    unset: undefined,
  });
  expect(env).toEqual({ PATH: '/bin', ACTIONS_ID_TOKEN_REQUEST_URL: 'u', HOME: userInfo().homedir });
});

describe('HOME', () => {
  test.each([['/home/u', '/home/u'], ...['', '.', 'home/u', undefined].map((given) => [given, userInfo().homedir])])(
    '%p is %p to stages and programs: what is not absolute would be found in the checkout',
    (given, home) => {
      expect(publicEnvironment({ HOME: given }).HOME).toBe(home);
      expect(foldersOf({ HOME: given }).toolCache).toBe(`${home}/.cache/tidegate/tools`);
    },
  );

  test('that is a file, or below one, is none', () => {
    const file = import.meta.filename;
    for (const HOME of [file, `${file}/deep`]) {
      expect(publicEnvironment({ HOME })).toEqual({});
      expect(foldersOf({ HOME, RUNNER_TEMP: '/t' }).toolCache).toBe('/t/tidegate/tools');
    }
  });

  test('of a user whom the system does not know is none, and what is cached is kept with the rest of the run', () => {
    const unknown = () => {
      throw new Error('uv_os_get_passwd returned ENOENT');
    };
    expect(homeOf({ HOME: '' }, unknown)).toBeUndefined();
    expect(homeOf({ HOME: '/' }, unknown)).toBe('/');
    expect(foldersOf({ RUNNER_TEMP: '/t' }, unknown).toolCache).toBe('/t/tidegate/tools');
  });
});

test("the runner's folders are absolute, and a user's cache that is not is not used", () => {
  const { temp, toolCache } = foldersOf({ RUNNER_TEMP: 'temp', RUNNER_TOOL_CACHE: 'tools' });
  expect([temp, toolCache]).toEqual([join(process.cwd(), 'temp'), join(process.cwd(), 'tools')]);
  expect(foldersOf({ XDG_CACHE_HOME: '/cache' }).toolCache).toBe('/cache/tidegate/tools');
  expect(foldersOf({ XDG_CACHE_HOME: 'cache', HOME: '/home/u' }).toolCache).toBe('/home/u/.cache/tidegate/tools');
});

test('outside a runner folders are those of the user', () => {
  expect(foldersOf({ HOME: '/home/u' })).toEqual({
    temp: tmpdir(),
    workspace: process.cwd(),
    toolCache: '/home/u/.cache/tidegate/tools',
  });
});

describe('the event', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'event-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const written = async (text: string) => {
    const path = join(folder, 'event.json');
    await writeFile(path, text);
    return readEvent({ GITHUB_EVENT_PATH: path });
  };

  test('is read from its file', async () => {
    expect(await written('{"number": 7}')).toEqual({ number: 7 });
  });
  test('is empty outside a runner', async () => {
    expect(await readEvent({})).toEqual({});
  });
  test.each([['no JSON'], ['[1]'], ['null'], ['']])('that is %j is an error that names the file', async (text) => {
    await expect(written(text)).rejects.toMatchObject({
      kind: 'bad-input',
      message: expect.stringContaining('event.json'),
    });
  });
  test('that is not there is an error', async () => {
    await expect(readEvent({ GITHUB_EVENT_PATH: join(folder, 'none') })).rejects.toMatchObject({ kind: 'bad-input' });
  });
});
