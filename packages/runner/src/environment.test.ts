import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { foldersOf, publicEnvironment, readEvent } from './environment.ts';

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
  expect(env).toEqual({ PATH: '/bin', ACTIONS_ID_TOKEN_REQUEST_URL: 'u' });
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
      code: 'bad-input',
      message: expect.stringContaining('event.json'),
    });
  });
  test('that is not there is an error', async () => {
    await expect(readEvent({ GITHUB_EVENT_PATH: join(folder, 'none') })).rejects.toMatchObject({ code: 'bad-input' });
  });
});
